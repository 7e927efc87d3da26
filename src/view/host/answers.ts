import type { Bucket, Company, Counts, Facets, Fit, MarkAnswer, StatusAnswer } from '../contract.ts';
import type { RowsRead } from '../state/events.ts';
import { VERDICTS } from '../state/model.ts';
import { record, type ToolResult } from './bridge.ts';

// What the server's tools for the view answer, read with suspicion: a part that is missing or of another kind
// becomes its empty value, so that no answer can break the page.

export type Json = Record<string, unknown>;

/** The facts of a result: the structured half, or, where a host took that away, the same in the text. */
export function facts(result: ToolResult): Json {
  const structured = record(result.structuredContent);
  if (Object.keys(structured).length > 0) return structured;
  for (const line of resultText(result).split('\n')) {
    if (!line.startsWith('{')) continue;
    try {
      return record(JSON.parse(line));
    } catch {
      // A line that only looks like it.
    }
  }
  return {};
}

/** All text of a result. */
export function resultText(result: ToolResult): string {
  const parts: unknown[] = Array.isArray(result.content) ? result.content : [];
  return parts.map((part) => text(record(part).text)).join('\n');
}

/** What the call that opened the view was about; null where that is not told. */
export function openedBy(result: ToolResult): Record<'jobId' | 'filter' | 'ranks', string | null> {
  const data = facts(result);
  const said = resultText(result);
  const jobId = text(data.job_id) || /^Job ([\w-]{1,200}): /m.exec(said)?.[1] || null;
  const quoted = /^Searched at first for: ("(?:[^"\\]|\\.)*")$/m.exec(said)?.[1];
  const filter = text(data.filter) || (quoted === undefined ? null : text(JSON.parse(quoted)));
  const ranks =
    text(data.rows) || /^At first only rows ([\d, -]{1,1000}) are shown\.$/m.exec(said)?.[1] || null;
  return { jobId, filter, ranks };
}

/** Where a job stands. */
export function toStatus(data: Json): StatusAnswer {
  return {
    job_id: text(data.job_id),
    newest: data.newest === true,
    title: text(data.title),
    query: text(data.query),
    submitted_at: text(data.submitted_at) || null,
    status: text(data.status),
    terminal: data.terminal === true,
    final: data.final === true,
    stage: text(data.stage) || null,
    processed: number(data.processed),
    requested: number(data.requested),
    readable: number(data.readable),
    credits_at_least: number(data.credits_at_least),
    error_message: text(data.error_message) || null,
    revision: text(data.revision),
    counts: data.counts ? toCounts(data.counts) : null,
    facets: data.facets ? toFacets(record(data.facets)) : null,
    fit: toFit(data.fit),
    session: text(data.session) || null,
    notices: texts(data.notices),
  };
}

/** The answer to a mark. */
export function toMarked(data: Json): MarkAnswer {
  return {
    job_id: text(data.job_id),
    marked: number(data.marked) ?? 0,
    counts: toCounts(data.counts),
    fit: toFit(data.fit),
    revision: text(data.revision),
  };
}

function toCounts(data: unknown): Counts {
  const counts = record(data);
  const count = (name: keyof Counts) => number(counts[name]) ?? 0;
  return {
    companies: count('companies'),
    keep: count('keep'),
    drop: count('drop'),
    maybe: count('maybe'),
    open: count('open'),
    duplicates: count('duplicates'),
    known: count('known'),
    known_maybe: count('known_maybe'),
    by_model: count('by_model'),
  };
}

function toFacets(data: Json): Facets {
  return {
    verdicts: toBuckets(data.verdicts),
    countries: toBuckets(data.countries),
    sizes: toBuckets(data.sizes),
    stages: toBuckets(data.stages),
  };
}

function toFit(given: unknown): Fit | null {
  const data = record(given);
  const [low, high] = [number(data.low), number(data.high)];
  // Never a share without its interval.
  if (low === null || high === null) return null;
  return {
    share: number(data.share),
    low,
    high,
    basis: text(data.basis),
    credits_per_fit: number(data.credits_per_fit),
    stop_at: number(data.stop_at),
  };
}

/** A page of companies. */
export function toRows(data: Json): RowsRead {
  const columns = texts(data.columns);
  const rows = list(data.rows).map((cells) => {
    const values = list(cells);
    return toCompany(Object.fromEntries(columns.map((column, at) => [column, values[at]])));
  });
  return {
    rows: rows.filter(({ row }) => row > 0),
    matching: number(data.matching) ?? rows.length,
    offset: number(data.offset) ?? 0,
    hidden: number(data.hidden_duplicates) ?? 0,
    provisional: data.provisional === true,
    judgeable: data.judgeable !== false,
  };
}

function toCompany(data: Json): Company {
  return {
    row: number(data.row) ?? 0,
    name: text(data.name),
    domain: text(data.domain),
    country: text(data.country),
    employees: number(data.employees),
    funding_stage: text(data.funding_stage),
    match_reason: text(data.match_reason),
    says: text(data.says),
    verdict: VERDICTS.find((verdict) => verdict === data.verdict) ?? null,
    by: data.by === 'user' || data.by === 'model' ? data.by : null,
    reason: text(data.reason),
    is_seed: data.is_seed === true || data.is_seed === 1,
    same_as: number(data.same_as),
    known_in: texts(data.known_in),
    known_like: texts(data.known_like),
    key: text(data.key),
  };
}

function toBuckets(data: unknown): Bucket[] {
  return list(data).map((item) => {
    const { value, label, count } = record(item);
    return { value: text(value), label: text(label) || text(value), count: number(count) ?? 0 };
  });
}

/** The value where it is a text, else an empty one. */
export function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** The value where it is a number, else null. */
export function number(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

/** The texts of a list. */
export function texts(value: unknown): string[] {
  return list(value).filter((item) => typeof item === 'string');
}
