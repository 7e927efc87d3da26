import { lowerFirst } from '../lib/text.ts';
import type { JobPage } from '../openfunnel/wire.ts';
import { expectedPages, expectedRows, type JobState, promised, toJobState } from './state.ts';
import { type ReadCall, type WalkEnd, walkPages } from './walk.ts';
import { pageWord, quotesUpstream, statusWord } from './words.ts';

/** What became of reading a job, and whether it is the whole of it. */
export interface Reading extends WalkEnd {
  state: JobState;
  /** The status was final, and every page that upstream promised was read and fits together with the others. */
  whole: boolean;
  /** The first reason why not, in words, or null. */
  why: string | null;
  /** What the reader has to know of the result, be it whole or not. */
  notices: string[];
  /** Any of it quotes upstream. */
  quotesUpstream: boolean;
}

/** Pages that disagree, named one by one. */
const MAX_NAMED = 5;

/**
 * The one way to read a job, or what there is of one that has not ended: follows its pages and holds what was read
 * against all that upstream said of it (contract: the rule, "manifest"). @param first The answer that told its state,
 * with the first page.
 * @throws the signal's reason when it aborts, and what `onPage` throws.
 */
export async function readPages(jobId: string, first: JobPage, call: ReadCall): Promise<Reading> {
  const state = toJobState(jobId, first);
  const end = await walkPages(jobId, first, call);
  call.signal.throwIfAborted();
  // What could not be read is all that the next reading has to ask for; what contradicts itself is read anew.
  if (end.missing.length === 0 || end.broken !== null) call.held.clear();
  const why = whyNotWhole(state, end);
  const notices = noticesOf(state, end);
  const quotes = quotesUpstream([why, ...notices, ...end.missing.map(({ reason }) => reason)]);
  return { ...end, state, whole: why === null, why, notices, quotesUpstream: quotes };
}

function whyNotWhole(state: JobState, end: WalkEnd): string | null {
  if (!state.results_final) return `the job is not final (status ${statusWord(state.status)})`;
  const [missing] = end.missing;
  if (missing) return `page ${pageWord(missing.page)} could not be read: ${missing.reason}`;
  const expected = expectedRows(state);
  if (expected !== null && end.rows < expected.rows)
    return `${lowerFirst(expected.said)} ${expected.rows} companies, ${end.rows} could be read`;
  const pages = expectedPages(state);
  if (pages !== null && end.pages.length < pages)
    return `the manifest promises ${pages} pages, ${end.pages.length} could be read`;
  const credits = promised(state, 'credits_consumed');
  if (credits !== null && Math.floor(credits) > end.rows)
    return `${credits} credits were consumed for ${end.rows} companies`;
  if (end.contradiction !== null) return end.contradiction;
  // Without a total to hold them against, pages that don't match their own count leave a doubt.
  const [oddity] = end.oddities;
  if (promised(state, 'count') === null && oddity !== undefined) return oddity;
  return claimsPartial(state) ? 'the manifest of the completed job calls its result partial' : null;
}

/** Of a cancelled job that is the rule; of a completed one it is a contradiction. */
function claimsPartial({ status, manifest }: JobState): boolean {
  return status === 'completed' && manifest?.partial === true;
}

/** How upstream's manifest gives nothing, or less than it seems, to hold the result against, in words, or null. */
function unusableTotals(state: JobState): string | null {
  const { manifest } = state;
  if (manifest === null) return 'Upstream sent no manifest';
  const bad = TOTALS.filter((field) => (manifest[field] ?? null) !== null && promised(state, field) === null);
  if (bad.length > 0) return `Upstream's manifest has no usable number as its ${bad.join(', ')}`;
  const none = TOTALS.every((field) => promised(state, field) === null);
  return none ? "Upstream's manifest has no totals" : null;
}

/** What a result is held against (contract, "manifest"). */
const TOTALS = ['count', 'pages', 'credits_consumed'];

function noticesOf(state: JobState, end: WalkEnd): string[] {
  const notices: string[] = [];
  const expected = expectedRows(state);
  const unusable = state.results_final ? unusableTotals(state) : null;
  if (unusable !== null) notices.push(`${unusable}, so the totals could not be cross-checked with it.`);
  const pages = expectedPages(state);
  const read = end.missing.length === 0 ? 'the pages read to the last cursor' : 'what could be read';
  if (pages !== null && pages !== end.pages.length) {
    notices.push(`The manifest promises ${pages} pages; ${read}: ${end.pages.length}.`);
  }
  const measured = state.results_final || promised(state, 'count') !== null;
  if (measured && expected !== null && expected.rows !== end.rows) {
    notices.push(`${expected.said} ${expected.rows} companies; ${read}: ${end.rows}.`);
  }
  const credits = promised(state, 'credits_consumed');
  if (credits !== null && Math.floor(credits) > end.rows) {
    notices.push(`${credits} credits were consumed, more than the ${end.rows} companies that could be read.`);
  }
  if (claimsPartial(state)) notices.push('The manifest calls the result of this completed job partial.');
  if (end.contradiction !== null) notices.push(`Upstream contradicts itself: ${end.contradiction}.`);
  if (end.overlaps.length > 0) {
    const rows = end.overlaps.reduce((sum, overlap) => sum + overlap.rows, 0);
    const named = end.overlaps
      .slice(0, MAX_NAMED)
      .map((overlap) => `${pageWord(overlap.page)} ${overlap.rows}`)
      .join(', ');
    notices.push(
      `DOUBT: ${rows} rows stand on more than one page, unchanged (${named}${end.overlaps.length > MAX_NAMED ? ' …' : ''}): OpenFunnel's pages overlap, so others may be missing.`,
    );
  }
  if (end.oddities.length > 0) {
    const named = end.oddities.slice(0, MAX_NAMED).join('; ');
    notices.push(
      `Pages that disagree with themselves: ${named}${end.oddities.length > MAX_NAMED ? ' …' : ''}.`,
    );
  }
  return notices;
}
