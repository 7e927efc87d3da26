import { CUT_MARK, cleanAndCut, cleanRecord, oneLine } from '../lib/text.ts';
import { estimateTokens } from '../lib/tokens.ts';
import { isFinal, isTerminal, type JobPage, toCount } from '../openfunnel/wire.ts';
import { STAGES, statusWord } from './job-words.ts';

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

/** The state that an answer carries. */
export function toJobState(
  jobId: string,
  page: Pick<JobPage, 'status' | 'processed' | 'progress_message' | 'manifest' | 'error_message'>,
): JobState {
  const { status } = page;
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

/** A whole number that the manifest of a state or page promises (`count`, `pages` …), or null. */
export function promised({ manifest }: Pick<JobState, 'manifest'>, field: string): number | null {
  return toCount(manifest?.[field]);
}

/** Companies that a running job has found by now, `readable` of them to be read: about what a cancel would cost. */
export function foundSoFar({ processed }: Pick<JobState, 'processed'>, readable: number): number {
  return Math.max(processed ?? 0, readable);
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

/** A few words about where the job is, such as "qualifying companies: 240 of 600". */
export function describeProgress(state: JobState, total: number | null): string {
  const { stage, status, processed } = state;
  const words = stage !== null && STAGES.has(stage) ? stage.replace('_', ' ') : statusWord(status);
  if (processed === null) return words;
  return `${words}: ${processed}${total === null ? '' : ` of ${total}`}`;
}
