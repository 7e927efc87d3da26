import { CUT_MARK, cleanAndCut, cleanRecord, oneLine } from '../lib/text.ts';
import { estimateTokens } from '../lib/tokens.ts';
import { isKnownStatus, type JobPage, toCount } from '../openfunnel/wire.ts';
import { statusWord } from './words.ts';

/** A job as every result about it shows it. All text is cleaned; `manifest` is as upstream sent it. */
export interface JobState {
  job_id: string;
  status: string;
  /** Completed, failed or cancelled. A status that we don't know is not terminal. */
  terminal: boolean;
  /** Completed or cancelled: no row will be added or changed. */
  results_final: boolean;
  processed: number | null;
  stage: string | null;
  manifest: Record<string, unknown> | null;
  error_message: string | null;
}

/**
 * The rule this product exists for: completion is read from `status`, never from `next_cursor`
 * (contract, "status and one page").
 */
export function isTerminal(status: string): boolean {
  return status === 'completed' || status === 'failed' || status === 'cancelled';
}

/** Whether the rows that can be read are all there will ever be, unchanged. */
export function isFinal(status: string): boolean {
  return status === 'completed' || status === 'cancelled';
}

/** A status as upstream words it, on one line. */
export function shownStatus(status: string): string {
  return oneLine(status, 60);
}

/** The state that a page's answer carries. */
export function toJobState(jobId: string, page: JobPage): JobState {
  const status = shownStatus(page.status);
  return {
    job_id: jobId,
    status,
    terminal: isTerminal(status),
    results_final: isFinal(status),
    processed: page.processed,
    stage: oneLine(page.progress_message ?? '', 100) || null,
    manifest: page.manifest === null ? null : shownManifest(page.manifest),
    error_message: cleanAndCut(page.error_message ?? '', 600).trim() || null,
  };
}

/** A manifest as seen costs some 150 tokens; whatever upstream puts into it, it does not crowd out the rest. */
const MANIFEST_TOKENS = 1_200;
const LIST_ITEMS = 20;
/** What a job is checked against is never cut. */
const CHECKED: ReadonlySet<string> = new Set(['count', 'pages', 'page_size', 'credits_consumed', 'partial']);

/** The manifest, cleaned; one that is too large loses its largest parts, each with a mark in its place. */
function shownManifest(manifest: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const clean = cleanRecord(manifest, 300);
  const cost = (value: unknown) => estimateTokens(JSON.stringify(value));
  if (cost(clean) <= MANIFEST_TOKENS) return clean;
  const entries = Object.entries(clean).sort(([a], [b]) => Number(CHECKED.has(b)) - Number(CHECKED.has(a)));
  const shown: Record<string, unknown> = {};
  let left = MANIFEST_TOKENS;
  for (const [key, value] of entries) {
    const short =
      Array.isArray(value) && value.length > LIST_ITEMS ? [...value.slice(0, LIST_ITEMS), CUT_MARK] : value;
    const fitting = [short, CUT_MARK].find((each) => cost({ [key]: each }) <= left);
    if (fitting === undefined) continue;
    shown[key] = fitting;
    left -= cost({ [key]: fitting });
  }
  return shown;
}

/** Longest cursor and page name that are shown and taken. Characters. */
export const MAX_CURSOR = 300;

/** Where upstream says that the next page is, as it can be shown; null where it says nothing. */
export function shownCursor(cursor: string | null): string | null {
  return cursor === null ? null : oneLine(cursor, MAX_CURSOR);
}

/** A whole number that the manifest of a state or page promises (`count`, `pages` …), or null. */
export function promised({ manifest }: Pick<JobState, 'manifest'>, field: string): number | null {
  return toCount(manifest?.[field]);
}

