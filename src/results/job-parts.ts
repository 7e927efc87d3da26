import type { ExportedFile } from '../files/row-export.ts';
import { quoted } from '../lib/text.ts';
import type { PageIndustries } from '../lists/summary.ts';
import { isKnownStatus } from '../openfunnel/wire.ts';
import { pageName, pageNumber } from '../reading/read-ahead.ts';
import { type JobState, promised } from '../reading/state.ts';
import type { MissingPage } from '../reading/walk.ts';
import { pageWord, statusWord, word } from '../reading/words.ts';
import type { About } from '../sql/messages.ts';
import { type Part, part } from './answer.ts';
import { columnName, type RowTable } from './rows.ts';

const STAGES: ReadonlySet<string> = new Set([
  'retrieving_companies',
  'qualifying_companies',
  'reranking_companies',
  'completed',
  'cancelled',
]);

/** Whether a state has text of upstream's own in it. */
export function hasUpstreamText({ status, stage, error_message }: JobState): boolean {
  return error_message !== null || !isKnownStatus(status) || (stage !== null && !STAGES.has(stage));
}

/** Where a job stands. */
export function statePart(state: JobState): Part {
  const { job_id, status, terminal, results_final, processed, stage, error_message } = state;
  const known = isKnownStatus(status);
  const facts = [
    `status ${statusWord(status)}${known ? '' : ' (unknown to this server)'}`,
    terminal ? 'terminal' : 'not terminal',
    results_final ? 'results final' : 'results not final',
  ];
  if (processed !== null) facts.push(`processed ${processed}`);
  if (stage !== null && stage !== status) facts.push(`stage ${word(stage, STAGES.has(stage))}`);
  const lines = [`Job ${job_id}: ${facts.join(', ')}`];
  if (error_message !== null)
    lines.push(`Error message, in OpenFunnel's words: ${quoted(error_message, 600)}`);
  return part({ job_id, status, terminal, results_final, processed, stage, error_message }, ...lines);
}

/** What upstream says of the whole result. */
export function manifestPart({ manifest }: JobState): Part {
  if (manifest === null) return part({ manifest });
  const entries = Object.entries(manifest)
    .filter(([, value]) => value !== null)
    .slice(0, 20)
    .map(([key, value]) => `${word(key, /^[a-z_]{1,40}$/.test(key))} ${manifestValue(value)}`);
  return part({ manifest }, `Manifest: ${entries.join(', ') || 'empty'}`);
}

function manifestValue(value: unknown): string {
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return quoted(typeof value === 'string' ? value : JSON.stringify(value), 300);
}

/**
 * What a reader may wonder about `processed`, where it is more than was delivered; else null.
 *
 * @param readable Companies that can be read; null where that is not known.
 */
export function aboutProcessed(state: JobState, readable: number | null = null): string | null {
  if (state.status === 'failed' && (state.processed ?? 0) > (readable ?? 0))
    return `processed (${state.processed}) counts companies that had qualified when the job failed; ${readable === null ? 'only those on pages that were written by then' : `only ${readable}, on pages that were written by then,`} can be read.`;
  const count = promised(state, 'count');
  if (!state.terminal || count === null || state.processed === null || state.processed <= count) return null;
  return `processed (${state.processed}) counts companies that qualified on the way; ${count} were delivered, and only those are billed.`;
}

/** A page, or some pages in a row. */
export interface PageGroup {
  /** `page_0003`, or `page_0003 to page_0007`. */
  page: string;
  pages: number;
  rows: number;
  first_row: number | null;
  last_row: number | null;
  /** The commonest three. */
  top_industries: string[];
}

/** Pages one by one, or where they are too many in groups of as many, in order. */
export function groupPages(
  pages: About['pages'],
  industries: readonly PageIndustries[],
  maxGroups: number,
): PageGroup[] {
  const size = Math.max(1, Math.ceil(pages.length / maxGroups));
  const groups: PageGroup[] = [];
  for (let start = 0; start < pages.length; start += size) {
    const some = pages.slice(start, start + size);
    const filled = some.filter(({ rows }) => rows > 0);
    const last = filled.at(-1);
    const first_row = filled[0]?.first_row ?? null;
    const last_row = last ? last.first_row + last.rows - 1 : null;
    groups.push({
      page: range(some[0]?.name ?? '', some.at(-1)?.name ?? ''),
      pages: some.length,
      rows: some.reduce((sum, { rows }) => sum + rows, 0),
      first_row,
      last_row,
      top_industries: commonest(industries, first_row ?? 0, last_row ?? 0),
    });
  }
  return groups;
}

