import type { Database, SqlJsStatic } from 'sql.js';
import { addressesAssistant } from '../companies/addressing.ts';
import { type Company, companyOf } from '../companies/company.ts';
import { groupsOf } from '../companies/groups.ts';
import { SeedMatcher } from '../companies/seeds.ts';
import { CUT_MARK, counted, cutText } from '../lib/text.ts';
import { type Row, toText } from '../openfunnel/wire.ts';
import {
  ABOUT_COLUMNS,
  type Column,
  columnNames,
  DERIVED_COLUMNS,
  declared,
  FILE_COLUMNS,
  JOB_COLUMNS,
  LONG_COLUMNS,
  NAMED,
  UPSTREAM_COLUMNS,
} from './columns.ts';
import { APPLICATION_ID, RULES, readAbout, rowsOf, sealed } from './image.ts';
import { Inserter, insertRows } from './inserter.ts';
import type { About, Exchanges, SomeRows, SqlValue, ToldAbout } from './messages.ts';

/** Rows named of those that seem to speak to an assistant. */
const ROWS_NAMED = 20;
/** What of a text can ever be shown. Characters. */
const SHOWN = 4_000;
const SHOWN_TEXTS = ['name', 'headquarters', 'match_reason', 'tagline', 'description'] as const;

/** Makes the image of a list from its rows, in order. */
export class ImageBuilder {
  readonly #db: Database;
  readonly #upstream: Inserter;
  readonly #derived: Inserter;
  readonly #companies: Array<Pick<Company, 'company_key'> & Parameters<SeedMatcher['isSeed']>[0]> = [];
  readonly #numbers: number[] = [];
  readonly #addressing: SomeRows = { count: 0, rows: [] };
  #unnamed = 0;

