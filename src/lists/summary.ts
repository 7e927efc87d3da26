import type { Answer, SomeRows, Statement } from '../sql/messages.ts';
import type { CollectedLists } from './collected.ts';
import type { CollectedList } from './collected-list.ts';

export interface ValueCount {
  value: string;
  count: number;
}

/** What a list of companies is like, without the companies. Counts are rows unless said otherwise. */
export interface Summary {
  /** Rows. */
  companies: number;
  /** Companies, each once. */
  distinct: number;
  /** Domains, each once. */
  unique_domains: number;
  /** Rows whose domain an earlier row already had: companies = unique + duplicate + without. */
  duplicate_domains: number;
  without_domain: number;
  /** Companies, each once, none of whose rows has a website. */
  without_website: number;
  /** Rows with text that seems to speak to an AI assistant. */
  addressing_assistant: SomeRows;
  /** Rows of which OpenFunnel does not say why they match. */
  without_reason: SomeRows;
  /** Rows that are seeds or their branches. */
  seeds: SomeRows;
  top_countries: ValueCount[];
  employee_sizes: ValueCount[];
  funding_stages: ValueCount[];
  top_industries: ValueCount[];
  /** Companies, each once by its first row, by country and size: the commonest countries, then all others. */
  country_by_size: { sizes: string[]; countries: Array<{ country: string; counts: number[] }> };
}

/** Rows that follow each other. */
export interface Stretch {
  first_row: number;
  last_row: number;
}

/** A stretch with the commonest industries of its companies. */
export interface PageIndustries extends Stretch {
  industries: ValueCount[];
}

export const UNKNOWN = 'unknown';
/** Values that are counted of each kind. */
const MAX_VALUES = 5_000;
/** Values named in each list; a missing value counts as "unknown" and is always named. */
const TOP = 10;

/** Sizes of companies by employees: up to how many, and how that is called. */
export const SIZES: ReadonlyArray<readonly [upTo: number, label: string]> = [
  [0, '0'],
  [10, '1-10'],
  [50, '11-50'],
  [200, '51-200'],
  [500, '201-500'],
  [1_000, '501-1000'],
  [5_000, '1001-5000'],
  [10_000, '5001-10000'],
  [Number.POSITIVE_INFINITY, '10001+'],
];

/** The same, coarser, for a table by country. */
const COARSE_SIZES: typeof SIZES = [
  [10, '0-10'],
  [50, '11-50'],
  [200, '51-200'],
  [1_000, '201-1000'],
  [Number.POSITIVE_INFINITY, '1001+'],
];
/** Countries in that table that have a line of their own. */
const TABLE_COUNTRIES = 6;

/** A company's size as SQL, one of `SIZES` or "unknown"; a range counts by its lower end. */
export function sizeSql(sizes = SIZES): string {
  const employees = 'COALESCE(employees, employees_min)';
  const cases = sizes.map(([upTo, label]) =>
    upTo === Number.POSITIVE_INFINITY ? `ELSE '${label}'` : `WHEN ${employees} <= ${upTo} THEN '${label}'`,
  );
  return `CASE WHEN ${employees} IS NULL OR ${employees} < 0 THEN '${UNKNOWN}' ${cases.join(' ')} END`;
}

/** Rows named of those with something about them. */
const ROWS_NAMED = 20;
const WITHOUT_REASON = "COALESCE(TRIM(match_reason), '') = ''";

function someRows(answer: Answer | undefined): SomeRows {
  const rows = answer?.rows ?? [];
  return { count: Number(rows[0]?.[1] ?? 0), rows: rows.map(([row]) => Number(row)) };
}

/**
 * Sums a list up.
 *
 * @param stretches All of its rows, cut where the industries along it are to be told: a drift shows there.
 */
export async function summarize(
  lists: CollectedLists,
  list: CollectedList,
  stretches: readonly Stretch[],
  call: { signal: AbortSignal },
): Promise<{ summary: Summary; industries: PageIndustries[] }> {
  const answers = await lists.ask(
    [list],
    [
      statement(
        'SELECT COUNT(*), SUM(same_as IS NULL), COUNT(DISTINCT domain), SUM(domain IS NULL) FROM companies',
      ),
      tally(`COALESCE(country, '${UNKNOWN}')`, 'companies'),
      tally(sizeSql(), 'companies'),
      tally(`COALESCE(funding_stage, '${UNKNOWN}')`, 'companies'),
      byIndustry(stretches),
      statement(
        'SELECT COUNT(*) FROM (SELECT 1 FROM companies GROUP BY COALESCE(same_as, "row") HAVING MAX(domain) IS NULL)',
      ),
      statement(
        `SELECT COALESCE(country, '${UNKNOWN}'), ${sizeSql(COARSE_SIZES)}, COUNT(*) FROM companies
          WHERE same_as IS NULL GROUP BY 1, 2`,
        MAX_VALUES,
      ),
      ...[WITHOUT_REASON, 'is_seed = 1'].map((condition) =>
        statement(
          `SELECT "row", COUNT(*) OVER () FROM companies WHERE ${condition} ORDER BY "row" LIMIT ${ROWS_NAMED}`,
          ROWS_NAMED,
        ),
      ),
    ],
    call,
  );
  const [companies = 0, distinct = 0, unique = 0, without = 0] = (answers[0]?.rows[0] ?? []).map(Number);
  const sizes = new Map(counts(answers[2]).map(({ value, count }) => [value, count]));
  const summary = {
    companies,
    distinct,
    unique_domains: unique,
    duplicate_domains: companies - unique - without,
    without_domain: without,
    without_website: Number(answers[5]?.rows[0]?.[0] ?? 0),
    addressing_assistant: list.about.addressing_assistant,
    without_reason: someRows(answers[7]),
    seeds: someRows(answers[8]),
    top_countries: top(counts(answers[1]), TOP),
    employee_sizes: [...SIZES.map(([, label]) => label), UNKNOWN].flatMap((value) => {
      const count = sizes.get(value);
      return count === undefined ? [] : [{ value, count }];
    }),
    funding_stages: top(counts(answers[3]), TOP * 2),
    top_industries: top(industriesOf(answers[4], ALL), TOP),
    country_by_size: countryBySize(answers[6]),
  };
  return {
    summary,
    industries: along(stretches, answers[4]),
  };
}

