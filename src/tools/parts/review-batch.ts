import * as z from 'zod';
import { MAX_TELLING } from '../../judging/telling.ts';
import { counted, cutWords, oneLine, quoted } from '../../lib/text.ts';
import type { Judgement } from '../../lists/list-fit.ts';
import { ORDERS, REVIEWED, type ReviewBatch } from '../../lists/selecting/review.ts';
import { type Part, part, type Said, saidOf, type ToolAnswer } from '../../results/answer.ts';
import { type Budget, largestFitting } from '../../results/budget.ts';
import { searchToPropose } from '../../results/fit-part.ts';
import { callOf, NO_COMPANIES } from '../../results/next-step.ts';
import { rowLine } from '../../results/rows.ts';
import * as field from '../../results/schema.ts';

/** Companies in a batch where nobody says how many. */
export const USUAL_SIZE = 20;
/** Shortest text of a company that has more to say: cut at the end of a word, it has 140. Characters. */
const LEAST_TEXT = 156;
/** Longest where the caller chose none. Characters. */
const MOST_TEXT = 1_000;
/** By how much texts grow at a time. Characters. */
const STEP = 5;
/** Skipped companies that are named before texts are longer than they have to be. */
const FIRST_ASIDE = 10;

/** Fields of a batch of companies to judge. */
export const batchFields = {
  order: z.enum(ORDERS).describe('rank: best first; spread: over the whole list.'),
  columns: field.texts('Names of the cells of each of rows; the first is "row".'),
  rows: field.cells.describe(
    'Companies to judge, by rank. text: why OpenFunnel matched it and, behind "says:", its own words.',
  ),
  left: field.number('Companies to judge beside these.'),
  left_out: z
    .object({
      seeds: field.number('Seeds and their branches.'),
      duplicates: field.number('Companies that an earlier row is about.'),
      known: field.number('Companies on known lists.'),
    })
    .describe('Companies without a verdict that are skipped, by reason.'),
  skipped: field.objects(
    { row: z.number(), name: field.someText, why: z.string() },
    'Who these are, as far as there is room.',
  ),
};

interface Review {
  jobId: string;
  judgement: Judgement;
  batch: ReviewBatch;
  /** Longest text of one field, where the caller chose it. Characters. */
  maxText?: number | undefined;
}

/** How many companies are given, how long their texts are, and how many of those skipped are named. */
type Room = Record<'companies' | 'text' | 'aside', number>;

function batchPart({ judgement, batch, maxText }: Review, room: Room): Part {
  const cut = (text: string) => cutWords(text, Math.min(room.text, maxText ?? room.text));
  const { open, left_out, aside } = judgement;
  const rows = batch.rows
    .slice(0, room.companies)
    .sort(([a], [b]) => Number(a) - Number(b))
    .map((cells) => cells.map((cell) => (typeof cell === 'string' ? cut(cell) : cell)));
  const left = open.length - rows.length;
  const skipped = aside
    .slice(0, room.aside)
    .map(({ row, name, why }) => ({ row, name: name && cut(oneLine(name, 60)), why: oneLine(why, 100) }));
  const named = skipped.map(({ row, name, why }) => `row ${row} ${quoted(name ?? '', 60)} (${why})`);
  const { seeds, duplicates, known } = left_out;
  return part(
    { order: batch.order, columns: rows.length === 0 ? [] : REVIEWED, rows, left, left_out, skipped },
    `${counted(rows.length, 'company')} to judge, ${batch.order === 'spread' ? 'spread over the whole list' : 'by rank, best first'}; ${left} left beside these.`,
    `Skipped: seeds or branches ${seeds}, duplicates ${duplicates}, known ${known}${named.length === 0 ? '' : `: ${named.join('; ')}`}.`,
    rows.length > 0 && REVIEWED.join('|'),
    ...rows.map((row) => rowLine(row, MAX_TELLING * 4)),
  );
}

