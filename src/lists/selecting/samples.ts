import type { Stretch } from '../summary.ts';
import type { CompanyRow } from './fields.ts';

/** A page of a list that was collected. */
export interface CollectedPage {
  page: string;
  rows: number;
  /** Numbers of the page's first and last row in the whole list, from 1; null on a page without rows. */
  first_row: number | null;
  last_row: number | null;
}

/** A company with its number in the whole list, from 1. */
export interface SampleRow {
  row: number;
  company: CompanyRow;
}

/** Companies shown of each page of a list, and in all of a job that has not ended, where nobody says how many. */
const USUAL_SAMPLES = 3;
const PROVISIONAL_SAMPLES = 10;
/** Companies that samples can show, all pages together. */
const MAX_SAMPLES = 2_000;
/** Stretches of a list whose industries are told. */
const STRETCHES = 20;

/** How many companies are shown of each page. @param wanted Undefined where nobody says. @param ended Whether the job has. */
export function sampleSize(pages: number, wanted: number | undefined, ended: boolean): number {
  if (wanted !== undefined || ended) return wanted ?? USUAL_SAMPLES;
  return Math.max(USUAL_SAMPLES, Math.ceil(PROVISIONAL_SAMPLES / Math.max(1, pages)));
}

/** Numbers of the companies that samples show: `perPage` spread over each page. */
export function sampleNumbers(pages: readonly CollectedPage[], perPage: number): number[] {
  const most = Math.min(perPage, Math.floor(MAX_SAMPLES / Math.max(1, pages.length)) || 1);
  return pages.flatMap(({ first_row, rows }) => {
    const count = Math.min(most, rows, perPage);
    return Array.from({ length: count }, (_, at) => (first_row ?? 1) + Math.floor((at * rows) / count));
  });
}

/** The samples in an order whose beginning, wherever it ends, is spread over all pages. */
export function spread(samples: readonly SampleRow[], pages: readonly CollectedPage[]): SampleRow[] {
  const placed = samples.map((sample) => {
    const page = pages.findIndex(
      ({ first_row, last_row }) =>
        first_row !== null && sample.row >= first_row && sample.row <= (last_row ?? 0),
    );
    return { sample, page };
  });
  const turns = new Map<number, number>();
  return placed
    .map(({ sample, page }) => {
      const turn = turns.get(page) ?? 0;
      turns.set(page, turn + 1);
      return { sample, order: turn + ((page * 0.6180339887498949) % 1) };
    })
    .sort((a, b) => a.order - b.order)
    .map(({ sample }) => sample);
}

/** The rows of the pages in at most `STRETCHES` parts, each of whole pages. */
export function stretchesOf(pages: readonly CollectedPage[]): Stretch[] {
  const numbered = pages.flatMap(({ first_row, last_row }) =>
    first_row === null || last_row === null ? [] : [{ first_row, last_row }],
  );
  const size = Math.max(1, Math.ceil(numbered.length / STRETCHES));
  return numbered.flatMap(({ first_row }, at) =>
    at % size === 0
      ? [{ first_row, last_row: numbered[Math.min(at + size, numbered.length) - 1]?.last_row ?? first_row }]
      : [],
  );
}
