import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { expect } from 'vitest';
import { call, connect } from './harness.ts';
import { cursorOf, json, pageOf, shared, temporaryFolder, upstream } from './upstream.ts';

// Questions to one to twelve lists (more than SQLite attaches), answered once by query_companies and once in plain
// JavaScript over the rows that upstream sent. What a row is made of is written down here by hand, not by the code
// under test.

type SqlValue = number | string | null;

const COUNTRIES = [
  { sent: 'Germany', country: 'Germany', code: 'DEU', region: 'Europe', in_eu: 1 },
  { sent: 'FRA', country: 'France', code: 'FRA', region: 'Europe', in_eu: 1 },
  { sent: 'United Kingdom', country: 'United Kingdom', code: 'GBR', region: 'Europe', in_eu: 0 },
  { sent: 'IND', country: 'India', code: 'IND', region: 'Asia', in_eu: 0 },
  { sent: null, country: null, code: null, region: null, in_eu: null },
] as const;
const STAGES = ['Seed', 'Series A', null] as const;
/** Beginnings of names, in the order in which people put them. */
const WORDS = ['Alba', 'álbatros', 'Company', 'Éclair', 'Edel', 'Öko', 'oslo', 'ÜBER', 'Zink'] as const;

/** A company as questions see it. */
interface Seen {
  job_id: string;
  row: number;
  name: string;
  company: number;
  country: string | null;
  country_code: string | null;
  region: string | null;
  in_eu: number | null;
  employees: number | null;
  funding_stage: string | null;
  revenue_usd: number | null;
  domain: string | null;
  same_as: number | null;
  also_in: string[];
}
type Field = Exclude<keyof Seen, 'also_in' | 'company'>;

const nameOf = (company: number) => `${WORDS[company % WORDS.length]} ${String(company).padStart(2, '0')}`;

/** The list of one job: companies of one pool of 90, so that lists share some and have some twice. */
function listOf(list: number): { rows: Array<Record<string, unknown>>; seen: Seen[] } {
  const rows: Array<Record<string, unknown>> = [];
  const seen: Seen[] = [];
  const firsts = new Map<number, number>();
  for (let at = 0; at < 20 + list * 3; at += 1) {
    const company = (list * 7 + at * at) % 90;
    const place = COUNTRIES[company % COUNTRIES.length] ?? COUNTRIES[0];
    const employees = company % 6 === 0 ? null : company * 11;
    const stage = STAGES[company % STAGES.length] ?? null;
    const revenue = company % 4 === 0 ? null : company * 1_000;
    // The domain is missing in some rows, which the LinkedIn page joins with the others.
    const domain = (company + at) % 5 === 0 ? null : `c${company}.example`;
    rows.push({
      // Accents as signs of their own in every other list, which are the same names.
      name: list % 2 === 0 ? nameOf(company) : nameOf(company).normalize('NFD'),
      domain: domain ?? '',
      linkedin_url: `https://www.linkedin.com/company/c-${company}`,
      hq_country: place.sent,
      employee_count: employees,
      funding_stage: stage,
      revenue_usd: revenue,
    });
    const first = firsts.get(company) ?? null;
    if (first === null) firsts.set(company, at + 1);
    const { country, code, region, in_eu } = place;
    seen.push({
      ...{ job_id: `job-${list}`, row: at + 1, name: nameOf(company), company, domain, employees },
      ...{ country, country_code: code, region, in_eu, funding_stage: stage, revenue_usd: revenue },
      ...{ same_as: first, also_in: [] },
    });
  }
  return { rows, seen };
}

const LISTS = Array.from({ length: 12 }, (_, list) => ({ id: `job-${list}`, ...listOf(list) }));

const served = shared(async () => {
  const api = await upstream(({ path }, res) => {
    const job_id = /bulk\/([^/?]+)/.exec(path)?.[1] ?? '';
    const { rows } = LISTS.find(({ id }) => id === job_id) ?? { rows: [] };
    json(res, pageOf([rows], cursorOf(path), { job_id }));
  });
  const state = temporaryFolder();
  const client = await connect({
    OPENFUNNEL_BASE_URL: api.url,
    OPENFUNNEL_API_KEY: 'of_test_key',
    OPENFUNNEL_STATE_DIR: state,
    OPENFUNNEL_EXPORT_DIR: temporaryFolder(),
  });
  return { client, state };
});

