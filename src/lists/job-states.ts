import { OpenFunnelError, orFailure } from '../lib/errors.ts';
import { counted } from '../lib/text.ts';
import type { PageSource } from '../openfunnel/client.ts';
import { FIRST_PAGE, isKnownStatus, isTerminal, type JobPage } from '../openfunnel/wire.ts';
import { pageWord, statusWord } from '../reading/job-words.ts';
import { firstOf } from '../reading/pages.ts';
import { pageNumber } from '../reading/read-ahead.ts';
import { type JobState, promised, toJobState } from '../reading/state.ts';
import type { Ledger } from '../spending/ledger.ts';
import type { CollectedLists } from './collected.ts';
import type { Call } from './collected-list.ts';
import { type CompanyRow, fieldsOf, rowsOfList } from './selecting/fields.ts';

/** A page of a job, be it read page by page or a part of its list. */
export interface PageNow {
  state: JobState;
  name: string;
  companies: readonly CompanyRow[];
  /** Number of its first row in the whole list, from 1. */
  firstRow: number;
  /** Whether that number is sure. */
  numbers: 'exact' | 'expected';
  next: string | null;
  /** The answer of upstream that it came with; null where it is a part of a list. */
  upstream: JobPage | null;
  /** Why that is not the whole of what the job delivered, in words, or null. */
  why: string | null;
  notices: string[];
}

export interface JobStatesParts {
  source: PageSource;
  lists: CollectedLists;
  ledger: Pick<Ledger, 'find'>;
}

/** Pages read at one look to find how many rows there are; the next look goes on from there. */
const PAGES_A_LOOK = 5;
/** Rows a page where nothing else is known (contract, "status and one page"). */
const PAGE_SIZE = 100;

/** Looks at jobs: at those that run by asking upstream, at those that have ended in their lists. */
export class JobStates {
  readonly #parts: JobStatesParts;
  /** Of running jobs, the page that was the last one, and the rows before it. */
  readonly #walks = new Map<string, { before: number; cursor: string | undefined }>();

  constructor(parts: JobStatesParts) {
    this.#parts = parts;
  }

  /**
   * Where a job stands as upstream has it; where upstream can't be asked or does not know the job any more, as its list
   * has it. `delivered`: whether there are companies to read.
   */
  async now(jobId: string, { signal }: Call) {
    const { source, lists } = this.#parts;
    const page = await orFailure(source.getPage(jobId, undefined, signal), signal);
    if (!(page instanceof OpenFunnelError)) {
      await lists.compare(jobId, page, signal);
      const state = toJobState(jobId, page);
      if (state.terminal) this.#walks.delete(jobId);
      const delivered = page.rows.length > 0 || page.next_cursor !== null;
      return { state, delivered, notices: await this.aboutStatus(state) };
    }
    if (page.code === 'not_found') await lists.compare(jobId, 'gone', signal);
    const list = await lists.kept(jobId, signal);
    if (!list) throw page;
    const notices = [...list.notices];
    if (page.code !== 'not_found') notices.push(`OpenFunnel could not be asked (${page.code}).`);
    return { state: list.state, delivered: list.about.companies > 0, notices };
  }

  /** The same for who looks again and again: of a job whose list is kept nothing is asked. */
  async seen(jobId: string, call: Call): Promise<Pick<PageNow, 'state' | 'notices'>> {
    const list = await this.#parts.lists.kept(jobId, call.signal);
    return list ? { state: list.state, notices: [] } : this.now(jobId, call);
  }

  /** Rows of a running job that can be read now, at least, by a few requests; what can't be now counts at the next look. */
  async readable(jobId: string, { signal }: Call): Promise<number> {
    const walk = this.#walks.get(jobId) ?? { before: 0, cursor: undefined };
    this.#walks.set(jobId, walk);
    let rows = walk.before;
    for (let pages = 0; pages < PAGES_A_LOOK; pages += 1) {
      const page = await orFailure(this.#parts.source.getPage(jobId, walk.cursor, signal), signal);
      if (page instanceof OpenFunnelError) break;
      rows = walk.before + page.rows.length;
      // The last page there is may still grow: it is read again.
      if (page.next_cursor === null || page.rows.length === 0) break;
      walk.before = rows;
      walk.cursor = page.next_cursor;
    }
    return rows;
  }

  /** One page of a job; the first without a cursor. */
  async page(jobId: string, cursor: string | undefined, call: Call): Promise<PageNow> {
    const { lists, source } = this.#parts;
    const ask = (at: string | undefined) => source.getPage(jobId, at, call.signal);
    const first = (await lists.isKept(jobId)) ? undefined : await ask(undefined);
    if (first && !isTerminal(first.status))
      return this.#provisional(jobId, cursor === undefined ? first : await ask(cursor), cursor);
    const list = await lists.get(jobId, { ...call, first });
    const { pages, whole, why } = list.about;
    const at = cursor === undefined ? 0 : pages.findIndex(({ name }) => name === cursor);
    const found = pages[at];
    if (!found && cursor !== undefined) {
      // A page that could not be read with the others may be there now; one that no list has, is not.
      if (whole)
        throw new OpenFunnelError(
          'not_found',
          `The job has ${counted(pages.length, 'page')}, and none is ${JSON.stringify(cursor.slice(0, 100))}. Use next_cursor as a result gave it, or no cursor for the first page.`,
        );
      return { ...(await this.#provisional(jobId, await ask(cursor), cursor)), why };
    }
    const { name = FIRST_PAGE, first_row: firstRow = 1, rows: count = 0 } = found ?? {};
    const missing = list.reading?.missing.map(({ page }) => pageWord(page)) ?? [];
    const passed = `next_cursor passes over pages that could not be read: ${firstOf(missing)}.`;
    const numbers = Array.from({ length: count }, (_, index) => firstRow + index);
    const rows = await rowsOfList(list, numbers, call);
    return {
      state: list.state,
      name,
      companies: rows.map(({ company }) => company),
      firstRow,
      numbers: missing.length === 0 ? 'exact' : 'expected',
      next: pages[at + 1]?.name ?? null,
      upstream: null,
      why,
      notices: missing.length === 0 ? list.notices : [...list.notices, passed],
    };
  }

  /** What the reader has to know of a status that is not documented. */
  async aboutStatus({ job_id, status }: Pick<JobState, 'job_id' | 'status'>): Promise<string[]> {
    if (isKnownStatus(status)) return [];
    const last = await this.#parts.ledger.find(job_id);
    const known =
      last && isKnownStatus(last.status)
        ? `Last known: ${statusWord(last.status)}${last.processed === null ? '' : `, ${last.processed} processed`}, seen ${last.checked_at}.`
        : 'Nothing was known of it before.';
    return [`The job's status is UNKNOWN to this server, so it is not taken for the end. ${known}`];
  }

  async #provisional(jobId: string, page: JobPage, cursor: string | undefined): Promise<PageNow> {
    const state = toJobState(jobId, page);
    const name = page.page ?? cursor ?? FIRST_PAGE;
    const size = promised(page, 'page_size') ?? PAGE_SIZE;
    return {
      state,
      name,
      companies: page.rows.map(fieldsOf),
      firstRow: cursor === undefined ? 1 : (pageNumber(name) ?? 0) * size + 1,
      numbers: 'expected',
      next: page.next_cursor,
      upstream: page,
      why: null,
      notices: await this.aboutStatus(state),
    };
  }
}