/** The commonest three industries of the stretches that begin between two rows. */
function commonest(industries: readonly PageIndustries[], from: number, to: number): string[] {
  const counts = new Map<string, number>();
  for (const stretch of industries.filter(({ first_row, last_row }) => first_row <= to && last_row >= from))
    for (const { value, count } of stretch.industries) counts.set(value, (counts.get(value) ?? 0) + count);
  return [...counts]
    .sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))
    .slice(0, 3)
    .map(([name]) => name.slice(0, 40));
}

function range(first: string, last: string): string {
  return first === last ? first : `${first} to ${last}`;
}

/** The pages that were read, each with those of the sampled companies that stand on it. */
export function pagesPart(groups: readonly PageGroup[], samples: RowTable): Part {
  const lines = groups.map(
    ({ page, rows, first_row, last_row, top_industries }) =>
      `- ${pageWord(page)}: ${rows} rows${first_row === null ? '' : ` (${first_row} to ${last_row})`}${top_industries.length > 0 ? `; mostly ${top_industries.map((name) => quoted(name, 40)).join(', ')}` : ''}`,
  );
  const pages = groups.map((group) => ({
    ...group,
    sample: samples.rows.filter(([row]) => isOn(group, row)),
  }));
  return part({ pages }, ...(lines.length > 0 ? ['Pages, with their commonest industries:', ...lines] : []));
}

function isOn({ first_row, last_row }: PageGroup, row: unknown): boolean {
  return typeof row === 'number' && first_row !== null && row >= first_row && row <= (last_row ?? 0);
}

/** Missing pages, those in a row with one reason told as a range. */
export function missingPart(missing: readonly MissingPage[]): Part {
  const groups: Array<MissingPage & { last: string }> = [];
  for (const each of missing) {
    const group = groups.at(-1);
    const number = pageNumber(group?.last ?? '');
    if (group && number !== null && group.reason === each.reason && pageName(number + 1) === each.page) {
      group.last = each.page;
    } else groups.push({ ...each, last: each.page });
  }
  const shown = groups
    .slice(0, MAX_GROUPS)
    .map(({ page, last, reason }) => ({ page: range(page, last), reason: reason.slice(0, 400) }));
  const left = groups.length - shown.length;
  if (left > 0) shown.push({ page: 'others', reason: `${left} more ranges of pages could not be read` });
  const lines = shown.map(({ page, reason }) => `- ${pageWord(page)}: ${reason}`);
  return part({ missing_pages: shown }, ...(lines.length > 0 ? ['Pages NOT read:', ...lines] : []));
}

const MAX_GROUPS = 10;

/** A file that was written. */
export function filePart(file: ExportedFile, named: 'by us' | 'by others' = 'by others'): Part {
  return part({ ...file, columns: shownColumns(file.columns, named) }, renderFile(file, named));
}

/** The same as one field, `export`; null where none was written. */
export function exportPart(file: ExportedFile | null): Part {
  if (file === null) return part({ export: null });
  const { fields, lines } = filePart(file);
  return { fields: { export: fields }, lines };
}

/** The same in words. */
export function renderFile(
  { path, format, rows, bytes, columns }: ExportedFile,
  named: 'by us' | 'by others' = 'by others',
): string {
  return `Written: ${path} (${format}, ${rows} rows, ${bytes} bytes; columns: ${shownColumns(columns, named).join(', ')})`;
}

function shownColumns(columns: readonly string[], named: 'by us' | 'by others'): string[] {
  const more = columns.length - MAX_COLUMNS;
  const names = columns.slice(0, MAX_COLUMNS).map((name) => (named === 'by us' ? name : columnName(name)));
  return more > 0 ? [...names, `… and ${more} more`] : names;
}

const MAX_COLUMNS = 60;

/** Said while a job runs and has not written its first page. */
export const NO_PAGE_YET = 'No companies can be read yet: they come page by page (of 100).';
