// What SQLite does not have, or runs without a word and not as it was meant: each is an error with what to write instead.
import { oneLine } from '../../lib/text.ts';
import { ARRAY_COLUMNS, NUMBER_COLUMNS, TEXT_COLUMNS } from '../columns.ts';
import { compares, operandStart } from './operands.ts';
import { isName, isNumeric, isSign, isWord, nameOf, type Token, type TokenList } from './sql-tokens.ts';

const ASK_SCHEMA =
  'SELECT name, sql FROM sqlite_master tells tables and columns, PRAGMA table_info(companies) the columns of one';
const NO_ARRAYS =
  "there are no arrays: x IN ('a', 'b') tests for one of several; lists are kept as JSON: json_each(industries) gives their items as rows, json_group_array(x) makes one";
const LIKE_A_PATTERN =
  "x REGEXP 'pattern' tests for a regular expression, with (?i) at its beginning whatever the case";
/** SQLite has OFFSET only behind LIMIT. */
export const LIMIT = 'write LIMIT n, or LIMIT n OFFSET m, at the end of the statement';
const PLUS = '+ adds numbers, and a text counts as 0: texts are joined with ||';

/** Kinds of tokens that rules name, beside `#number`, `#string` and `#parameter`. */
const KINDS: Readonly<Record<string, (token: Token | undefined, given: ReadonlySet<string>) => boolean>> = {
  '#name': isName,
  '#compares': compares,
  // A text in single quotes that is no number.
  '#loose': (token) => token?.kind === 'string' && !isNumeric(token.value),
  '#item': (token) => token?.kind === 'string' && !token.value.startsWith('['),
  '#text': (token) => TEXT_COLUMNS.has(nameOf(token)),
  // Unless the statement gives the name to something else.
  '#count': (token, given) => NUMBER_COLUMNS.has(nameOf(token)) && !given.has(nameOf(token)),
  '#list': (token) => ARRAY_COLUMNS.has(nameOf(token)),
  '#filled': (token) => /^(?:also|known)_/.test(nameOf(token)),
  '#schema': (token) => /^(?:information_schema|pg_catalog|pg_tables)$/.test(nameOf(token)),
  '#bracket': (token) => token?.text.startsWith('[') === true,
  '#end': (token) =>
    !token ||
    isSign(token, ')', ';') ||
    isWord(token, 'or', 'and', 'group', 'order', 'limit', 'then', 'having', 'asc', 'desc'),
};

const IS_NULL = 'a comparison with NULL is never true: write IS NULL or IS NOT NULL';
const NEVER_NULL =
  "it is never NULL, but a JSON array, '[]' where there is none: write {first} <> '[]' or {first} = '[]'";
const NO_ITEM =
  "{first} is a JSON array, which equals none of its items: write EXISTS (SELECT 1 FROM json_each({first}) WHERE value = {last}), or {first} <> '[]' where there are any";
const NO_NUMBER =
  'the column holds numbers, and to SQLite every text is larger than all of them: write digits alone (1000), 1 or 0 for yes or no, IS NULL for no value; the ends of a range are in employees_min and employees_max';
