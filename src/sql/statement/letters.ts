// SQLite's collations know the letters of ASCII only, and sql.js can't add one. So COLLATE NOCASE and the order of
// texts are turned into functions (functions.ts): fold(x), the same for all spellings that differ in case or in
// how their letters are composed, and sort_key(x), which puts Ü beside U.
import { compares, operandEnd, operandStart, primaryStart, words } from './operands.ts';
import { Edits, isName, isSign, isWord, type Token, TokenList } from './tokens.ts';

const CLAUSES = words(
  'limit offset fetch rows range groups union intersect except order group select from where',
);
const CASELESS: readonly string[] = ['lower', 'upper', 'trim', 'fold'];

/**
 * Has texts ordered as people order them, where ORDER BY names a column of text by its name or its number.
 *
 * @param textColumns Names, in lower case, of the columns that hold words.
 */
export function orderTexts(sql: string, textColumns: ReadonlySet<string>): string {
  const list = new TokenList(sql);
  const edits = new Edits(list);
  const texts = withAliases(list, textColumns);
  for (const [at, token] of list.tokens.entries()) {
    if (isWord(token, 'order') && isWord(list.tokens[at + 1], 'by')) orderAt(list, edits, at, texts);
  }
  return edits.apply();
}

function orderAt(list: TokenList, edits: Edits, order: number, textColumns: ReadonlySet<string>): void {
  const { tokens, mates } = list;
  const groupEnd = list.groupEnd(order);
  let end = order + 2;
  while (end < groupEnd && !beginsClause(tokens[end]) && !isSign(tokens[end], ';')) {
    end = Math.max(end, mates[end] ?? -1) + 1;
  }
  const first = list.opening(order) + 1;
  const { selects, isCompound } = partsOfGroup(list, first, order);
  // One that names itself could not be put into brackets; order inside of WITH is seen by nobody.
  if (isCompound && isWord(tokens[first - 2], 'as', 'materialized')) return;
  const columns = selects[0] === undefined ? [] : columnsOf(list, selects[0], order);
  let found = false;
  for (const [from, to] of list.items(order + 2, end)) {
    let last = to;
    while (last > from && isWord(tokens[last - 1], 'asc', 'desc', 'nulls', 'first', 'last')) last -= 1;
    const caseless = isWord(tokens[last - 2], 'collate') && isNocase(tokens[last - 1]);
    if (caseless) last -= 2;
    const number = tokens[from];
    if (last - from === 1 && number?.kind === 'number') {
      const column = columns[Number(number.text) - 1];
      if (!column || !isText(list, column.first, column.end, textColumns)) continue;
      edits.replace(from, `sort_key(${isCompound ? column.name : list.text(column.first, column.end)})`);
    } else if (isText(list, from, last, textColumns)) {
      // Inside of a function, a name is that of a column of the table first, and not one given with AS.
      const named =
        last - from === 1 && !isCompound && columns.find(({ name }) => sameName(name, list.text(from, last)));
      if (named) edits.replace(from, `sort_key(${list.text(named.first, named.end)})`);
      else edits.wrap(from, last, 'sort_key(', ')');
    } else continue;
    if (caseless) edits.remove(last, last + 2);
    found = true;
  }
  // Behind UNION an order may name columns of the result alone, no functions of them.
  if (found && isCompound) edits.wrap(first, order, 'SELECT * FROM (', ')');
}

function beginsClause(token: Token | undefined): boolean {
  return token?.kind === 'word' && CLAUSES.has(token.value);
}

/** Where SELECTs begin in the same brackets before `end`, and whether there are several. */
function partsOfGroup(list: TokenList, first: number, end: number) {
  const selects: number[] = [];
  let isCompound = false;
  for (let at = first; at < end; at += 1) {
    if (isWord(list.tokens[at], 'select')) selects.push(at);
    if (isWord(list.tokens[at], 'union', 'intersect', 'except')) isCompound = true;
    at = Math.max(at, list.mates[at] ?? -1);
  }
  return { selects, isCompound };
}

/** Whether the tokens are a column of text, or one in capitals or small letters. */
function isText(list: TokenList, from: number, to: number, textColumns: ReadonlySet<string>): boolean {
  const { tokens, mates } = list;
  const last = tokens[to - 1];
  if (isSign(last, ')') && mates[from + 1] === to - 1 && isWord(tokens[from], ...CASELESS)) {
    return isText(list, from + 2, to - 1, textColumns);
  }
  if (!isName(last) || primaryStart(list, to - 1) !== from) return false;
  return textColumns.has(last.value.toLowerCase());
}

/** The columns, and the other names that the statement gives them. */
function withAliases({ tokens }: TokenList, textColumns: ReadonlySet<string>): ReadonlySet<string> {
  const names = new Set(textColumns);
  for (const [at, token] of tokens.entries()) {
    const [named, alias] = [tokens[at - 1], tokens[at + 1]];
    if (!isWord(token, 'as') || !isName(named) || !isName(alias)) continue;
    if (textColumns.has(named.value.toLowerCase())) names.add(alias.value.toLowerCase());
  }
  return names;
}

interface SelectedColumn {
  /** Its tokens without the name that is given to it: from `first` up to, and without, `end`. */
  first: number;
  end: number;
  /** The name given to it; else what it is. */
  name: string;
}

