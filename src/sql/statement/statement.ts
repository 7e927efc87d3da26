// What a statement is, as far as it decides whether it is run. SQLite itself refuses the rest: the database is
// open for reading only (query_only), has no files and no extensions.
import { words } from './operands.ts';
import { allTokens, isSign, isWord, nameOf, TokenList, tokensOf } from './sql-tokens.ts';

/** What tells the schema. Other PRAGMAs would change settings, or tell of the machine. */
const PRAGMAS = words('pragma_table_info pragma_table_xinfo pragma_table_list');
const ONLY_READS = 'Only a statement that reads is run: SELECT …, or WITH … SELECT …';

/**
 * The statement without what people and models put around it: a code fence, comments, semicolons, blanks. A PRAGMA that
 * tells the schema becomes a SELECT.
 */
export function bareStatement(sql: string): string {
  const text = sql.trim().replace(/^```(?:[a-z0-9]*\s*\n)?([\s\S]*?)(?:```)?$/i, '$1');
  const tokens = tokensOf(text);
  const last = tokens.findLast((token) => !isSign(token, ';'));
  return text
    .slice(tokens[0]?.start, last ? last.start + last.text.length : 0)
    .replace(/^pragma\s+table_list$/i, 'SELECT * FROM pragma_table_list')
    .replace(
      /^pragma\s+(?:\w+\s*\.\s*)?(table_x?info)\s*\(\s*(["'`]?)(\w+)\2\s*\)$/i,
      "SELECT * FROM pragma_$1('$3')",
    );
}

/** Why a bare statement is not one that only reads, in words; null where it is one as far as can be told. */
export function whyRefused(sql: string): string | null {
  if (sql.includes('\0')) return 'The statement holds a NUL character.';
  const list = new TokenList(sql);
  const { tokens } = list;
  const [first] = tokens;
  if (!first) return 'The statement is empty.';
  if (isWord(first, 'pragma'))
    return `${ONLY_READS}; of the PRAGMAs table_list, table_info and table_xinfo are there, written PRAGMA table_info(companies), and nothing behind it.`;
  if (!isWord(first, 'select', 'with'))
    return `${ONLY_READS}; this one begins with ${first.text.slice(0, 20).toUpperCase()}. SELECT name, sql FROM sqlite_master tells tables and columns.`;
  if (tokens.some((token) => isSign(token, ';')))
    return 'Only one statement is run at a time: there is more behind the semicolon.';
  const pragma = tokens.map(nameOf).find((name) => name.startsWith('pragma_') && !PRAGMAS.has(name));
  if (pragma !== undefined)
    return `The function ${pragma.slice(0, 40)} is not available; pragma_table_info('companies') is.`;
  const write = [...list.level(0, tokens.length)].find(
    (at) => isWord(tokens[at], 'insert', 'update', 'delete', 'replace') && !isSign(tokens[at + 1], '('),
  );
  return write === undefined
    ? null
    : `Only a statement that reads is run; this one has ${tokens[write]?.text.toUpperCase()}. The database is a copy in memory: nothing could be changed by it.`;
}

/** Why `condition` can't stand in brackets behind WHERE as it is, in words; null where it can, as far as can be told. */
export function whyNoCondition(condition: string): string | null {
  if (condition.includes('\0')) return 'The condition holds a NUL character.';
  const tokens = allTokens(condition);
  const list = new TokenList(condition);
  // A line comment would take what is put behind the condition.
  if (tokens.some(({ text }) => text.startsWith('--')))
    return 'The condition has a comment (--): leave it out.';
  if (tokens.some(({ closed }) => !closed)) return 'The condition has a quote or comment that is not closed.';
  if (tokens.every(({ kind }) => kind === 'comment')) return 'The condition is empty.';
  if (isWord(tokens[0], 'select', 'with', 'values'))
    return 'A whole statement is no condition: "row" IN (SELECT …) is one.';
  if (tokens.some((token) => isSign(token, ';'))) return 'The condition holds a semicolon.';
  const isWhole = list.tokens.every((token, at) => !isSign(token, '(', ')') || list.mates[at] !== -1);
  return isWhole ? null : 'The condition has a bracket without the other one of its pair.';
}