const RULES = rules({
  'array_agg (': 'json_group_array(x)',
  'array_length|cardinality (': 'json_array_length(x)',
  'array_to_string|listagg (': "group_concat(x, ', ')",
  'charindex|position|strpos (': 'instr(text, part)',
  'countif|count_if (': 'count(*) FILTER (WHERE condition)',
  'date_part|date_trunc|extract|to_char|year|month (':
    "strftime('%Y-%m', x) cuts a date to its month, strftime('%Y', x) to its year, date(x) to its day",
  'datediff (': 'julianday(b) - julianday(a) is the days between two dates',
  'dateadd|date_add|date_sub (': "date(x, '+1 month') adds to a date, date(x, '-1 month') takes from it",
  'getdate|now (': "date('now') or datetime('now'); date('now', '-30 days') is 30 days ago",
  'greatest|least (': 'max(a, b) and min(a, b)',
  'isnull|nvl (': 'ifnull(x, y), or x IS NULL',
  'left|right (': 'substr(x, 1, n), and substr(x, -n) from the end',
  'len (': 'length(x)',
  'median|percentile_cont|percentile_disc (':
    'order by the column and take the row in the middle, with LIMIT 1 OFFSET (SELECT count(x) / 2 FROM companies)',
  'rand (': 'random()',
  'regexp_contains|regexp_like|regexp_matches (': LIKE_A_PATTERN,
  'safe_cast|try_cast (': 'CAST(x AS INTEGER), which is 0 for a text without a number',
  'split_part (': "substr(x, 1, instr(x, ',') - 1) is what stands before the first comma",
  'string_to_array|unnest (': NO_ARRAYS,
  'to_date (': 'date(x)',
  'to_timestamp (': 'datetime(x)',
  '#parameter':
    "there are no values for parameters: write the value itself into the statement, a text in single quotes ('DEU'), a number without (29)",
  '#compares null': IS_NULL,
  'null #compares': IS_NULL,
  'or #loose #end':
    "a text by itself is no condition: write the comparison again (x = 'a' OR x = 'b'), or x IN ('a', 'b')",
  'where|and|or|not|on|when|having|( #string #compares #number|#string':
    'it compares two fixed values: the name of a column stands without quotes, or in double ones',
  'by #string #end|,|collate':
    'the text is the same for all rows: the name of a column stands without quotes, or in double ones',
  '+ #loose': PLUS,
  '#loose +': PLUS,
  '#text + #text': PLUS,
  '#text + #name . #text': PLUS,
  '#filled notnull|isnull': NEVER_NULL,
  '#filled is null': NEVER_NULL,
  '#filled is not null': NEVER_NULL,
  '#list =|==|<>|!= #item': NO_ITEM,
  '#list in ( #item': NO_ITEM,
  '#list not in ( #item': NO_ITEM,
  '#count #compares #loose': NO_NUMBER,
  '#loose #compares #count': NO_NUMBER,
  '#count in ( #loose': NO_NUMBER,
  '#count not in ( #loose': NO_NUMBER,
  '#count between #loose': NO_NUMBER,
  '#count not between #loose': NO_NUMBER,
  '#count between #number|#string and #loose': NO_NUMBER,
  '#count not between #number|#string and #loose': NO_NUMBER,
  '#schema': ASK_SCHEMA,
  'array #bracket': NO_ARRAYS,
  '~ #string': LIKE_A_PATTERN,
  '~ * #string': LIKE_A_PATTERN,
  'similar to': LIKE_A_PATTERN,
  'select|all|distinct|,|. * except|exclude|replace (': 'name the columns that are wanted',
  '#compares any|some|all (': 'x IN (…) tests for one of several',
  'distinct on (': 'GROUP BY x with min(row) in the list of columns gives the first row of each',
  'select|distinct|all top #number|(': LIMIT,
  'fetch first|next': LIMIT,
  'offset #number row|rows': LIMIT,
  'from #name offset #number': LIMIT,
  'separator #string': "the text stands behind a comma, group_concat(x, '; ')",
  'interval #string|#number': "date('now', '-30 days') is 30 days ago",
});

/** @param table What to write instead, by tokens in a row: words, signs and kinds, `|` between alternatives. */
function rules(table: Readonly<Record<string, string>>) {
  return Object.entries(table).map(([pattern, why]) => ({
    pattern: pattern.split(' ').map((each) => each.split('|')),
    why,
  }));
}

/** What of the statement SQLite would not take as it is meant, and what to write; null where there is nothing such. */
export function whyForeign(list: TokenList): string | null {
  const given = list.givenNames();
  for (const at of list.tokens.keys()) {
    const why = byRule(list, at, given) ?? comparedTwice(list, at);
    if (why !== null) return `${why}.`;
  }
  return null;
}

function byRule(list: TokenList, at: number, given: ReadonlySet<string>): string | null {
  const { tokens } = list;
  const rule = RULES.find(({ pattern }) =>
    pattern.every((alternatives, offset) =>
      alternatives.some((each) => fits(tokens[at + offset], each, given)),
    ),
  );
  if (!rule) return null;
  const end = Math.min(at + rule.pattern.length, tokens.length);
  const why = rule.why
    .replaceAll('{first}', () => list.text(at, at + 1))
    .replaceAll('{last}', () => oneLine(list.text(end - 1, end), 60));
  const said = oneLine(list.text(at, end), 60).replace(/\($/, '()');
  return `${said} does not work here: ${why}`;
}

function fits(token: Token | undefined, wanted: string, given: ReadonlySet<string>): boolean {
  const kind = KINDS[wanted];
  return kind
    ? kind(token, given)
    : isWord(token, wanted) || isSign(token, wanted) || `#${token?.kind}` === wanted;
}

/** A comparison of what another comparison answers. */
function comparedTwice(list: TokenList, at: number): string | null {
  const isOrder = (each: number) => isSign(list.tokens[each], '<', '<=', '>', '>=');
  const left = isOrder(at) ? operandStart(list, at) : -1;
  return isOrder(left)
    ? `${oneLine(list.text(left - 1, at + 2), 100)} compares the answer of the first comparison, 0 or 1, with the last value: write two comparisons with AND, or BETWEEN`
    : null;
}