/** How many companies upstream says a job has, and which of its words that is; null where it says nothing. */
export function expectedRows(
  state: Pick<JobState, 'manifest' | 'processed'>,
): { rows: number; said: string } | null {
  const count = promised(state, 'count');
  if (count !== null) return { rows: count, said: 'The manifest promises' };
  const credits = promised(state, 'credits_consumed');
  // One credit a company; a part of one stands for none.
  if (credits !== null) return { rows: Math.floor(credits), said: 'By the credits consumed there are' };
  return state.processed === null ? null : { rows: state.processed, said: 'OpenFunnel has processed' };
}

/** How many pages upstream says a job has, or null. */
export function expectedPages(state: Pick<JobState, 'manifest'>): number | null {
  const pages = promised(state, 'pages');
  if (pages !== null) return pages;
  const count = promised(state, 'count');
  const size = promised(state, 'page_size');
  return count === null || size === null || size < 1 ? null : Math.ceil(count / size);
}

/**
 * Whose fault a failed job is by what OpenFunnel said of it; null where it said nothing. What does not speak of
 * the search is a fault on OpenFunnel's side.
 */
export function faultOf({
  error_message: said,
}: Pick<JobState, 'error_message'>): 'openfunnel' | 'search' | null {
  if (said === null) return null;
  return ABOUT_THE_SEARCH.test(said) && !ABOUT_OPENFUNNEL.test(said) ? 'search' : 'openfunnel';
}

/** Words of a failure that the search itself brought about. */
const ABOUT_THE_SEARCH =
  /\b(?:seed|domain|query|filter|invalid|credit|limit|unresolved|not found|no compan|no match|unsupported|permission)/i;
/** Words of one that it did not, whatever else is said. */
const ABOUT_OPENFUNNEL =
  /\b(?:internal (?:server )?error|server error|unavailable|time[d -]?out|overload|temporar|rate limit|try again)/i;

/**
 * What to call next, made of our words and the job id alone.
 *
 * @param delivered Whether a failed job has companies to read; null where only its state is known.
 */
export function nextStep(state: JobState, delivered: boolean | null = null): string {
  const id = JSON.stringify(state.job_id);
  if (state.status === 'failed') {
    const said = delivered ?? (state.processed === 0 || promised(state, 'count') === 0 ? false : null);
    const read =
      said === false
        ? 'The job failed and delivered no companies.'
        : said
          ? `The job failed; get_bulk_page {"job_id": ${id}} reads what was delivered before that.`
          : `The job failed; get_bulk_page {"job_id": ${id}} reads what was delivered before that, if anything was.`;
    return `${read} ${AFTER_FAULT[faultOf(state) ?? 'unknown']}`;
  }
  if (state.results_final) {
    return `Call wait_and_collect {"job_id": ${id}} for the summary of all pages, or get_bulk_page {"job_id": ${id}} for the rows.`;
  }
  if (!isKnownStatus(state.status)) {
    return `This server does not know that status, so it is not taken for the end: look again later with get_bulk_status {"job_id": ${id}}, and tell the user if it stays; do not submit again.`;
  }
  return `Call wait_and_collect {"job_id": ${id}} to wait for the end; do not submit again.`;
}

const AFTER_FAULT = {
  openfunnel:
    'What OpenFunnel said points to its own side: the same search can be tried again later, with the user’s consent (a new job, billed anew).',
  search: 'Correct the search, and submit it with the user’s consent (a new job, billed anew).',
  unknown:
    'OpenFunnel did not say why: tell the user; trying again is a new job, billed anew, and needs their consent.',
};

const STAGES: Readonly<Record<string, string>> = {
  retrieving_companies: 'retrieving companies',
  qualifying_companies: 'qualifying companies',
  reranking_companies: 'reranking companies',
};

/** A few words about where the job is, such as "qualifying companies: 240 of 600". */
export function describeProgress(state: JobState, total: number | null): string {
  const stage = (state.stage !== null && STAGES[state.stage]) || statusWord(state.status);
  if (state.processed === null) return stage;
  return `${stage}: ${state.processed}${total === null ? '' : ` of ${total}`}`;
}
