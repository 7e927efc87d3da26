// The clauses of a statement that is one SELECT over one table, for questions about its rows.
import { isSign, isWord, TokenList } from './tokens.ts';

export interface StatementParts {
  /** WITH and what it defines, or nothing. */
  with: string;
  /** The table, with its other name where it has one. */
  from: string;
  where: string | undefined;
  /** Of `where`, what AND joins. */
  conditions: string[];
}

/** The clauses of `sql`; null where it is not one SELECT over one table. */
export function partsOf(sql: string): StatementParts | null {
  const list = new TokenList(sql);
  const { tokens } = list;
  const select = next(list, 0, 'select');
  if (select < 0 || next(list, 0, 'union', 'intersect', 'except') >= 0) return null;
  const from = next(list, select, 'from');
  if (from < 0) return null;
  const end = (at: number) => (at < 0 ? tokens.length : at);
  const last = end(next(list, from, 'group', 'having', 'order', 'limit', 'window'));
  const where = next(list, from, 'where');
  const fromEnd = where < 0 ? last : where;
  if (list.items(from + 1, fromEnd).length !== 1 || next(list, from, 'join', 'natural') >= 0) return null;
  return {
    with: list.text(0, select),
    from: list.text(from + 1, fromEnd),
    where: where < 0 ? undefined : list.text(where + 1, last),
    conditions: where < 0 ? [] : conditionsOf(list, where + 1, last),
  };
}

/** The index of the next of these words outside of all brackets, or -1. */
function next({ tokens, depths }: TokenList, from: number, ...words: string[]): number {
  return tokens.findIndex(
    (token, at) => at >= from && depths[at] === 0 && isWord(token, ...words) && !isSign(tokens[at - 1], '.'),
  );
}

function conditionsOf(list: TokenList, first: number, last: number): string[] {
  const { tokens, mates } = list;
  const conditions: string[] = [];
  let start = first;
  let between = 0;
  let cases = 0;
  for (let at = first; at < last; at += 1) {
    const token = tokens[at];
    // With OR beside it, AND joins no conditions of the whole.
    if (isWord(token, 'or') && cases === 0) return [list.text(first, last)];
    if (isWord(token, 'between')) between += 1;
    else if (isWord(token, 'case')) cases += 1;
    else if (isWord(token, 'end')) cases -= 1;
    else if (isWord(token, 'and') && between > 0) between -= 1;
    else if (isWord(token, 'and') && cases === 0) {
      conditions.push(list.text(start, at));
      start = at + 1;
    }
    at = Math.max(at, mates[at] ?? -1);
  }
  conditions.push(list.text(start, last));
  return conditions;
}
