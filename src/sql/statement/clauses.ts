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
  const outside = [...list.level(0, tokens.length)];
  /** The index of the next of these words outside of all brackets. */
  const next = (from: number, ...words: string[]) =>
    outside.find((at) => at >= from && isWord(tokens[at], ...words) && !isSign(tokens[at - 1], '.'));
  const select = next(0, 'select');
  const from = select === undefined ? undefined : next(select, 'from');
  if (select === undefined || from === undefined || next(0, 'union', 'intersect', 'except') !== undefined)
    return null;
  const last = next(from, 'group', 'having', 'order', 'limit', 'window') ?? tokens.length;
  const where = next(from, 'where');
  const fromEnd = where ?? last;
  if (list.items(from + 1, fromEnd).length !== 1 || next(from, 'join', 'natural') !== undefined) return null;
  return {
    with: list.text(0, select),
    from: list.text(from + 1, fromEnd),
    where: where === undefined ? undefined : list.text(where + 1, last),
    conditions: where === undefined ? [] : conditionsOf(list, where + 1, last),
  };
}

function conditionsOf(list: TokenList, first: number, last: number): string[] {
  const conditions: string[] = [];
  let start = first;
  let isRange = false;
  let cases = 0;
  for (const at of list.level(first, last)) {
    const token = list.tokens[at];
    cases += Number(isWord(token, 'case')) - Number(isWord(token, 'end'));
    if (cases > 0) continue;
    // With OR beside it, AND joins no conditions of the whole.
    if (isWord(token, 'or')) return [list.text(first, last)];
    if (isWord(token, 'between')) isRange = true;
    else if (isWord(token, 'and') && isRange) isRange = false;
    else if (isWord(token, 'and')) {
      conditions.push(list.text(start, at));
      start = at + 1;
    }
  }
  return [...conditions, list.text(start, last)];
}
