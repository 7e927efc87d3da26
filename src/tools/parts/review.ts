import * as z from 'zod';
import { cutTelling, MAX_TELLING } from '../../judging/telling.ts';
import { cutWords, oneLine, quoted } from '../../lib/text.ts';
import type { Judgement } from '../../lists/fit.ts';
import { ORDERS, type ReviewBatch } from '../../lists/selecting/review.ts';
import { type AnswerFacts, type Part, part } from '../../results/answer.ts';
import { type Budget, largestFitting } from '../../results/budget.ts';
import { searchToPropose } from '../../results/fit-part.ts';
import { callOf, NO_COMPANIES } from '../../results/next-step.ts';
import { rowLine } from '../../results/render.ts';
import type { ToolResult } from '../../results/result.ts';

/** Companies in a batch where nobody says how many. */
export const USUAL_SIZE = 20;
/** Shortest text of a company that has more to say; so that, give or take a word's end, it has 140. Characters. */
const LEAST_TEXT = 155;
/** Longest where the caller chose none. Characters. */
const MOST_TEXT = 1_000;
/** By how much texts grow at a time. Characters. */
const STEP = 5;
/** Skipped companies that are named before texts are longer than they have to be. */
const FIRST_ASIDE = 10;
const COLUMNS = ['row', 'name', 'domain', 'country', 'employees', 'text'] as const;

/** Fields of a batch of companies to judge. */
export const batchFields = {
  order: z.enum(ORDERS).describe('rank: best first; spread: over the whole list.'),
  columns: z.array(z.string()).describe('Names of the cells of each of rows; the first is "row".'),
  rows: z
    .array(z.array(z.unknown()))
    .describe(
      'Companies to judge, by rank. text: why OpenFunnel matched it and, behind "says:", its own words.',
    ),
  left: z.number().describe('Companies to judge beside these.'),
  left_out: z
    .object({
      seeds: z.number().describe('Seeds and their branches.'),
      duplicates: z.number().describe('Companies that an earlier row is about.'),
      known: z.number().describe('Companies on known lists.'),
    })
    .describe('Companies without a verdict that are skipped, by reason.'),
  skipped: z
    .array(z.object({ row: z.number(), name: z.string().nullable(), why: z.string() }))
    .describe('Who these are, as far as there is room.'),
};

/** What is to be told of a batch. */
export interface Review {
  jobId: string;
  judgement: Judgement;
  batch: ReviewBatch;
  /** Longest text of one field, where the caller chose it. Characters. */
  maxText?: number | undefined;
}

/** How much of it there is room for. */
export interface Room {
  companies: number;
  /** Longest text of a company. Characters. */
  text: number;
  aside: number;
}

/** A batch in both halves, for which there is so much room. */
export function batchPart({ judgement, batch, maxText }: Review, room: Room): Part {
  const short = (text: string | null, length: number) =>
    text === null ? null : cutWords(oneLine(text, length), maxText ?? length * 2) || null;
  const { open, left_out, aside } = judgement;
  const rows = given(batch, room)
    .sort((a, b) => a.row - b.row)
    .map((company) => [
      company.row,
      short(company.name, 80),
      short(company.domain, 80),
      short(company.country, 40),
      typeof company.employees === 'string' ? short(company.employees, 20) : company.employees,
      company.text === null
        ? null
        : cutWords(cutTelling(company.text, room.text), maxText ?? MAX_TELLING * 4),
    ]);
  const left = open.length - rows.length;
  const skipped = aside
    .slice(0, room.aside)
    .map(({ row, name, why }) => ({ row, name: short(name, 60), why: oneLine(why, 100) }));
  const named = skipped.map(({ row, name, why }) => `row ${row} ${quoted(name ?? '', 60)} (${why})`);
  return part(
    { order: batch.order, columns: rows.length === 0 ? [] : [...COLUMNS], rows, left, left_out, skipped },
    `${rows.length} companies to judge, ${batch.order === 'spread' ? 'spread over the whole list' : 'by rank, best first'}; ${left} left beside these.`,
    `Skipped: ${left_out.seeds} seeds or branches, ${left_out.duplicates} duplicates, ${left_out.known} known${named.length === 0 ? '' : `: ${named.join('; ')}`}.`,
    ...(rows.length === 0 ? [] : [COLUMNS.join('|')]),
    ...rows.map((row) => rowLine(row, MAX_TELLING * 4)),
  );
}

/** The companies of a batch for which there is room. */
function given({ rows }: ReviewBatch, room: Room): ReviewBatch['rows'] {
  return rows.slice(0, room.companies);
}

