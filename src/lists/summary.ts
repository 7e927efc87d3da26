import type { SqlValue } from '../sql/messages.ts';
import type { CollectedLists } from './collected.ts';
import type { CollectedList } from './collected-list.ts';

/** What a list of companies is like, without the companies. Counts are rows unless said otherwise. */
export type Summary = Awaited<ReturnType<typeof summarize>>['summary'];

/** Rows that follow each other, with the commonest industries of their companies. */
export interface PageIndustries {
  first_row: number;
  last_row: number;
  industries: Array<[value: string, count: number]>;
}

export const UNKNOWN = 'unknown';
/** Longest value that is told. Characters. */
const MAX_VALUE = 80;
/** Values that are counted of each kind, industries of each stretch by themselves. */
const MAX_LINES = 100_000;
/** Stretches of a list whose industries are told. */
const STRETCHES = 20;
/** Values named in each list; a missing value counts as "unknown" and is always named. */
const TOP = 10;

/** Sizes of companies by employees. */
export const SIZES = sizesUpTo(0, 10, 50, 200, 500, 1_000, 5_000, 10_000);
/** The same, coarser, for a table by country. */
const COARSE_SIZES = sizesUpTo(10, 50, 200, 1_000);
/** Countries in that table that have a line of their own. */
const TABLE_COUNTRIES = 6;

/** Sizes by their upper bounds: what they are called, in order, and a company's as SQL; a range counts by its lower end. */
function sizesUpTo(...bounds: readonly number[]) {
  const first = (at: number) => (bounds[at - 1] ?? -1) + 1;
  const sizes = bounds.map((upTo, at) => (first(at) === upTo ? `${upTo}` : `${first(at)}-${upTo}`));
  const largest = `${first(bounds.length)}+`;
  const cases = bounds.map((upTo, at) => `WHEN employees_min <= ${upTo} THEN '${sizes[at]}'`);
  return {
    labels: [...sizes, largest, UNKNOWN],
    sql: `CASE WHEN employees_min IS NULL THEN '${UNKNOWN}' ${cases.join(' ')} ELSE '${largest}' END`,
  };
}

const ROWS_NAMED = 20;

/** Counts by value. Longer values are cut, and two may be one then. */
const tally = (value: string, order = '2 DESC, 1') =>
  `SELECT substr(COALESCE(${value}, '${UNKNOWN}'), 1, ${MAX_VALUE}), COUNT(*) FROM companies GROUP BY 1 ORDER BY ${order}`;
const some = (condition: string) =>
  `SELECT "row", COUNT(*) OVER () FROM companies WHERE ${condition} ORDER BY "row" LIMIT ${ROWS_NAMED}`;

const COUNTS = {
  totals: `SELECT COUNT(*), COUNT(same_as), COUNT(DISTINCT domain), COUNT(domain),
      COUNT(DISTINCT IIF(domain IS NULL, NULL, COALESCE(same_as, "row")))
    FROM companies`,
  countries: tally('country'),
  sizes: tally(SIZES.sql, 'MIN(employees_min) NULLS LAST'),
  stages: tally('funding_stage'),
  byCountry: `SELECT COALESCE(country, '${UNKNOWN}'), ${COARSE_SIZES.labels.map((label) => `SUM(size = '${label}')`).join(', ')}
    FROM (SELECT country, ${COARSE_SIZES.sql} AS size FROM companies WHERE same_as IS NULL)
    GROUP BY 1 ORDER BY COUNT(*) DESC, 1`,
  reasonless: some("COALESCE(TRIM(match_reason), '') = ''"),
  seeds: some('is_seed = 1'),
};

