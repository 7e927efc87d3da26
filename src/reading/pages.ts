import { counted, lowerFirst, withoutEnd } from '../lib/text.ts';
import type { JobPage } from '../openfunnel/wire.ts';
import { pageWord, statusWord } from './job-words.ts';
import { expectedRows, type JobState, promised, toJobState } from './state.ts';
import { type ReadCall, type WalkEnd, walkPages } from './walk.ts';

/** What became of reading a job, and whether it is the whole of it. */
export type Reading = Awaited<ReturnType<typeof readPages>>;

const MAX_NAMED = 5;

/**
 * The one way to read a job, or what there is of one that has not ended: follows its pages and holds what was read
 * against all that upstream said of it (contract: the rule, "manifest"). @param first The answer that told its state,
 * with the first page.
 * @throws the signal's reason when it aborts, and what `onPage` throws.
 */
export async function readPages(jobId: string, first: JobPage, call: ReadCall) {
  const end = await walkPages(jobId, first, call);
  call.signal.throwIfAborted();
  // What could not be read is all that the next reading has to ask for; what contradicts itself is read anew.
  if (end.missing.length === 0 || end.broken !== null) call.held.clear();
  const { why, notices } = judged(toJobState(jobId, first), end);
  return {
    ...end,
    /** The status was final, and every page that upstream promised was read and fits together with the others. */
    whole: why === null,
    why,
    notices,
  };
}

/** What a result is held against (contract, "manifest"). */
const TOTALS = ['count', 'pages', 'credits_consumed'];

/** The first reason why what was read is not the whole, or null, and what the reader has to know of it, in words. */
function judged(state: JobState, end: WalkEnd) {
  const { status, results_final, manifest } = state;
  const { rows, oddities, overlaps, contradiction } = end;
  const read = end.pages.length;
  const [missing] = end.missing;
  const expected = expectedRows(state);
  const count = promised(state, 'count');
  const size = promised(state, 'page_size');
  const pages = promised(state, 'pages') ?? (count !== null && size ? Math.ceil(count / size) : null);
  const credits = promised(state, 'credits_consumed');
  const what = missing === undefined ? 'the pages read to the last cursor' : 'what could be read';
  const reasons: string[] = [];
  const notices: string[] = [];
  const found = (sentence: string, isReason: boolean, isTold = true) => {
    const said = withoutEnd(sentence, /\./);
    if (isReason) reasons.push(lowerFirst(said));
    if (isTold) notices.push(`${said}.`);
  };
  if (!results_final) found(`The job is not final (status ${statusWord(status)})`, true, false);
  if (missing) found(`Page ${pageWord(missing.page)} could not be read: ${missing.reason}`, true, false);
  const unusable = results_final ? unusableTotals(state) : null;
  if (unusable) found(`${unusable}, so the totals could not be cross-checked with it`, false);
  if (expected && expected.rows !== rows) {
    const said = `${expected.said} ${counted(expected.rows, 'company')}; ${what}: ${rows}`;
    found(said, rows < expected.rows, results_final || count !== null);
  }
  if (pages !== null && pages !== read)
    found(`The manifest promises ${counted(pages, 'page')}; ${what}: ${read}`, read < pages);
  if (credits !== null && Math.floor(credits) > rows)
    found(
      `${counted(credits, 'credit', 'were')} consumed, more than the ${counted(rows, 'company')} that could be read`,
      true,
    );
  if (contradiction) found(`Upstream contradicts itself: ${contradiction}`, true);
  // Of a cancelled job that is the rule; of a completed one it is a contradiction.
  if (status === 'completed' && manifest?.partial === true)
    found('The manifest of the completed job calls its result partial', true);
  if (overlaps.length > 0) {
    const overlapping = overlaps.reduce((sum, overlap) => sum + overlap.rows, 0);
    const named = firstOf(overlaps.map((each) => `${pageWord(each.page)} ${each.rows}`));
    const said = `DOUBT: ${counted(overlapping, 'row', 'stand')} on more than one page, unchanged (${named})`;
    found(`${said}: OpenFunnel's pages overlap, so others may be missing`, false);
  }
  // Without a total to hold them against, pages that don't match their own count leave a doubt.
  if (oddities.length > 0)
    found(`Pages that disagree with themselves: ${firstOf(oddities, '; ')}`, count === null);
  return { why: reasons[0] ?? null, notices };
}

/** The first of these, and whether there are more. */
export function firstOf(named: readonly string[], between = ', '): string {
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