  constructor(sqlite: SqlJsStatic) {
    this.#db = inOwnMemory(sqlite);
    this.#db.run(`PRAGMA page_size = 16384; PRAGMA journal_mode = OFF; PRAGMA application_id = ${APPLICATION_ID};
      CREATE TABLE about (${declared(ABOUT_COLUMNS)});
      CREATE TABLE pages (number INTEGER PRIMARY KEY, name TEXT, first_row INTEGER, rows INTEGER);
      CREATE TABLE upstream_rows ("row" INTEGER PRIMARY KEY, ${declared(UPSTREAM_COLUMNS)}, extra TEXT);
      CREATE TABLE derived ("row" INTEGER PRIMARY KEY, ${declared(DERIVED_COLUMNS)});
      CREATE VIEW companies AS SELECT ${FILE_COLUMNS.map(inView).join(', ')} FROM derived d;
      CREATE VIEW jobs AS SELECT ${columnNames(JOB_COLUMNS).join(', ')} FROM about;
      BEGIN;`);
    this.#upstream = new Inserter(this.#db, 'upstream_rows');
    this.#derived = new Inserter(this.#db, 'derived');
  }

  /**
   * Takes rows over. They have to be cleaned already.
   *
   * @param firstRow Number of the first of them in the whole list, from 1.
   */
  add(firstRow: number, rows: readonly Row[]): void {
    for (const [at, row] of rows.entries()) {
      const number = firstRow + at;
      const company = companyOf(row);
      this.#upstream.add([
        number,
        ...UPSTREAM_COLUMNS.map((column) => stored(row, column, company)),
        extraOf(row),
      ]);
      this.#derived.add(derivedOf(number, company));
      const { keys, company_key, name, headquarters, city, state, country } = company;
      // Without its long texts, which would stay in memory until the end.
      this.#companies.push({ keys, company_key, name, headquarters, city, state, country });
      if ((company.name ?? company.domain ?? company.linkedin_url) === null) this.#unnamed += 1;
      if (SHOWN_TEXTS.some((name) => addressesAssistant((company[name] ?? '').slice(0, SHOWN)))) {
        this.#addressing.count += 1;
        if (this.#addressing.rows.length < ROWS_NAMED) this.#addressing.rows.push(number);
      }
      // Last of all: a row that was not taken over whole is missed at the end.
      this.#numbers.push(number);
    }
  }

  /**
   * The finished image, and what it says of itself. The builder is used up by it.
   *
   * @throws where rows are missing.
   */
  finish(told: ToldAbout): Exchanges['finish']['answer'] {
    const unnamed = `${counted(this.#unnamed, 'row', 'have')} neither name, domain nor LinkedIn page: no company is told of.`;
    const doubts = [...new Set([...told.doubts, ...(this.#unnamed > 0 ? [unnamed] : [])])];
    const about = { ...told, doubts, addressing_assistant: this.#addressing };
    try {
      if (this.#numbers.length !== about.companies)
        throw new RangeError(`${this.#numbers.length} rows came of a list of ${about.companies}`);
      this.#upstream.end();
      this.#derived.end();
      this.#join(seedsOf(about));
      this.#say(about);
      this.#db.run('COMMIT');
      return { about, image: sealed(this.#db.export()) };
    } finally {
      this.#db.close();
    }
  }

  abandon(): void {
    this.#db.close();
  }

  /** What a row has of the others: the first row of its company, and whether that is a seed. */
  #join(seeds: readonly string[]): void {
    const matcher = new SeedMatcher(seeds.map((domain) => ({ domain })));
    if (seeds.length > 0) for (const company of this.#companies) matcher.learn(company);
    const firsts = groupsOf(this.#companies.map(({ keys }) => keys));
    const joined = this.#db.prepare(
      'UPDATE derived SET company_key = ?, is_seed = ?, same_as = ? WHERE "row" = ?',
    );
    for (const [at, company] of this.#companies.entries()) {
      const first = firsts[at] ?? at;
      const isSeed = seeds.length > 0 && matcher.isSeed(company);
      if (first === at && !isSeed) continue;
      const sameAs = first === at ? null : (this.#numbers[first] ?? null);
      const key = this.#companies[first]?.company_key ?? null;
      joined.run([key, isSeed ? 1 : 0, sameAs, this.#numbers[at] ?? at + 1]);
    }
    joined.free();
  }

  #say(about: About): void {
    const { request, manifest, pages } = about;
    const values: Readonly<Record<string, unknown>> = {
      ...about,
      rules: RULES,
      query: request?.query,
      seed_domains: request?.seed_domains,
      requested_limit: request?.limit,
      credits: manifest?.credits_consumed,
    };
    this.#db.run(
      `INSERT INTO about VALUES (${ABOUT_COLUMNS.map(() => '?').join(', ')})`,
      ABOUT_COLUMNS.map(({ name, type }) => said(values[name], type)),
    );
    insertRows(
      this.#db,
      'pages',
      pages.map(({ name, first_row, rows }, number) => [number, name, first_row, rows]),
    );
  }
}

/** A database in SQLite's own memory: a file of sql.js's is copied whole each time that it has grown by an eighth. */
function inOwnMemory({ Database }: SqlJsStatic): Database {
  class InOwnMemory extends Database {
    /** What sql.js opens, instead of the name that it gives. */
    get filename(): string {
      return ':memory:';
    }
    set filename(_given: string) {}

    override close(): void {
      try {
        super.close();
      } catch {
        // It is closed, and there is no file that sql.js could delete behind it.
      }
    }
  }
  return new InOwnMemory();
}

/** A value of a list's `about` as its column keeps it: numbers as numbers, and what is no text as JSON. */
function said(value: unknown, type: string): SqlValue {
  if (value === null || value === undefined) return null;
  if (type === 'TEXT') return typeof value === 'string' ? value : JSON.stringify(value);
  return typeof value !== 'object' && Number.isFinite(Number(value)) ? Number(value) : null;
}

function derivedOf(number: number, company: Company): SqlValue[] {
  const { keys, industries } = company;
  // Spread whole: a rest of its fields would be made field by field.
  const told: Readonly<Record<string, SqlValue>> = {
    ...company,
    keys: null,
    is_seed: 0,
    industries: industries === null ? null : JSON.stringify(industries),
    identity_keys: JSON.stringify(keys),
  };
  return [number, ...DERIVED_COLUMNS.map(({ name }) => told[name] ?? null)];
}

/** The seeds of a list's search, as sent and as upstream resolved them. */
function seedsOf({ request, manifest }: ToldAbout): string[] {
  return [request?.seed_domains, manifest?.resolved_seed_domains].flatMap((seeds) =>
    Array.isArray(seeds) ? seeds.filter((seed) => typeof seed === 'string') : [],
  );
}

/** A column of the view `companies`. SQLite would not leave a join out where a question does not need it. */
function inView({ name }: Column): string {
  return LONG_COLUMNS.has(name)
    ? `(SELECT u."${name}" FROM upstream_rows u WHERE u."row" = d."row") AS "${name}"`
    : `d."${name}"`;
}

/** A value of a row as its column keeps it. */
function stored(row: Row, { name, type }: Column, company: Company): SqlValue {
  const shown = SHOWN_TEXTS.find((each) => each === name);
  if (shown !== undefined) return company[shown];
  const value = Object.hasOwn(row, name) ? row[name] : null;
  if (typeof value === 'number' && type === 'BLOB') return value;
  const text = toText(value);
  return text !== null && name === 'industries' ? JSON.stringify(value) : text;
}

/** Longest JSON of a row's other fields. Characters. */
const MAX_EXTRA = 400_000;

/** A row's other fields as JSON; texts of one that is too large are cut, and what still does not fit is marked. */
function extraOf(row: Row): string {
  const fields = Object.entries(row).filter(([name]) => !NAMED.has(name));
  const whole = JSON.stringify(Object.fromEntries(fields));
  if (whole.length <= MAX_EXTRA) return whole;
  const most = Math.floor(MAX_EXTRA / (fields.length * 2));
  return JSON.stringify(
    Object.fromEntries(
      fields.map(([name, value]) => {
        const cut = typeof value === 'string' ? cutText(value, Math.floor(most / 2), CUT_MARK) : CUT_MARK;
        return [name, JSON.stringify(value).length <= most ? value : cut];
      }),
    ),
  );
}

/** The image of a list made anew from what upstream said, by the rules of now. */
export function renewed(sqlite: SqlJsStatic, db: Database): Exchanges['finish']['answer'] {
  const { about } = readAbout(db);
  const builder = new ImageBuilder(sqlite);
  for (const { row, extra, ...fields } of rowsOf(db, 'SELECT * FROM upstream_rows ORDER BY "row"')) {
    const industries: unknown = JSON.parse(String(fields.industries));
    const others = JSON.parse(String(extra)) as Record<string, unknown>;
    builder.add(Number(row), [{ ...fields, industries, ...others }]);
  }
  return builder.finish(about);
}
