import { basename } from 'node:path';
import { pathToFileURL } from 'node:url';
import { MIME_TYPES } from '../files/export-format.ts';
import type { ExportedFile } from '../files/row-export.ts';
import { counted, quoted } from '../lib/text.ts';
import type { Collection } from '../lists/collect.ts';
import type { PageIndustries } from '../lists/summary.ts';
import { isKnownStatus } from '../openfunnel/wire.ts';
import { isKnownStage, pageRange, pageWord, statusWord, word } from '../reading/job-words.ts';
import { type JobState, promised } from '../reading/state.ts';
import type { MissingPage } from '../reading/walk.ts';
import { type Part, part, type Said, saidOf } from './answer.ts';
import { columnName, type RowTable, rowsPart } from './rows.ts';

/** Where a job stands. */
export function statePart(state: JobState): Part {
  const { job_id, status, terminal, results_final, processed, stage, error_message } = state;
  const facts = saidOf([
    `status ${statusWord(status)}${isKnownStatus(status) ? '' : ' (unknown to this server)'}`,
    terminal ? 'terminal' : 'not terminal',
    results_final ? 'results final' : 'results not final',
    processed !== null && `processed ${processed}`,
    stage !== null && stage !== status && `stage ${word(stage, isKnownStage(stage))}`,
  ]);
  const told = { stage: stage ?? undefined, error_message: error_message ?? undefined };
  return part(
    { job_id, status, terminal, results_final, processed, ...told },
    `Job ${job_id}: ${facts.join(', ')}`,
    error_message !== null && `Error message, in OpenFunnel's words: ${quoted(error_message, 600)}`,
  );
}

/** What upstream says of the whole result. */
export function manifestPart({ manifest }: JobState): Part {
  const entries = Object.entries(manifest ?? {})
    .filter(([, value]) => value !== null)
    .slice(0, 20)
    .map(([key, value]) => `${word(key, /^[a-z_]{1,40}$/.test(key))} ${manifestValue(value)}`);
  return part({ manifest }, manifest && `Manifest: ${entries.join(', ') || 'empty'}`);
}

function manifestValue(value: unknown): string {
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return quoted(typeof value === 'string' ? value : JSON.stringify(value), 300);
}

/** Why `processed` is more than was delivered, or nothing. @param readable Companies that can be read; null where that is not known. */
export function aboutProcessed(state: JobState, readable: number | null = null): Said {
  const { status, terminal, processed } = state;
  const count = promised(state, 'count');
  if (processed === null || !terminal) return null;
  if (status === 'failed' && processed > (readable ?? 0)) {
    const which = readable === null ? 'those on pages' : `${readable}, on pages`;
    return `processed (${processed}) counts companies that had qualified when the job failed; only ${which} that were written by then can be read.`;
  }
  if (count === null || processed <= count) return null;
  return `processed (${processed}) counts companies that qualified on the way; ${count} were delivered, and only those are billed.`;
}

/**
 * The pages that were read, one by one or in at most so many groups in order, each with its commonest industries and
 * those of the sampled companies that stand on it.
 */
export function pagesPart(collection: Collection, maxGroups: number, samples: RowTable): Part {
  const { list, state, industries } = collection;
  const pages = list?.about.pages ?? [];
  const size = Math.max(1, Math.ceil(pages.length / maxGroups));
  const starts = [...pages.keys()].filter((at) => at % size === 0);
  const groups = starts.map((start) => {
    const some = pages.slice(start, start + size);
    const filled = some.filter(({ rows }) => rows > 0);
    const last = filled.at(-1);
    const first_row = filled[0]?.first_row ?? null;
    const last_row = last ? last.first_row + last.rows - 1 : null;
    const [from, to] = [first_row ?? 0, last_row ?? 0];
    return {
      page: pageRange(some[0]?.name ?? '', some.at(-1)?.name ?? ''),
      pages: some.length,
      rows: some.reduce((sum, { rows }) => sum + rows, 0),
      first_row,
      last_row,
      top_industries: commonest(industries, from, to),
      sample: samples.rows.filter(([row]) => Number(row) >= from && Number(row) <= to),
    };
  });
  const lines = groups.map(({ page, rows, first_row, last_row, top_industries }) => {
    const ranks = first_row === null ? '' : ` (${first_row} to ${last_row})`;
    const names = top_industries.map((name) => quoted(name, 40)).join(', ');
    return `- ${pageWord(page)}: ${counted(rows, 'row')}${ranks}${names === '' ? '' : `; mostly ${names}`}`;
  });
  // Where pages are missing, ranks behind them are not known.
  const numbers = state.terminal && !list?.reading?.missing.length ? 'exact' : 'expected';
  const { fields, lines: table } = rowsPart(samples, numbers);
  const told = { pages: groups, columns: fields.columns, row_numbers: numbers };
  const head = lines.length > 0 && 'Pages, with their commonest industries:';
  return part(told, head, ...lines, ...table);
}

/** The commonest three industries of the stretches that begin between two rows. */
function commonest(industries: readonly PageIndustries[], from: number, to: number): string[] {
  const counts = new Map<string, number>();
  for (const stretch of industries.filter(({ first_row, last_row }) => first_row <= to && last_row >= from))
    for (const [value, count] of stretch.industries) counts.set(value, (counts.get(value) ?? 0) + count);
  return [...counts]
    .sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))
    .slice(0, 3)
    .map(([name]) => name.slice(0, 40));
}

/** Pages that could not be read. */
export function missingPart(missing: readonly MissingPage[]): Part {
  const shown = missing
    .slice(0, MAX_MISSING)
    .map(({ page, reason }) => ({ page, reason: reason.slice(0, 400) }));
  const left = missing.length - shown.length;
  if (left > 0) shown.push({ page: 'others', reason: `${left} more could not be read` });
  const lines = shown.map(({ page, reason }) => `- ${pageWord(page)}: ${reason}`);
  return part({ missing_pages: shown }, lines.length > 0 && 'Pages NOT read:', ...lines);
}

const MAX_MISSING = 10;
const MAX_COLUMNS = 60;

/** A file that was written, with a link to it. @param ours Whether its columns have names of ours. */
export function filePart(file: ExportedFile, ours = false): Part {
  const { path, format, rows, bytes } = file;
  const link = {
    type: 'resource_link' as const,
    uri: pathToFileURL(path).href,
    name: basename(path),
    mimeType: MIME_TYPES[format],
    description: counted(rows, 'company'),
  };
  const more = file.columns.length - MAX_COLUMNS;
  const columns = file.columns.slice(0, MAX_COLUMNS).map((name) => (ours ? name : columnName(name)));
  if (more > 0) columns.push(`… and ${more} more`);
  const said = `Written: ${path} (${format}, ${counted(rows, 'row')}, ${bytes} bytes; columns: ${columns.join(', ')})`;
  return { ...part({ ...file, columns }, said), link };
}

/** The same as one field, `export`; null where none was written. */
export function exportPart(file: ExportedFile | null): Part {
  if (file === null) return part({ export: null });
  const written = filePart(file);
  return { ...written, fields: { export: written.fields } };
}

/** Said while a job runs and has not written its first page. */
export const NO_PAGE_YET = 'No companies can be read yet: they come page by page (of 100).';