/** The rows at hand, with the other lists at hand that have their companies. */
function atHand(ids: readonly string[]): Seen[] {
  const all = LISTS.filter(({ id }) => ids.includes(id)).flatMap(({ seen }) => seen);
  const jobs = new Map<number, Set<string>>();
  for (const { company, job_id } of all) jobs.set(company, (jobs.get(company) ?? new Set()).add(job_id));
  return all.map((each) => ({
    ...each,
    also_in: [...(jobs.get(each.company) ?? [])].filter((job) => job !== each.job_id),
  }));
}

/** A condition in both languages; null is what SQL does not know. */
interface Condition {
  sql: string;
  holds: (row: Seen) => boolean | null;
}

const NUMBERS = ['row', 'employees', 'revenue_usd', 'in_eu', 'same_as'] as const;
const TEXTS = ['name', 'country', 'country_code', 'region', 'funding_stage', 'domain', 'job_id'] as const;
const SIGNS: Record<string, (a: number | string, b: number | string) => boolean> = {
  '=': (a, b) => a === b,
  '<>': (a, b) => a !== b,
  '<': (a, b) => a < b,
  '>=': (a, b) => a >= b,
};
const VALUES = [
  'Germany',
  'IND',
  'Europe',
  'Seed',
  'Company 11',
  'Öko 14',
  'c40.example',
  'job-3',
  'nothing',
];

function compared(field: Field, sign: string, value: number | string): Condition {
  return {
    sql: `${field} ${sign} ${typeof value === 'number' ? value : `'${value}'`}`,
    holds: (row) => {
      const own = row[field];
      return own === null ? null : (SIGNS[sign]?.(own, value) ?? null);
    },
  };
}

const sign = fc.constantFrom(...Object.keys(SIGNS));
const simple: fc.Arbitrary<Condition> = fc.oneof(
  fc
    .tuple(fc.constantFrom(...NUMBERS), sign, fc.integer({ min: 0, max: 900 }))
    .map((parts) => compared(...parts)),
  fc
    .tuple(fc.constantFrom(...TEXTS), fc.constantFrom('=', '<>'), fc.constantFrom(...VALUES))
    .map((parts) => compared(...parts)),
  fc.constantFrom(...NUMBERS, ...TEXTS).map((field) => ({
    sql: `${field} IS NULL`,
    holds: (row: Seen) => row[field] === null,
  })),
  fc
    .tuple(
      fc.constantFrom(...TEXTS),
      fc.uniqueArray(fc.constantFrom(...VALUES), { minLength: 1, maxLength: 4 }),
    )
    .map(([field, values]) => ({
      sql: `${field} IN (${values.map((value) => `'${value}'`).join(', ')})`,
      holds: (row: Seen) => {
        const own = row[field];
        return own === null ? null : values.includes(own);
      },
    })),
  fc
    .tuple(fc.constantFrom(...TEXTS), fc.constantFrom('er', 'COMPANY 1', 'c1', '9', 'öko', 'éCL', 'über'))
    .map(([field, part]) => ({
      sql: `${field} LIKE '%${part}%'`,
      holds: (row: Seen) => row[field]?.toLowerCase().includes(part.toLowerCase()) ?? null,
    })),
  fc.constant({ sql: "also_in <> '[]'", holds: (row: Seen) => row.also_in.length > 0 }),
);
const { condition } = fc.letrec<{ condition: Condition }>((tie) => ({
  condition: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    simple,
    tie('condition').map(({ sql, holds }) => ({
      sql: `NOT (${sql})`,
      holds: (row: Seen) => {
        const held = holds(row);
        return held === null ? null : !held;
      },
    })),
    fc.tuple(tie('condition'), fc.constantFrom('AND', 'OR'), tie('condition')).map(([a, word, b]) => ({
      sql: `(${a.sql} ${word} ${b.sql})`,
      holds: (row: Seen) => {
        const both = [a.holds(row), b.holds(row)];
        const decides = word === 'OR';
        if (both.includes(decides)) return decides;
        return both.includes(null) ? null : !decides;
      },
    })),
  ),
}));

