// The words of other dialects that models and people write, turned into SQLite's, or answered with SQLite's word.
import { normalForm } from '../../lib/text.ts';
import { columnNames, TABLES } from '../columns.ts';
import { foldNocase, orderTexts } from './collation.ts';
import { whyForeign } from './foreign.ts';
import { primaryStart, words } from './operands.ts';
import { strangePlaces } from './spellings.ts';
import { isName, isSign, isWord, nameOf, TokenList } from './sql-tokens.ts';
import { bareStatement, whyNoCondition, whyRefused } from './statement.ts';

/** A statement that is ready to be run, or why it is not run. */
export type Prepared = { sql: string; notices: string[] } | { refused: string };

const SCHEMA_TABLES = words('sqlite_master sqlite_schema sqlite_temp_master sqlite_temp_schema');
const TABLE_NAMES: ReadonlySet<string> = new Set([...columnNames(TABLES), 'pragma_table_list']);
/** Schemas that people put before the name of a table; here it has none. */
const SCHEMAS = ['main', 'public', 'dbo'];

/** SQLite's types, and its functions for those it has not, by the names of others. */
const TYPES: ReadonlyMap<string, string> = new Map(
  Object.entries({
    INTEGER: 'int integer int2 int4 int8 int64 bigint smallint tinyint unsigned signed bool boolean',
    REAL: 'real float float4 float8 float64 double',
    NUMERIC: 'numeric decimal number',
    TEXT: 'text varchar char character string nvarchar bpchar name citext uuid',
    'date(': 'date',
    'datetime(': 'timestamp timestamptz datetime',
    'json(': 'json jsonb',
  }).flatMap(([own, others]) => others.split(' ').map((other) => [other, own])),
);
const CAST_TO_NUMBER =
  'CAST to a number gives 0 for a text that begins with none, and the number at its beginning for others; SQLite raises no error there.';

/** A caller's statement in the dialect of SQLite: one that only reads, whose names are names and not texts. */
export function prepareStatement(given: string): Prepared {
  const bare = bareStatement(given);
  const refused = whyRefused(bare);
  const prepared = refused === null ? rewriteDialect(bare) : { refused };
  if ('refused' in prepared) return prepared;
  return { ...prepared, notices: [...prepared.notices, ...strangePlaces(new TokenList(bare))] };
}

/** The same for what stands behind WHERE, with or without that word; refused where it would mark others than are meant. */
export function prepareCondition(condition: string): Prepared {
  const bare = condition.replace(/^\s{0,100}WHERE\b/i, '');
  const refused = whyNoCondition(bare) ?? (strangePlaces(new TokenList(bare)).join(' ') || null);
  return refused === null ? rewriteDialect(bare) : { refused };
}

/**
 * The statement, or condition, in SQLite's dialect: what other dialects write is turned into it, or named in an
 * error with SQLite's word for it. Names in double quotes become names in backticks, which SQLite never takes for
 * text, so that one that is not there is an error of SQLite's. Needs what functions.ts makes.
 */
export function rewriteDialect(bare: string): Prepared {
  const list = new TokenList(normalForm(bare, 'NFC'));
  const refused = whyForeign(list);
  if (refused !== null) return { refused };
  const casts = rewriteCasts(list);
  if ('refused' in casts) return casts;
  for (const at of list.tokens.keys()) rewriteName(list, at);
  const folded = foldNocase(orderTexts(list.changed()));
  return 'refused' in folded ? folded : { ...folded, ...casts };
}

/** Names: quotes, the tables that tell the schema, operators that only go by another name. */
function rewriteName(list: TokenList, at: number): void {
  const { tokens } = list;
  const token = tokens[at];
  if (isWord(token, 'ilike')) list.replace(at, 'LIKE');
  if (isWord(token, 'rlike')) list.replace(at, 'REGEXP');
  if (isWord(token, 'all') && isWord(tokens[at - 1], 'limit')) list.replace(at, '-1');
  if (!isName(token)) return;
  const name = nameOf(token);
  if (SCHEMA_TABLES.has(name) && !isWord(tokens[at - 1], 'as')) {
    if (isSign(tokens[at - 1], '.')) list.remove(at - 2, at);
    list.replace(at, 'described_tables');
  } else if (TABLE_NAMES.has(name) && isSign(tokens[at - 1], '.') && isWord(tokens[at - 2], ...SCHEMAS)) {
    list.remove(at - 2, at);
  } else if (token.text.startsWith('"') && token.closed) {
    list.replace(at, `\`${token.value.replaceAll('`', '``')}\``);
  }
}

/** Turns x::type into CAST(x AS type), and types that SQLite would misread into its own. */
function rewriteCasts(list: TokenList): { notices: string[] } | { refused: string } {
  const { tokens, mates } = list;
  let toNumber = false;
  for (const [at, token] of tokens.entries()) {
    if (isSign(token, '::')) {
      const first = primaryStart(list, at - 1);
      const end = typeEnd(list, at + 1);
      const own = TYPES.get(nameOf(tokens[at + 1]));
      if (first < 0 || own === undefined || tokens[end]?.text.startsWith('[')) {
        return {
          refused: `SQLite has no x::${list.text(at + 1, end).slice(0, 40)}: CAST(x AS INTEGER), REAL and TEXT are there, date(x), and json_each(x) for the items of a list.`,
        };
      }
      const isFunction = own.endsWith('(');
      list.wrap(first, end, isFunction ? own : 'CAST(', isFunction ? ')' : ` AS ${own})`);
      list.remove(at, end);
      toNumber ||= !isFunction && own !== 'TEXT';
    } else if (isWord(token, 'cast') && isSign(tokens[at + 1], '(')) {
      const inside = [...list.level(at + 2, mates[at + 1] ?? -1)];
      const as = inside.find((each) => isWord(tokens[each], 'as')) ?? tokens.length;
      const own = TYPES.get(nameOf(tokens[as + 1]));
      if (own === undefined) continue;
      if (own.endsWith('('))
        return {
          refused: `CAST(x AS ${tokens[as + 1]?.text}) makes a number of it in SQLite: write ${own}x).`,
        };
      if (own === 'TEXT') list.replace(as + 1, own);
      toNumber ||= own !== 'TEXT' && tokens[at + 2]?.kind !== 'number';
    }
  }
  return { notices: toNumber ? [CAST_TO_NUMBER] : [] };
}

/** The index behind the type whose first word is `at`: "double precision", "character varying", "(10, 2)". */
function typeEnd({ tokens, mates }: TokenList, at: number): number {
  const end = at + (isWord(tokens[at + 1], 'precision', 'varying') ? 2 : 1);
  return isSign(tokens[end], '(') ? Math.max(end, (mates[end] ?? -1) + 1) : end;
}