/** The columns of a SELECT that can be named by number: those before the first `*`. */
function columnsOf(list: TokenList, select: number, end: number): SelectedColumn[] {
  const { tokens, mates } = list;
  const first = isWord(tokens[select + 1], 'distinct', 'all') ? select + 2 : select + 1;
  let last = first;
  while (last < end && !beginsClause(tokens[last])) {
    last = Math.max(last, mates[last] ?? -1) + 1;
  }
  const items = list.items(first, last);
  const star = items.findIndex(([, to]) => isSign(tokens[to - 1], '*'));
  return (star < 0 ? items : items.slice(0, star)).map(([from, to]) => {
    const name = list.text(to - 1, to);
    if (isWord(tokens[to - 2], 'as')) return { first: from, end: to - 2, name };
    // A name may stand behind what it is given to without AS.
    const isGiven = to - from > 1 && isName(tokens[to - 1]) && !isWord(tokens[to - 1], 'end', 'null');
    if (isGiven && primaryStart(list, to - 2) >= 0) return { first: from, end: to - 1, name };
    return { first: from, end: to, name };
  });
}

function sameName(one: string, other: string): boolean {
  const bare = (name: string) => name.replace(/^["`[]|["`\]]$/g, '').toLowerCase();
  return bare(one) === bare(other);
}

function isNocase(token: Token | undefined): boolean {
  return isName(token) && token.value.toLowerCase() === 'nocase';
}

/** Turns COLLATE NOCASE into fold(x), on both sides of the comparison it is meant for. */
export function foldNocase(sql: string): { sql: string } | { error: string } {
  const list = new TokenList(sql);
  const edits = new Edits(list);
  const folded = new Set<number>();
  /** Puts an operand into fold(), once. */
  const fold = (first: number, end: number) => {
    if (end <= first || folded.has(first)) return;
    folded.add(first);
    edits.wrap(first, end, 'fold(', ')');
  };
  for (const [at, token] of list.tokens.entries()) {
    if (!isWord(token, 'collate') || !isNocase(list.tokens[at + 1])) continue;
    const first = primaryStart(list, at - 1);
    if (first < 0)
      return { error: 'COLLATE NOCASE stands behind the text that it is for: name COLLATE NOCASE.' };
    const why = foldAt(list, first, at, fold);
    if (why !== null) return { error: why };
    edits.remove(at, at + 2);
  }
  return { sql: edits.apply() };
}

function foldAt(
  list: TokenList,
  primary: number,
  collate: number,
  fold: (first: number, end: number) => void,
): string | null {
  const { tokens, mates } = list;
  let left = operandStart(list, primary);
  let right = operandEnd(list, collate + 2);
  // Brackets around the whole of it are no other operand.
  while (isSign(tokens[left], '(') && isSign(tokens[right], ')') && primaryStart(list, right) === left) {
    const from = left;
    left = operandStart(list, from);
    right = operandEnd(list, right + 1);
  }
  const equals = (at: number) => compares(list, at) || isWord(tokens[at], 'is');
  const isNot = isWord(tokens[left], 'not') && isWord(tokens[left - 1], 'is');
  if (equals(left) || isNot) {
    const sign = isNot ? left - 1 : left;
    fold(operandStart(list, sign) + 1, sign);
    fold(left + 1, right);
    return null;
  }
  if (isWord(tokens[left], 'case', 'when') && !equals(right)) {
    return "COLLATE NOCASE can't stand behind CASE or WHEN here: write CASE WHEN fold(x) = fold(y) THEN ….";
  }
  const not = Number(isWord(tokens[right], 'not'));
  const operator = right + not;
  if (compares(list, right) || (isWord(tokens[right], 'is') && !isWord(tokens[right + 1], 'null'))) {
    const second = right + 1 + Number(isWord(tokens[right + 1], 'not'));
    if (isWord(tokens[second], 'null', 'distinct')) return null;
    fold(left + 1, right);
    fold(second, operandEnd(list, second));
  } else if (isWord(tokens[operator], 'in')) {
    const open = operator + 1;
    const close = mates[open] ?? -1;
    if (close < 0 || isWord(tokens[open + 1], 'select', 'with', 'values')) {
      return "COLLATE NOCASE can't stand before IN (SELECT …) here: write fold(x) IN (SELECT fold(y) FROM …).";
    }
    fold(left + 1, right);
    for (const [from, to] of list.items(open + 1, close)) fold(from, to);
  } else if (isWord(tokens[operator], 'between')) {
    const and = operandEnd(list, operator + 1);
    fold(left + 1, right);
    fold(operator + 1, and);
    fold(and + 1, operandEnd(list, and + 1));
  } else {
    const by = groupedBy(list, primary);
    if (isWord(tokens[by], 'distinct') && isWord(tokens[by - 1], 'select')) {
      return 'COLLATE NOCASE behind SELECT DISTINCT is not available: write SELECT x … GROUP BY x COLLATE NOCASE.';
    }
    // Elsewhere it decides nothing, and fold() would change what is shown.
    if (by >= 0) fold(primary, collate);
  }
  return null;
}

/** The index of the BY or DISTINCT to which the value belongs, or -1. */
function groupedBy(list: TokenList, at: number): number {
  const { tokens, mates } = list;
  for (let each = at - 1; each >= 0; each -= 1) {
    const token = tokens[each];
    if (isSign(token, ')')) each = Math.max(mates[each] ?? each, 0);
    else if (isWord(token, 'by', 'distinct')) return each;
    else if (isSign(token, '(') || isWord(token, 'select', 'where', 'having', 'on', 'from')) return -1;
  }
  return -1;
}