/** As many companies as the budget takes with texts that can be judged, then texts as long as it takes, then names of who is skipped. */
export function fittingReview(
  review: Review,
  budget: Budget,
  build: (batch: Part, said: { nextStep: string; notices: Said[] }) => ToolAnswer,
): ToolAnswer {
  const { batch, judgement } = review;
  const all = judgement.aside.length;
  let room: Room = { companies: 0, text: LEAST_TEXT, aside: Math.min(FIRST_ASIDE, all) };
  const built = (asked: Room) => {
    const companies = Math.min(batch.rows.length, asked.companies);
    const unnamed = all - asked.aside;
    const more = `${unnamed} skipped companies are not named here: query_companies WHERE verdict IS NULL AND (is_seed = 1 OR same_as IS NOT NULL OR known_in <> '[]') gives them.`;
    return build(batchPart(review, asked), {
      nextStep: reviewStep(review, companies),
      notices: [...judgement.notices, unnamed > 0 && more],
    });
  };
  const grow = (most: number, more: (n: number) => Partial<Room>) => {
    const before = room;
    const { n } = largestFitting(most, budget, (count) => built({ ...before, ...more(count) }));
    room = { ...before, ...more(n) };
  };
  grow(batch.rows.length, (companies) => ({ companies }));
  const longest = Math.min(review.maxText ?? MOST_TEXT, MAX_TELLING);
  grow(Math.max(0, Math.ceil((longest - LEAST_TEXT) / STEP)), (n) => ({ text: LEAST_TEXT + n * STEP }));
  const { aside } = room;
  grow(all - aside, (n) => ({ aside: aside + n }));
  return built(room);
}

/** What to do with a list as it is judged. @param shown Companies to judge that are in the result. */
export function reviewStep(
  { jobId, judgement, batch }: Pick<Review, 'jobId' | 'judgement'> & { batch?: ReviewBatch },
  shown: number,
): string {
  const { open, judged, aside, fit, left_out } = judgement;
  if (open.length + judged.length + aside.length === 0) return NO_COMPANIES;
  const exclude = saidOf(['seeds', 'duplicates', left_out.known > 0 && 'known:*', 'dropped']);
  const file = (rows?: string) => callOf('export_bulk_results', { job_id: jobId, rows, exclude });
  const spread = callOf('get_review_batch', { job_id: jobId, order: 'spread' });
  const left = open.length - shown;
  const unknown = fit !== null && fit.share === null;
  const goOn = [
    fit && 'Tell the user how much of the list fits.',
    shown > 0
      ? `${fit === null ? 'Judge' : 'To go on, judge'} these, unsure ones as maybe: mark_companies {"job_id": ${JSON.stringify(jobId)}, "marks": [{"row", "verdict", "role", "reason"}], "next": true} answers with how much of the list fits${left === 0 ? '' : ` and with the next of ${left} more`}.`
      : !unknown &&
        `${callOf('get_review_batch', { job_id: jobId })} gives the next of ${counted(left, 'company')} to judge.`,
    unknown && `${spread} gives companies of the ranks of which nothing is known.`,
    fit?.share != null &&
      batch?.order !== 'spread' &&
      `${spread} spreads them over the list, for a narrower interval.`,
    fit?.stop_at != null && `${file(`1-${fit.stop_at}`)} cuts the list where it stops being right.`,
  ];
  const done =
    fit === null
      ? 'No company is left to judge: all are seeds, duplicates or known.'
      : fit.keep + fit.maybe === 0
        ? 'All are judged, and none fits: tell the user.'
        : `All are judged: ${file()} writes the others to a file, with the verdicts.`;
  return saidOf([
    ...(open.length > 0 ? goOn : [done]),
    fit === null && judged.length > 0 && `${file()} writes the companies that are not dropped to a file.`,
    searchToPropose(judgement),
  ]).join(' ');
}