/**
 * The result that has as many companies as the budget takes with texts that can be judged, then texts as long as it
 * takes, then names of who is skipped.
 *
 * @param build The result with the batch in so much room, and what is to be told, done and marked because of it.
 */
export function fittingReview(
  review: Review,
  budget: Budget,
  build: (room: Room, facts: Pick<AnswerFacts, 'notices' | 'nextStep' | 'untrusted'>) => ToolResult,
): ToolResult {
  const { batch, judgement } = review;
  const all = judgement.aside.length;
  let room: Room = { companies: 0, text: LEAST_TEXT, aside: Math.min(FIRST_ASIDE, all) };
  const built = (more: Partial<Room>) => {
    const asked = { ...room, ...more };
    const companies = given(batch, asked).length;
    const unnamed = all - asked.aside;
    return build(asked, {
      notices: [...judgement.notices, ...(unnamed === 0 ? [] : [UNNAMED(unnamed)])],
      nextStep: reviewStep(review, companies),
      untrusted: companies + asked.aside > 0 || judgement.apart !== null,
    });
  };
  const fitting = (most: number, more: (n: number) => Partial<Room>) => {
    const { n } = largestFitting(most, budget, (count) => built(more(count)));
    room = { ...room, ...more(n) };
  };
  const companies = (n: number) => ({ companies: n });
  fitting(batch.rows.length, companies);
  const longest = Math.min(review.maxText ?? MOST_TEXT, MAX_TELLING);
  fitting(Math.max(0, Math.ceil((longest - LEAST_TEXT) / STEP)), (n) => ({ text: LEAST_TEXT + n * STEP }));
  const { aside } = room;
  fitting(all - aside, (n) => ({ aside: aside + n }));
  return built({});
}

const UNNAMED = (count: number) =>
  `${count} skipped companies are not named here: query_companies WHERE verdict IS NULL AND (is_seed = 1 OR same_as IS NOT NULL OR known_in <> '[]') gives them.`;

/**
 * What to do with a list as it is judged.
 *
 * @param shown Companies to judge that are in the result.
 */
export function reviewStep(
  { jobId, judgement, batch }: Pick<Review, 'jobId' | 'judgement'> & { batch?: ReviewBatch },
  shown: number,
): string {
  const { open, judged, aside, fit } = judgement;
  if (open.length + judged.length + aside.length === 0) return NO_COMPANIES;
  const id = JSON.stringify(jobId);
  const left = open.length - shown;
  const exclude = withoutDropped(judgement);
  const steps: string[] = [];
  if (open.length > 0) {
    if (fit !== null) steps.push('Tell the user how much of the list fits.');
    const spread = `get_review_batch {"job_id": ${id}, "order": "spread"}`;
    const unknown = fit !== null && fit.share === null;
    if (shown > 0)
      steps.push(
        `${fit === null ? 'Judge' : 'To go on, judge'} these, unsure ones as maybe: mark_companies {"job_id": ${id}, "marks": [{"row", "verdict", "role", "reason"}], "next": true} answers with how much of the list fits${left === 0 ? '' : ` and with the next of ${left} more`}.`,
      );
    else if (!unknown)
      steps.push(`get_review_batch {"job_id": ${id}} gives the next of ${left} companies to judge.`);
    if (unknown) steps.push(`${spread} gives companies of the ranks of which nothing is known.`);
    else if (fit !== null && batch?.order !== 'spread')
      steps.push(`${spread} spreads them over the list, for a narrower interval.`);
    if (fit?.stop_at != null)
      steps.push(
        `export_bulk_results {"job_id": ${id}, "rows": "1-${fit.stop_at}", "exclude": ${JSON.stringify(exclude)}} cuts the list where it stops being right.`,
      );
  } else if (fit === null) {
    steps.push('No company is left to judge: all are seeds, duplicates or known.');
  } else if (fit.keep + fit.maybe === 0) {
    steps.push('All are judged, and none fits: tell the user.');
  } else {
    steps.push(
      `All are judged: export_bulk_results {"job_id": ${id}, "exclude": ${JSON.stringify(exclude)}} writes the others to a file, with the verdicts.`,
    );
  }
  const search = searchToPropose(judgement);
  return [...steps, ...(search === null ? [] : [search])].join(' ');
}

/** Whom a file of the good ones leaves out. */
function withoutDropped({ left_out }: Judgement): string[] {
  return ['seeds', 'duplicates', ...(left_out.known > 0 ? ['known:*'] : []), 'dropped'];
}

/** How to write the companies that are not dropped. */
export function fileStep(jobId: string, judgement: Judgement): string {
  return `${callOf('export_bulk_results', { job_id: jobId, exclude: withoutDropped(judgement) })} writes the companies that are not dropped to a file.`;
}
