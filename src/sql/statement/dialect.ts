// The words of other dialects that models and people write, turned into SQLite's, or answered with SQLite's word.
import { normalForm } from '../../lib/text.ts';
import { TABLES } from '../columns.ts';
import { rewriteCasts } from './casts.ts';
import { whyForeign } from './foreign.ts';
import { foldNocase, orderTexts } from './letters.ts';
import { words } from './operands.ts';
import { bareStatement, whyNoCondition, whyRefused } from './statement.ts';
import { isName, isSign, isWord, nameOf, TokenList } from './tokens.ts';

/** A statement that is ready to be run, with the caller's own text of it; or why it is not run. */
export type Prepared = { sql: string; bare: string; notices: string[] } | { refused: string };

const SCHEMA_TABLES = words('sqlite_master sqlite_schema sqlite_temp_master sqlite_temp_schema');
const TABLE_NAMES: ReadonlySet<string> = new Set(TABLES.map(({ name }) => name));
/** Schemas that people put before the name of a table; here it has none. */
const SCHEMAS = ['main', 'public', 'dbo'];
const TABLE_LIST =
  "(SELECT 'main' AS schema, name, type, (SELECT count(*) FROM pragma_table_info(described_tables.name)) AS ncol, 0 AS wr, 0 AS strict FROM described_tables)";

/** A caller's statement in the dialect of SQLite: one that only reads, whose names are names and not texts. */
export function prepareStatement(given: string): Prepared {
  const bare = bareStatement(given);
  const refused = whyRefused(bare);
  return refused === null ? rewriteDialect(bare) : { refused };
}

/** The same for what stands behind WHERE, with or without that word. */
export function prepareCondition(condition: string): Prepared {
  const bare = condition.replace(/^\s{0,100}WHERE\b/i, '');
  const refused = whyNoCondition(bare);
  return refused === null ? rewriteDialect(bare) : { refused };
}

/**
 * The statement, or condition, in SQLite's dialect: what other dialects write is turned into it, or named in an
 * error with SQLite's word for it. Names in double quotes become names in backticks, which SQLite never takes for
 * text, so that one that is not there is an error of SQLite's. Needs the functions of functions.ts and the table
 * of schema.ts.
 */
export function rewriteDialect(bare: string): Prepared {
  const list = new TokenList(normalForm(bare, 'NFC'));
  const refused = whyForeign(list);
  if (refused !== null) return { refused };
  const casts = rewriteCasts(list);
  if ('error' in casts) return { refused: casts.error };
  for (const at of list.tokens.keys()) rewriteName(list, at);
  const folded = foldNocase(orderTexts(list.changed()));
  return 'error' in folded ? { refused: folded.error } : { ...folded, ...casts, bare };
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
  } else if (name === 'pragma_table_list' && !isSign(tokens[at + 1], '(')) {
    list.replace(at, TABLE_LIST);
  } else if (token.text.startsWith('"') && token.closed) {
    list.replace(at, `\`${token.value.replaceAll('`', '``')}\``);
  }
}
