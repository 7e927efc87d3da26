// The words of other dialects that models and people write, turned into SQLite's, or answered with SQLite's word.
import { normalForm } from '../../lib/text.ts';
import { rewriteCasts } from './casts.ts';
import { whyForeign } from './foreign.ts';
import { foldNocase, orderTexts } from './letters.ts';
import { whyMisread } from './misread.ts';
import { operandStart, words } from './operands.ts';
import { Edits, isName, isSign, isWord, type Token, TokenList } from './tokens.ts';

/** A statement that SQLite understands as it was meant, or what to write instead. */
export type Rewritten = { sql: string; notices: string[] } | { error: string };

const SCHEMA_TABLES = words('sqlite_master sqlite_schema sqlite_temp_master sqlite_temp_schema');
const TABLES = words('companies distinct_companies jobs');
/** Schemas that people put before the name of a table; here it has none. */
const SCHEMAS = ['main', 'public', 'dbo'];
const TABLE_LIST =
  "(SELECT 'main' AS schema, name, type, (SELECT count(*) FROM pragma_table_info(described_tables.name)) AS ncol, 0 AS wr, 0 AS strict FROM described_tables)";

/**
 * The statement, or condition, in SQLite's dialect: what other dialects write is turned into it, or named in an
 * error with SQLite's word for it. Names in double quotes become names in backticks, which SQLite never takes for
 * text, so that one that is not there is an error of SQLite's. Needs the functions of functions.ts and the table
 * of schema.ts.
 *
 * @param sql One bare statement that `whyRefused` or `whyNoCondition` has let pass.
 * @param textColumns Names, in lower case, of the columns that hold words: ORDER BY puts those as people do.
 */
export function rewriteDialect(sql: string, textColumns: ReadonlySet<string>): Rewritten {
  const list = new TokenList(normalForm(sql, 'NFC'));
  const error = whyMisread(list, textColumns) ?? whyForeign(list);
  if (error !== null) return { error };
  if (isWord(list.tokens[0], 'pragma')) return { sql: selectOfPragma(list.tokens), notices: [] };
  const edits = new Edits(list);
  const casts = rewriteCasts(list, edits);
  if ('error' in casts) return casts;
  for (const at of list.tokens.keys()) {
    rewriteName(list, edits, at);
    const why = rewriteTop(list, edits, at) ?? rewriteFetch(list, edits, at);
    if (why !== null) return { error: why };
  }
  const folded = foldNocase(orderTexts(edits.apply(), textColumns));
  return 'error' in folded ? folded : { sql: folded.sql, notices: casts.notices };
}

function selectOfPragma(tokens: readonly Token[]): string {
  const at = isSign(tokens[2], '.') ? 3 : 1;
  const name = tokens[at]?.value.toLowerCase() ?? '';
  const table = tokens[at + 2]?.value.replaceAll("'", "''");
  const of = table === undefined ? '' : ` WHERE name = '${table}'`;
  // The value of a string token is what stands inside its quotes.
  return name === 'table_list'
    ? `SELECT * FROM ${TABLE_LIST}${of}`
    : `SELECT * FROM pragma_${name}('${table}')`;
}