/** A question in both languages; `inOrder`: rows are compared with their order, too. */
interface Asked {
  sql: string;
  inOrder?: true;
  answer: (rows: readonly Seen[]) => SqlValue[][];
}

const fits =
  ({ holds }: Condition) =>
  (row: Seen) =>
    holds(row) === true;
const known = (values: ReadonlyArray<number | null>) => values.filter((value) => value !== null);
const sum = (values: readonly number[]) => values.reduce((all, value) => all + value, 0);

/** Rows that fulfil a condition. */
const filtered = (where: Condition): Asked => ({
  sql: `SELECT job_id, row, name, region, same_as, json_array_length(also_in) FROM companies WHERE ${where.sql}`,
  answer: (rows) =>
    rows
      .filter(fits(where))
      .map(({ job_id, row, name, region, same_as, also_in }) => [
        job_id,
        row,
        name,
        region,
        same_as,
        also_in.length,
      ]),
});
const filter = condition.map(filtered);
/** Each row beside each of its list: of all lists, more rows than any answer has room for. */
const everything: Asked = {
  sql: 'SELECT a.job_id, a.row, b.row AS other_row FROM companies a JOIN companies b ON a.job_id = b.job_id',
  answer: (rows) =>
    rows.flatMap((a) =>
      rows.filter((b) => a.job_id === b.job_id).map((b): SqlValue[] => [a.job_id, a.row, b.row]),
    ),
};

/** As people put them: what is missing first, names by their letters, all else by value. */
function inOrderOf(field: Field, a: Seen, b: Seen): number {
  const [one, other] = [a[field], b[field]].map((value) =>
    field !== 'name' ? value : `${WORDS.findIndex((word) => String(value).startsWith(`${word} `))} ${value}`,
  );
  if (one === other || one === undefined || other === undefined) return 0;
  if (one === null || other === null) return one === null ? -1 : 1;
  return one < other ? -1 : 1;
}

const ordered = fc
  .tuple(
    condition,
    fc.uniqueArray(fc.tuple(fc.constantFrom(...NUMBERS, ...TEXTS), fc.constantFrom(1, -1)), {
      minLength: 1,
      maxLength: 3,
      selector: ([field]) => field,
    }),
    fc.constantFrom(-1, 1, 7, 60),
    fc.nat(9),
  )
  .map(([where, by, limit, offset]) => ({
    sql: `SELECT job_id, row, ${by.map(([field], at) => `${field} AS by_${at}`).join(', ')} FROM companies
      WHERE ${where.sql} ORDER BY ${by.map(([field, way]) => `${field} ${way === 1 ? '' : 'DESC'}`).join(', ')},
      job_id, row LIMIT ${limit} OFFSET ${offset}`,
    inOrder: true as const,
    answer: (rows: readonly Seen[]) =>
      rows
        .filter(fits(where))
        .sort(
          (a, b) =>
            [...by, ['job_id', 1] as const, ['row', 1] as const]
              .map(([field, way]) => way * inOrderOf(field, a, b))
              .find((order) => order !== 0) ?? 0,
        )
        .slice(offset, limit === -1 ? undefined : offset + limit)
        .map((row) => [row.job_id, row.row, ...by.map(([field]) => row[field])]),
  }));
const group = fc
  .tuple(condition, fc.constantFrom(...TEXTS, 'in_eu' as const), fc.nat(3))
  .map(([where, by, least]) => ({
    sql: `SELECT ${by}, COUNT(*), COUNT(employees), SUM(employees), MIN(revenue_usd), COUNT(DISTINCT company_key)
    FROM companies WHERE ${where.sql} GROUP BY ${by} HAVING COUNT(*) > ${least}`,
    answer: (rows: readonly Seen[]) => {
      const groups = new Map<SqlValue, Seen[]>();
      for (const row of rows.filter(fits(where))) groups.set(row[by], [...(groups.get(row[by]) ?? []), row]);
      return [...groups]
        .filter(([, each]) => each.length > least)
        .map(([value, each]) => {
          const employees = known(each.map((row) => row.employees));
          const revenues = known(each.map((row) => row.revenue_usd));
          return [
            ...[value, each.length, employees.length, employees.length === 0 ? null : sum(employees)],
            ...[
              revenues.length === 0 ? null : Math.min(...revenues),
              new Set(each.map((row) => row.company)).size,
            ],
          ];
        });
    },
  }));
