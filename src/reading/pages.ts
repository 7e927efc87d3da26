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
  const { why, notices } = judged(state, end);
  const quotes = quotesUpstream([why, ...notices, ...end.missing.map(({ reason }) => reason)]);
  return { ...end, state, whole: why === null, why, notices, quotesUpstream: quotes };
}

/** What a result is held against (contract, "manifest"). */
const TOTALS = ['count', 'pages', 'credits_consumed'];

/** The first reason why what was read is not the whole, or null, and what the reader has to know of it, in words. */
function judged(state: JobState, end: WalkEnd): Pick<Reading, 'why' | 'notices'> {
  const { status, results_final, manifest } = state;
  const { rows, oddities, overlaps, contradiction } = end;
  const read = end.pages.length;
  const [missing] = end.missing;
  const expected = expectedRows(state);
  const pages = expectedPages(state);
  const count = promised(state, 'count');
  const credits = promised(state, 'credits_consumed');
  const overcharged = credits !== null && Math.floor(credits) > rows;
  // Of a cancelled job that is the rule; of a completed one it is a contradiction.
  const claimsPartial = status === 'completed' && manifest?.partial === true;
  const unusable = results_final ? unusableTotals(state) : null;
  const overlapping = overlaps.reduce((sum, overlap) => sum + overlap.rows, 0);
  const what = missing === undefined ? 'the pages read to the last cursor' : 'what could be read';
  const reasons = [
    !results_final && `the job is not final (status ${statusWord(status)})`,
    missing && `page ${pageWord(missing.page)} could not be read: ${missing.reason}`,
    expected &&
      rows < expected.rows &&
      `${lowerFirst(expected.said)} ${expected.rows} companies, ${rows} could be read`,
    pages !== null && read < pages && `the manifest promises ${pages} pages, ${read} could be read`,
    overcharged && `${credits} credits were consumed for ${rows} companies`,
    contradiction,
    // Without a total to hold them against, pages that don't match their own count leave a doubt.
    count === null && oddities[0],
    claimsPartial && 'the manifest of the completed job calls its result partial',
  ];
  const notices = [
    unusable && `${unusable}, so the totals could not be cross-checked with it.`,
    pages !== null && pages !== read && `The manifest promises ${pages} pages; ${what}: ${read}.`,
    (results_final || count !== null) &&
      expected &&
      expected.rows !== rows &&
      `${expected.said} ${expected.rows} companies; ${what}: ${rows}.`,
    overcharged && `${credits} credits were consumed, more than the ${rows} companies that could be read.`,
    claimsPartial && 'The manifest calls the result of this completed job partial.',
    contradiction && `Upstream contradicts itself: ${contradiction}.`,
    overlaps.length > 0 &&
      `DOUBT: ${overlapping} rows stand on more than one page, unchanged (${firstOf(overlaps.map((each) => `${pageWord(each.page)} ${each.rows}`))}): OpenFunnel's pages overlap, so others may be missing.`,
    oddities.length > 0 && `Pages that disagree with themselves: ${firstOf(oddities, '; ')}.`,
  ];
  const isSaid = (said: string | false | null | undefined) => typeof said === 'string';
  return { why: reasons.find(isSaid) ?? null, notices: notices.filter(isSaid) };
}

function firstOf(named: readonly string[], between = ', '): string {
  return named.slice(0, MAX_NAMED).join(between) + (named.length > MAX_NAMED ? ' …' : '');
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
