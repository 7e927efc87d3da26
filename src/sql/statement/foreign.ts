// Words of other dialects that SQLite does not have, or takes for something else, with its own word for each.
import { operandStart, primaryStart } from './operands.ts';
import { isName, isSign, isWord, type TokenList } from './tokens.ts';

const ASK_SCHEMA =
  'SELECT name, sql FROM sqlite_master tells tables and columns, PRAGMA table_info(companies) the columns of one';
const NO_ARRAYS =
  "SQLite has no arrays: x IN ('a', 'b') tests for one of several; lists are kept as JSON: json_each(industries) gives their items as rows, json_group_array(x) makes one";
const LIKE_A_PATTERN =
  "x REGEXP 'pattern' tests for a regular expression, with (?i) at its beginning whatever the case";
const LIMIT = 'write LIMIT n, or LIMIT n OFFSET m, at the end of the statement';
const DATES =
  "strftime('%Y-%m', x) cuts a date to its month, strftime('%Y', x) to its year, date(x) to its day";
const NOW = "SQLite's word is date('now') or datetime('now'); date('now', '-30 days') is 30 days ago";
const MEDIAN =
  'SQLite has none built in: order by the column and take the row in the middle, with LIMIT 1 OFFSET (SELECT count(x) / 2 FROM companies)';

/** Functions of other dialects: what to write instead. */
const FUNCTIONS: Readonly<Record<string, string>> = {
  any_value: 'min(x) takes one of the values',
  approx_count_distinct: "SQLite's word is count(DISTINCT x)",
  array_agg: "SQLite's word is json_group_array(x)",
  array_length: "SQLite's word is json_array_length(x)",
  array_to_string: "SQLite's word is group_concat(x, ', ')",
  bool_and: 'min(x) is 1 where all are',
  bool_or: 'max(x) is 1 where one is',
  cardinality: "SQLite's word is json_array_length(x)",
  charindex: "SQLite's word is instr(text, part)",
  countif: 'write count(*) FILTER (WHERE condition)',
  count_if: 'write count(*) FILTER (WHERE condition)',
  date_part: DATES,
  date_trunc: DATES,
  datediff: 'julianday(b) - julianday(a) is the days between two dates',
  dateadd: "date(x, '+1 month') adds to a date",
  date_add: "date(x, '+1 month') adds to a date",
  date_sub: "date(x, '-1 month') takes from a date",
  extract: DATES,
  getdate: NOW,
  greatest: "SQLite's word is max(a, b)",
  initcap: 'upper(substr(x, 1, 1)) || substr(x, 2) is the nearest',
  isnull: "SQLite's word is ifnull(x, y), or x IS NULL",
  least: "SQLite's word is min(a, b)",
  left: "SQLite's word is substr(x, 1, n)",
  len: "SQLite's word is length(x)",
  listagg: "SQLite's word is group_concat(x, ', ')",
  median: MEDIAN,
  now: NOW,
  nvl: "SQLite's word is ifnull(x, y)",
  percentile_cont: MEDIAN,
  percentile_disc: MEDIAN,
  position: "SQLite's word is instr(text, part)",
  rand: "SQLite's word is random()",
  regexp_contains: LIKE_A_PATTERN,
  regexp_like: LIKE_A_PATTERN,
  regexp_matches: LIKE_A_PATTERN,
  right: "SQLite's word is substr(x, -n)",
  safe_cast: "SQLite's word is CAST(x AS INTEGER), which is 0 for a text without a number",
  safe_divide: '1.0 * a / b is NULL where b is 0',
  split_part: "substr(x, 1, instr(x, ',') - 1) is what stands before the first comma",
  string_to_array: NO_ARRAYS,
  strpos: "SQLite's word is instr(text, part)",
  to_char: DATES,
  to_date: "SQLite's word is date(x)",
  to_timestamp: "SQLite's word is datetime(x)",
  try_cast: "SQLite's word is CAST(x AS INTEGER), which is 0 for a text without a number",
  unnest: NO_ARRAYS,
  year: DATES,
  month: DATES,
};

/**
 * What of the statement belongs to another dialect and can't be turned into SQLite's, with what to write
 * instead; null where there is nothing such.
 */
export function whyForeign(list: TokenList): string | null {
  for (const at of list.tokens.keys()) {
    const why = foreignAt(list, at);
    if (why !== null) return `${why}.`;
  }
  return null;
}

function foreignAt(list: TokenList, at: number): string | null {
  const { tokens, mates } = list;
  const token = tokens[at];
  const before = tokens[at - 1];
  const next = tokens[at + 1];
  if (isSign(token, '~') && primaryStart(list, at - 1) >= 0) {
    return `SQLite has no operator ~: ${LIKE_A_PATTERN}`;
  }
  if (isSign(token, '*') && isWord(next, 'except', 'exclude', 'replace') && isSign(tokens[at + 2], '(')) {
    if (isWord(tokens[at + 3], 'select', 'with', 'values')) return null;
    return `SQLite has no SELECT * ${next?.text.toUpperCase()} (…): name the columns that are wanted`;
  }
  if (!isName(token) || isSign(before, '.')) return null;
  const name = token.value.toLowerCase();
  if (name === 'information_schema' || name === 'pg_catalog' || name === 'pg_tables') {
    return `SQLite has no ${name}: ${ASK_SCHEMA}`;
  }
  if (token.kind !== 'word') return null;
  if (name === 'array' && next?.text.startsWith('[')) return NO_ARRAYS;
  if (isSign(next, '(')) {
    if (
      (name === 'any' || name === 'some' || name === 'all') &&
      isSign(before, '=', '<>', '!=', '<', '>', '<=', '>=')
    ) {
      return `SQLite has no ${name.toUpperCase()} (…): x IN (…) tests for one of several`;
    }
    if (name === 'on' && isWord(before, 'distinct')) {
      return 'SQLite has no DISTINCT ON: GROUP BY x with min(row) in the list of columns gives the first row of each';
    }
    const instead = Object.hasOwn(FUNCTIONS, name) ? FUNCTIONS[name] : undefined;
    const mate = mates[at + 1] ?? -1;
    const isTable = isWord(tokens[mate + 1], 'as') && isSign(tokens[mate + 2], '(');
    if (instead !== undefined && !isTable) return `SQLite has no ${name}(…): ${instead}`;
  }
  if (
    name === 'top' &&
    isWord(before, 'select', 'distinct', 'all') &&
    (next?.kind === 'number' || isSign(next, '('))
  )
    return `SQLite has no TOP: ${LIMIT}`;
  if (name === 'fetch' && isWord(next, 'first', 'next')) return `SQLite has no FETCH FIRST: ${LIMIT}`;
  if (name === 'offset' && next?.kind === 'number') {
    const isOwn = isWord(tokens[operandStart(list, at)], 'limit') && !isWord(tokens[at + 2], 'row', 'rows');
    if (!isOwn) return `SQLite has OFFSET only behind LIMIT: ${LIMIT}`;
  }
  if (name === 'separator' && next?.kind === 'string') {
    return "SQLite has no SEPARATOR: the text stands behind a comma, group_concat(x, '; ')";
  }
  if (name === 'similar' && isWord(next, 'to')) return `SQLite has no SIMILAR TO: ${LIKE_A_PATTERN}`;
  if (name === 'interval' && (next?.kind === 'string' || next?.kind === 'number')) {
    return "SQLite has no INTERVAL: date('now', '-30 days') is 30 days ago";
  }
  if (name === 'qualify' && at > 0 && isName(next)) {
    return 'SQLite has no QUALIFY: put the statement in brackets behind FROM, and the condition behind WHERE';
  }
  return null;
}