/** Sums a list up, and tells the industries along it: a drift shows there. */
export async function summarize(lists: CollectedLists, list: CollectedList, signal: AbortSignal) {
  const stretches = stretchesOf(list);
  const statements = [...Object.values(COUNTS), industriesSql(stretches)];
  const answers = await lists.ask(
    [list],
    statements.map((sql) => ({ sql, maxRows: MAX_LINES, maxText: MAX_VALUE })),
    { signal },
  );
  const rows = (of: keyof typeof COUNTS) => answers[Object.keys(COUNTS).indexOf(of)]?.rows ?? [];
  const named = (of: keyof typeof COUNTS) => ({
    count: Number(rows(of)[0]?.[1] ?? 0),
    rows: rows(of).map(([row]) => Number(row)),
  });
  const [companies = 0, again = 0, unique_domains = 0, with_domain = 0, with_website = 0] = (
    rows('totals')[0] ?? []
  ).map(Number);
  const industries = industriesOf(stretches, answers.at(-1)?.rows ?? []);
  return {
    summary: {
      companies,
      distinct: companies - again,
      unique_domains,
      duplicate_domains: with_domain - unique_domains,
      without_domain: companies - with_domain,
      without_website: companies - again - with_website,
      addressing_assistant: list.about.addressing_assistant,
      without_reason: named('reasonless'),
      seeds: named('seeds'),
      top_countries: top(counted(rows('countries')), TOP),
      employee_sizes: Object.fromEntries(counted(rows('sizes'))),
      funding_stages: top(counted(rows('stages')), TOP * 2),
      top_industries: top(industries.all, TOP),
      country_by_size: countryBySize(rows('byCountry')),
    },
    industries: industries.along,
  };
}

type Stretch = Omit<PageIndustries, 'industries'>;

/** The rows of a list in at most `STRETCHES` parts, each of whole pages. */
function stretchesOf({ about }: CollectedList): Stretch[] {
  const pages = about.pages.filter(({ rows }) => rows > 0);
  const size = Math.max(1, Math.ceil(pages.length / STRETCHES));
  return pages.flatMap(({ first_row }, at) => {
    const last = pages[Math.min(at + size, pages.length) - 1];
    return last && at % size === 0 ? [{ first_row, last_row: last.first_row + last.rows - 1 }] : [];
  });
}

/** Industries, how many rows have them, and in which stretch. Rows that have the same ones are taken apart once. */
function industriesSql(stretches: readonly Stretch[]): string {
  const cases = stretches.map(({ last_row }, at) => `WHEN "row" <= ${last_row} THEN ${at}`);
  return `WITH alike AS MATERIALIZED (
      SELECT industries, CASE ${cases.join(' ') || 'WHEN 1 THEN 0'} END AS part, COUNT(*) AS n
      FROM companies GROUP BY 1, 2)
    SELECT substr(COALESCE(i.value, '${UNKNOWN}'), 1, ${MAX_VALUE}), SUM(n), part
    FROM alike LEFT JOIN json_each(industries) i GROUP BY 1, 3`;
}

function industriesOf(stretches: readonly Stretch[], rows: readonly SqlValue[][]) {
  const all = new Map<string, number>();
  const along = stretches.map((stretch): PageIndustries => ({ ...stretch, industries: [] }));
  for (const [at, [value, count]] of counted(rows).entries()) {
    all.set(value, (all.get(value) ?? 0) + count);
    if (value !== UNKNOWN) along[Number(rows[at]?.[2])]?.industries.push([value, count]);
  }
  return { all: [...all].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1)), along };
}

function counted(rows: readonly SqlValue[][]): Array<[value: string, count: number]> {
  return rows.map(([value, count]) => [String(value), Number(count)]);
}

/** Companies, each once by its first row: the commonest countries, then all others. */
function countryBySize(rows: readonly SqlValue[][]) {
  const named = rows.slice(0, rows.length > TABLE_COUNTRIES ? TABLE_COUNTRIES - 1 : undefined);
  const others = rows.slice(named.length);
  const { labels: sizes } = COARSE_SIZES;
  const rest = sizes.map((_, at) => others.reduce((sum, row) => sum + Number(row[at + 1]), 0));
  const lines = others.length > 0 ? [...named, ['all others', ...rest]] : named;
  return {
    sizes,
    countries: Object.fromEntries(lines.map(([country, ...counts]) => [String(country), counts.map(Number)])),
  };
}

/** The `limit` most frequent values with their counts; "unknown" is among them wherever it occurs. */
function top(all: ReadonlyArray<[value: string, count: number]>, limit: number): Record<string, number> {
  const first = all.slice(0, limit);
  const unknown = all.find(([value]) => value === UNKNOWN);
  if (unknown && !first.includes(unknown)) first[first.length - 1] = unknown;
  return Object.fromEntries(first);
}