/** Names: quotes, the tables that tell the schema, operators that only go by another name. */
function rewriteName(list: TokenList, edits: Edits, at: number): void {
  const { tokens } = list;
  const token = tokens[at];
  if (isWord(token, 'ilike')) edits.replace(at, 'LIKE');
  if (isWord(token, 'rlike')) edits.replace(at, 'REGEXP');
  if (isWord(token, 'all') && isWord(tokens[at - 1], 'limit')) edits.replace(at, '-1');
  if (!isName(token)) return;
  const name = token.value.toLowerCase();
  if (SCHEMA_TABLES.has(name) && !isWord(tokens[at - 1], 'as')) {
    if (isSign(tokens[at - 1], '.')) edits.remove(at - 2, at);
    edits.replace(at, 'described_tables');
  } else if (TABLES.has(name) && isSign(tokens[at - 1], '.') && isWord(tokens[at - 2], ...SCHEMAS)) {
    edits.remove(at - 2, at);
  } else if (name === 'pragma_table_list' && !isSign(tokens[at + 1], '(')) {
    edits.replace(at, TABLE_LIST);
  } else if (token.text.startsWith('"') && token.closed) {
    edits.replace(at, `\`${token.value.replaceAll('`', '``')}\``);
  }
}

/** SELECT TOP n … becomes SELECT … LIMIT n. */
function rewriteTop(list: TokenList, edits: Edits, at: number): string | null {
  const { tokens, mates } = list;
  if (!isWord(tokens[at], 'top')) return null;
  const select = isWord(tokens[at - 1], 'distinct', 'all') ? at - 2 : at - 1;
  if (!isWord(tokens[select], 'select')) return null;
  const inBrackets = isSign(tokens[at + 1], '(') && mates[at + 1] === at + 3;
  const number = tokens[inBrackets ? at + 2 : at + 1];
  if (number?.kind !== 'number') return null;
  const end = inBrackets ? at + 4 : at + 2;
  const last = list.groupEnd(at);
  let plain =
    !isWord(tokens[end], 'percent') && !(isWord(tokens[end], 'with') && isWord(tokens[end + 1], 'ties'));
  for (let each = end; each < last; each += 1) {
    if (isWord(tokens[each], 'limit', 'fetch', 'union', 'intersect', 'except')) plain = false;
    each = Math.max(each, mates[each] ?? -1);
  }
  if (!plain) return 'SQLite has no TOP: write LIMIT n at the end of the statement.';
  edits.remove(at, end);
  edits.wrap(last - 1, last, '', ` LIMIT ${number.text}`);
  return null;
}

/** OFFSET m ROWS FETCH FIRST n ROWS ONLY, or parts of it, become LIMIT n OFFSET m. */
function rewriteFetch(list: TokenList, edits: Edits, at: number): string | null {
  const { tokens } = list;
  const isOffset = isWord(tokens[at], 'offset') && tokens[at + 1]?.kind === 'number';
  const isFetch = isWord(tokens[at], 'fetch') && isWord(tokens[at + 1], 'first', 'next');
  // Done with the OFFSET before it. A column may be named row, too.
  const offsetAt = isWord(tokens[at - 1], 'row', 'rows') ? at - 3 : at - 2;
  if (isFetch && isWord(tokens[offsetAt], 'offset')) return null;
  if (!isOffset && !isFetch) return null;
  const offset = isOffset ? tokens[at + 1]?.text : undefined;
  let end = isOffset ? at + 2 : at;
  if (isOffset && isWord(tokens[end], 'row', 'rows')) end += 1;
  let limit: string | undefined;
  if (isWord(tokens[end], 'fetch') && isWord(tokens[end + 1], 'first', 'next')) {
    end += 2;
    limit = '1';
    if (tokens[end]?.kind === 'number') limit = tokens[end++]?.text;
    if (!isWord(tokens[end], 'row', 'rows') || !isWord(tokens[end + 1], 'only')) {
      return 'SQLite has no FETCH FIRST of this form: write LIMIT n at the end of the statement.';
    }
    end += 2;
  } else if (isWord(tokens[end], 'limit') && tokens[end + 1]?.kind === 'number') {
    limit = tokens[end + 1]?.text;
    end += 2;
  }
  const isOwn = isOffset && isWord(tokens[operandStart(list, at)], 'limit');
  if (isOwn && limit === undefined) {
    edits.remove(at + 2, end);
    return null;
  }
  edits.remove(at, end);
  edits.wrap(at, end, `LIMIT ${limit ?? '-1'}${offset === undefined ? '' : ` OFFSET ${offset}`}`, '');
  return null;
}
