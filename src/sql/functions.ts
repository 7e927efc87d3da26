// Functions of SQL that know all letters, not those of ASCII alone, and regular expressions that end; and the schema.
import { RE2JS } from 're2js';
import type { Database } from 'sql.js';
import { normalForm } from '../lib/text.ts';
import { sqlLiteral } from './columns.ts';
import { fold, sortKey } from './letters.ts';

type Value = number | string | Uint8Array | null;

/** sql.js hands results over on a stack of 5 MB; a longer text would end the thread. UTF-16 units. */
const LONGEST_TEXT = 1_000_000;
/** Patterns kept ready; a statement has few, a join over a column of patterns many. */
const KEPT_PATTERNS = 200;

/**
 * Makes these functions those of the database: lower, upper and LIKE for all letters, composed or not; fold(x),
 * by which texts are the same that differ in case or composition alone; sort_key(x), by which texts are ordered
 * as people do, other values as they are; the operator REGEXP (RE2's syntax, linear in time). Numbers are taken
 * as text; NULL gives NULL.
 */
export function registerFunctions(db: Database): void {
  const like = remembering(compilePattern);
  const regexp = remembering(compileRegexp);
  const fits = (test: typeof like, pattern: Value, value: Value, escaping: string | null = null) =>
    pattern === null || value === null ? null : test(textOf(pattern), escaping)(textOf(value));
  const lower = (given: string) => normalForm(given, 'NFC').toLowerCase();
  const upper = (given: string) => normalForm(given, 'NFC').toUpperCase();
  for (const [name, change] of Object.entries({ lower, upper, fold }))
    db.create_function(name, (value: Value) => text(value, change));
  db.create_function('sort_key', (value: Value) =>
    typeof value === 'string' ? text(value, sortKey) : value,
  );
  db.create_function('regexp', (pattern: Value, value: Value) => fits(regexp, pattern, value));
  db.create_function('like', (pattern: Value, value: Value) => fits(like, pattern, value));
  db.create_function('like', (pattern: Value, value: Value, escaping: Value) => {
    if (escaping === null) return null;
    const sign = textOf(escaping);
    if ([...sign].length !== 1) throw new Error('ESCAPE expression must be a single character');
    return fits(like, pattern, value, sign);
  });
}

/**
 * Makes views that tell what those who ask see of `tables`, as if they were plain ones: `described_tables`, which
 * `rewriteDialect` puts in the place of sqlite_master and its other names, and what PRAGMA table_list answers from.
 */
export function describeTables(db: Database, tables: readonly string[]): void {
  const columns = (what: string) => `(SELECT ${what} FROM pragma_table_info(t.column1) p)`;
  const names = `(VALUES ${tables.map((name) => `(${sqlLiteral(name)})`).join(', ')}) t`;
  db.run(`CREATE TEMP VIEW described_tables AS SELECT 'table' AS type, t.column1 AS name, t.column1 AS tbl_name, 0 AS rootpage,
      'CREATE TABLE ' || t.column1 || ' (' || ${columns("group_concat(trim(p.name || ' ' || p.type), ', ')")} || ')' AS sql
      FROM ${names};
    CREATE TEMP VIEW pragma_table_list AS SELECT 'main' AS schema, t.column1 AS name, 'table' AS type,
      ${columns('count(*)')} AS ncol, 0 AS wr, 0 AS strict FROM ${names}`);
}

function text(value: Value, change: (text: string) => string): string | null {
  if (value === null) return null;
  const changed = change(textOf(value));
  if (changed.length > LONGEST_TEXT) throw new Error('a text has more than 1,000,000 characters');
  return changed;
}

function textOf(value: number | string | Uint8Array): string {
  if (typeof value === 'string') return value;
  return typeof value === 'number' ? String(value) : new TextDecoder().decode(value);
}

function compileRegexp(pattern: string): (text: string) => boolean {
  try {
    const compiled = RE2JS.compile(normalForm(pattern, 'NFC'));
    return (given) => compiled.test(normalForm(given, 'NFC'));
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    throw new Error(`REGEXP: ${said} (RE2's syntax: no look-ahead, no back-reference)`);
  }
}

/** The same, with what it made last kept ready by pattern and by the character that escapes in it. */
function remembering<Made>(make: (pattern: string, escaping: string | null) => Made): typeof make {
  const made = new Map<string, Made>();
  return (pattern, escaping) => {
    const key = `${escaping ?? ''}\0${pattern}`;
    const found = made.get(key) ?? make(pattern, escaping);
    if (made.size >= KEPT_PATTERNS) made.clear();
    made.set(key, found);
    return found;
  };
}

/** In the place of _, until a pattern is compiled: no character of any text. */
const ANY = '\uffff';

/**
 * A test for `pattern`: % stands for any characters, _ for one, all others for themselves in any case and
 * composition.
 *
 * @param escaping The character behind which % and _ stand for themselves.
 */
function compilePattern(pattern: string, escaping: string | null): (text: string) => boolean {
  let parts = [''];
  let isEscaped = false;
  for (const sign of pattern) {
    const isPlain = isEscaped || (sign !== '%' && sign !== '_');
    isEscaped = !isEscaped && sign === escaping;
    if (isEscaped) continue;
    if (sign === '%' && !isPlain) parts.push('');
    else parts.push(`${parts.pop()}${isPlain ? sign : ANY}`);
  }
  // As a whole, since some neighbouring characters compose to one.
  parts = parts.map(fold);
  if (!parts.some((part) => part.includes(ANY))) return (text) => hasInOrder(fold(text), parts);
  const source = parts.map((part) => RE2JS.quote(part).replaceAll(ANY, '.')).join('.*');
  const compiled = RE2JS.compile(source, RE2JS.DOTALL);
  return (text) => compiled.matches(fold(text));
}

/** Whether the parts follow one another in the text, the first at its beginning and the last at its end. */
function hasInOrder(text: string, parts: readonly string[]): boolean {
  const [first = '', ...rest] = parts;
  const last = rest.pop();
  if (last === undefined) return text === first;
  if (!text.startsWith(first)) return false;
  let at = first.length;
  for (const part of rest) {
    const found = text.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return text.length - last.length >= at && text.endsWith(last);
}