/** The commonest industries along a list, as `summarize` tells them too. */
export async function industriesAlong(
  lists: CollectedLists,
  list: CollectedList,
  stretches: readonly Stretch[],
  call: { signal: AbortSignal },
): Promise<PageIndustries[]> {
  const [answer] = await lists.ask([list], [byIndustry(stretches)], call);
  return along(stretches, answer);
}

function along(stretches: readonly Stretch[], answer: Answer | undefined): PageIndustries[] {
  return stretches.map((stretch, at) => ({ ...stretch, industries: industriesOf(answer, at) }));
}

/** What `byIndustry` found of a stretch, or of all. */
function industriesOf(answer: Answer | undefined, stretch: number): ValueCount[] {
  return (answer?.rows ?? []).flatMap(([at, value, count]) =>
    at === stretch ? [{ value: String(value), count: Number(count) }] : [],
  );
}

/** Stands for all stretches. */
const ALL = -1;
/** Lines that tell of single stretches. */
const MAX_LINES = 15_000;

/** Industries of the whole list, then of each stretch of it, the commonest first: each row is read once for both. */
function byIndustry(stretches: readonly Stretch[]): Statement {
  const values = stretches.map(({ first_row, last_row }, at) => `(${at}, ${first_row}, ${last_row})`);
  return statement(
    `WITH stretches(at, low, high) AS (VALUES ${values.join(', ') || '(0, 0, 0)'}),
      found AS MATERIALIZED (SELECT s.at, i.value, COUNT(*) AS n
        FROM stretches s JOIN companies c ON c."row" BETWEEN s.low AND s.high LEFT JOIN json_each(c.industries) i
        GROUP BY 1, 2)
      SELECT * FROM (SELECT ${ALL}, COALESCE(value, '${UNKNOWN}'), SUM(n) FROM found GROUP BY 2
        ORDER BY 3 DESC, 2 LIMIT ${MAX_VALUES})
      UNION ALL SELECT * FROM (SELECT at, value, n FROM found WHERE value IS NOT NULL
        ORDER BY at, n DESC, value LIMIT ${MAX_LINES})`,
    MAX_VALUES + MAX_LINES,
  );
}

function statement(sql: string, maxRows = 1): Statement {
  return { sql, maxRows, maxText: 80 };
}

function tally(value: string, from: string): Statement {
  return statement(
    `SELECT ${value} AS value, COUNT(*) AS count FROM ${from} GROUP BY 1 ORDER BY 2 DESC, 1`,
    MAX_VALUES,
  );
}

function counts(answer: Answer | undefined): ValueCount[] {
  return (answer?.rows ?? []).map(([value, count]) => ({ value: String(value), count: Number(count) }));
}

function countryBySize(answer: Answer | undefined): Summary['country_by_size'] {
  const sizes = [...COARSE_SIZES.map(([, label]) => label), UNKNOWN];
  const lines = new Map<string, number[]>();
  for (const [country, size, count] of answer?.rows ?? []) {
    const line = lines.get(String(country)) ?? sizes.map(() => 0);
    line[sizes.indexOf(String(size))] = Number(count);
    lines.set(String(country), line);
  }
  const sum = (line: readonly number[]) => line.reduce((all, count) => all + count, 0);
  const countries = [...lines].sort(([a, x], [b, y]) => sum(y) - sum(x) || (a < b ? -1 : 1));
  const named = countries.slice(0, countries.length > TABLE_COUNTRIES ? TABLE_COUNTRIES - 1 : undefined);
  const others = countries.slice(named.length).map(([, line]) => line);
  const rest = sizes.map((_, at) => sum(others.map((line) => line[at] ?? 0)));
  return {
    sizes,
    countries: [...named, ...(others.length > 0 ? [[OTHERS, rest] as const] : [])].map(([country, each]) => ({
      country,
      counts: [...each],
    })),
  };
}

/** All countries without a line of their own. */
const OTHERS = 'all others';

/** The `limit` most frequent values; "unknown" is among them wherever it occurs. */
function top(all: readonly ValueCount[], limit: number): ValueCount[] {
  const first = all.slice(0, limit);
  const unknown = all.find(({ value }) => value === UNKNOWN);
  if (unknown && !first.includes(unknown)) first[first.length - 1] = unknown;
  return first;
}
