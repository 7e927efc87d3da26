// What a statement is, as far as it decides whether it is run. SQLite itself refuses the rest: the database is
// open for reading only (query_only), has no files and no extensions.

interface Token {
  kind: 'word' | 'quoted' | 'sign';
  /** Words in lower case. */
  text: string;
}

// Comments, strings, quoted names, words and numbers, single signs. What is never closed runs to the end.
const TOKENS =
  /--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)|'(?:[^']|'')*(?:'|$)|"(?:[^"]|"")*(?:"|$)|`(?:[^`]|``)*(?:`|$)|\[[^\]]*(?:\]|$)|[\p{L}\p{N}_$.]+|[^\s]/gu;
const FENCE = /^```[a-z]*\s*\n([\s\S]*?)\n?\s*```$/i;
const WRITES: ReadonlySet<string> = new Set(['insert', 'update', 'delete', 'replace']);

/** The statement without what people and models put around it: a code fence, blanks, a last semicolon. */
export function bareStatement(sql: string): string {
  const text = sql.trim();
  return (FENCE.exec(text)?.[1] ?? text).replace(/[\s;]+$/, '').trimStart();
}

/** Why `sql` is not one statement that only reads, in words; null where it is one as far as can be told. */
export function whyRefused(sql: string): string | null {
  if (sql.includes('\0')) return 'The statement holds a NUL character.';
  const tokens = tokensOf(sql);
  const [first] = tokens;
  if (!first) return 'The statement is empty.';
  if (first.kind !== 'word' || (first.text !== 'select' && first.text !== 'with')) {
    return `Only a statement that reads is run: SELECT …, or WITH … SELECT …; this one begins with ${first.text.slice(0, 20).toUpperCase()}.`;
  }
  let depth = 0;
  for (const [at, { kind, text }] of tokens.entries()) {
    if (text === '(' && kind === 'sign') depth += 1;
    else if (text === ')' && kind === 'sign') depth -= 1;
    else if (text === ';' && kind === 'sign') {
      if (at < tokens.length - 1)
        return 'Only one statement is run at a time: there is more behind the semicolon.';
    } else if (/^["`[]?pragma_/.test(text)) {
      return 'PRAGMA functions are not available; the tables and columns are companies and jobs as described.';
    } else if (kind === 'word' && depth === 0 && WRITES.has(text) && tokens[at + 1]?.text !== '(') {
      return `Only a statement that reads is run; this one has ${text.toUpperCase()}. The database is a copy in memory: nothing could be changed by it.`;
    }
  }
  return null;
}

/** Why `condition` can't stand behind WHERE as it is, in words; null where it can, as far as can be told. */
export function whyNoCondition(condition: string): string | null {
  if (condition.includes('\0')) return 'The condition holds a NUL character.';
  if (unclosed(condition)) return 'The condition has a quote or comment that is not closed.';
  const tokens = tokensOf(condition);
  if (tokens.length === 0) return 'The condition is empty.';
  let depth = 0;
  for (const { kind, text } of tokens) {
    if (kind !== 'sign') continue;
    if (text === ';') return 'The condition holds a semicolon.';
    depth += Number(text === '(') - Number(text === ')');
    if (depth < 0) return 'The condition closes a bracket that it did not open.';
  }
  return depth === 0 ? null : 'The condition opens a bracket that it does not close.';
}

function tokensOf(sql: string): Token[] {
  const tokens: Token[] = [];
  for (const [text] of sql.matchAll(TOKENS)) {
    if (text.startsWith('--') || text.startsWith('/*')) continue;
    if (/^['"`[]/.test(text)) tokens.push({ kind: 'quoted', text: text.toLowerCase() });
    else if (/^[\p{L}\p{N}_$]/u.test(text)) tokens.push({ kind: 'word', text: text.toLowerCase() });
    else tokens.push({ kind: 'sign', text });
  }
  return tokens;
}

function unclosed(text: string): boolean {
  for (const [token] of text.matchAll(TOKENS)) {
    if (token.startsWith('--') || (token.startsWith('/*') && (token.length < 4 || !token.endsWith('*/'))))
      return true;
    const quote = /^['"`[]/.exec(token)?.[0];
    if (quote === undefined) continue;
    const closing = quote === '[' ? ']' : quote;
    if (token.length < 2 || !token.endsWith(closing)) return true;
    // A doubled quote stands for itself, so an even number of them at the end closes nothing.
    const inside = token.slice(1, -1);
    if (quote !== '[' && inside.split(quote).length % 2 === 0) return true;
  }
  return false;
}