const joined = fc.tuple(condition, fc.constantFrom('<', '<>')).map(([where, how]) => ({
  sql: `SELECT a.job_id, a.row, b.job_id AS other, b.row AS other_row FROM (SELECT * FROM companies WHERE ${where.sql}) a
    JOIN companies b ON a.company_key = b.company_key AND a.job_id ${how} b.job_id`,
  answer: (rows: readonly Seen[]) =>
    rows
      .filter(fits(where))
      .flatMap((a) =>
        rows
          .filter((b) => a.company === b.company && SIGNS[how]?.(a.job_id, b.job_id))
          .map((b) => [a.job_id, a.row, b.job_id, b.row]),
      ),
}));
const once = condition.map((where) => ({
  sql: `SELECT name, best_row, json_array_length(lists) FROM distinct_companies
    WHERE company_key IN (SELECT company_key FROM companies WHERE ${where.sql})`,
  answer: (rows: readonly Seen[]) =>
    [...new Set(rows.filter(fits(where)).map(({ company }) => company))].map((company) => {
      const own = rows.filter((row) => row.company === company);
      return [
        ...[nameOf(company), Math.min(...own.map(({ row }) => row))],
        new Set(own.map(({ job_id }) => job_id)).size,
      ];
    }),
}));
const question: fc.Arbitrary<Asked> = fc.oneof(filter, ordered, group, joined, once);

/** Checksums of all that the server keeps. */
const checksums = (state: string) =>
  readdirSync(state, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => `${entry.name} ${crc32(readFileSync(join(entry.parentPath, entry.name)))}`)
    .sort();
const composed = (cell: SqlValue) => (typeof cell === 'string' ? cell.normalize('NFC') : cell);
const lines = (rows: readonly SqlValue[][]) => rows.map((row) => JSON.stringify(row.map(composed)));

/** So many questions have the answers that plain JavaScript gives over the same rows, and change no kept file. */
export async function answersAsJavaScript(questions: number): Promise<void> {
  const { client, state } = served();
  const ids = LISTS.map(({ id }) => id);
  const ask = async (args: Record<string, unknown>) => {
    const { data, text, isError } = await call(client, 'query_companies', { max_rows: 500, ...args });
    if (isError) throw new Error(text);
    return data;
  };
  await ask({ sql: 'SELECT 1', job_ids: ids });
  const before = checksums(state);
  expect(before.length).toBeGreaterThanOrEqual(12);
  const found = { answers: 0, files: 0 };
  await fc.assert(
    fc.asyncProperty(
      fc.subarray(ids, { minLength: 1 }),
      fc.boolean(),
      question,
      async (hand, named, { sql, answer, inOrder }) => {
        const all = hand.length === ids.length && !named;
        const asked = { sql, ...(all ? {} : { job_ids: hand }) };
        const data = await ask(asked);
        const put = (rows: readonly SqlValue[][]) => (inOrder ? lines(rows) : lines(rows).sort());
        const right = put(answer(atHand(hand)));
        found.answers += right.length > 0 ? 1 : 0;
        expect(data.row_count).toBe(right.length);
        if (all) expect(data.scope).toContain(`${ids.length} lists`);
        if (data.rows_omitted === 0) {
          expect(put(data.rows)).toEqual(right);
          return;
        }
        // What does not fit into an answer is in the file that is made of it, the first of it in both.
        found.files += 1;
        const file = await ask({ ...asked, format: 'jsonl' });
        const written = readFileSync(file.export.path, 'utf8').trim().split('\n');
        const rows = written.map((line) => Object.values(JSON.parse(line)) as SqlValue[]);
        expect(put(rows)).toEqual(right);
        expect(lines(data.rows)).toEqual(lines(rows.slice(0, data.rows.length)));
      },
    ),
    { numRuns: questions, examples: [[ids, false, everything]] },
  );
  expect(found.answers).toBeGreaterThan(questions / 6);
  expect(found.files).toBeGreaterThan(0);
  expect(checksums(state)).toEqual(before);
}
