import type { Mark, Marking } from '../../disk/marks.ts';
import { OpenFunnelError } from '../../lib/errors.ts';
import type { Verdict } from '../../lib/verdicts.ts';
import type { Call } from '../collected-list.ts';
import { isSameMark, type MarkingParts, markCompanies } from '../marking.ts';

type RowMarks = Map<number, Mark | undefined>;

/** What of a call's marks is needed to take them back: the marks before and after it, undefined for none. */
interface Done {
  jobId: string;
  before: RowMarks;
  after: RowMarks;
}

/** Calls that can be taken back; the oldest are forgotten first. */
const MOST_CALLS = 200;

/** The user's own marks, made in the table: each call once, and each can be taken back as one. */
export class TableMarks {
  readonly #parts: MarkingParts;
  readonly #calls = new Map<string, Promise<Done>>();

  constructor(parts: MarkingParts) {
    this.#parts = parts;
  }

  /**
   * Marks rows as the user's; `confirm` makes the model's verdicts on them the user's, with what they hold.
   * @param id Names the call: the same one again, after or while an answer was lost, marks nothing twice.
   * @returns How many rows were marked.
   */
  async mark(
    jobId: string,
    id: string,
    marked: Pick<Marking, 'rows' | 'of_one_kind'>,
    verdict: Verdict | 'clear' | 'confirm',
    call: Call,
  ): Promise<number> {
    const made = this.#calls.get(id) ?? this.#mark(jobId, marked, verdict, call);
    this.#calls.set(id, made);
    const [oldest = id] = this.#calls.keys();
    if (this.#calls.size > MOST_CALLS) this.#calls.delete(oldest);
    try {
      return (await made).before.size;
    } catch (error) {
      this.#calls.delete(id);
      throw error;
    }
  }

  /**
   * Takes a call of `mark` back: its rows get the marks that they had, but for those marked by somebody since.
   * @returns How many rows that were; the same call again takes nothing back.
   * @throws {OpenFunnelError} `conflict` where it is not known any more.
   */
  async undo(jobId: string, id: string, call: Call): Promise<number> {
    const done = await this.#calls.get(id);
    if (!done || done.jobId !== jobId) {
      throw new OpenFunnelError(
        'conflict',
        'These marks were made too long ago to be taken back as one: change them in the table. Nothing was changed.',
      );
    }
    const now = await this.#parts.marks.of(jobId);
    const markings = [...done.before].flatMap(([row, before]): Marking[] => {
      if (!isSameMark(now.get(row), done.after.get(row))) return [];
      return [before ? { ...before, rows: [row] } : { rows: [row], verdict: 'clear' }];
    });
    if (markings.length > 0) await markCompanies(this.#parts, jobId, markings, call);
    done.before = new Map();
    return markings.length;
  }

  async #mark(
    jobId: string,
    given: Pick<Marking, 'rows' | 'of_one_kind'>,
    verdict: Verdict | 'clear' | 'confirm',
    call: Call,
  ): Promise<Done> {
    const { marks } = this.#parts;
    const now = await marks.of(jobId);
    const markings =
      verdict === 'confirm' ? confirmed(now, given.rows) : [{ ...given, verdict, by: 'user' as const }];
    const rows = markings.flatMap((marking) => marking.rows);
    const those = (all: ReadonlyMap<number, Mark>) => new Map(rows.map((row) => [row, all.get(row)]));
    const before = those(now);
    if (rows.length > 0) await markCompanies(this.#parts, jobId, markings, call);
    return { jobId, before, after: those(await marks.of(jobId)) };
  }
}

/** The model's marks on these rows as the user's; rows with the same mark as one, so that thousands stay a short record. */
function confirmed(marks: ReadonlyMap<number, Mark>, rows: readonly number[]): Marking[] {
  const alike = new Map<string, Marking & { rows: number[] }>();
  for (const row of rows) {
    const mark = marks.get(row);
    if (mark?.by !== 'model') continue;
    const { marked_at: _, ...what } = mark;
    const key = JSON.stringify(what);
    const one = alike.get(key) ?? { ...what, rows: [], by: 'user' as const };
    one.rows.push(row);
    alike.set(key, one);
  }
  return [...alike.values()];
}
