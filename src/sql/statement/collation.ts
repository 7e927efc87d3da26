// SQLite's collations know the letters of ASCII only, and sql.js can't add one. So COLLATE NOCASE and the order of
// texts are turned into functions (functions.ts): fold(x), the same for all spellings that differ in case or in
// how their letters are composed, and sort_key(x), which puts Ü beside U.
import { TEXT_COLUMNS } from '../columns.ts';
import { compares, operandEnd, operandStart, primaryStart, words } from './operands.ts';
import { isName, isSign, isWord, nameOf, TokenList } from './sql-tokens.ts';

const CLAUSES = words(
  'limit offset fetch rows range groups union intersect except order group select from where',
);

/** Has texts ordered as people order them, where ORDER BY names a column of text by its name or its number. */
export function orderTexts(sql: string): string {
  const list = new TokenList(sql);
  const texts = withAliases(list);
  for (const [at, token] of list.tokens.entries()) {
    if (isWord(token, 'order') && isWord(list.tokens[at + 1], 'by')) orderAt(list, at, texts);
  }
  return list.changed();
}

function orderAt(list: TokenList, order: number, texts: ReadonlySet<string>): void {
  const { tokens } = list;
  const [open, close] = list.around(order);
  const before = [...list.level(open + 1, order)];
  const select = before.find((at) => isWord(tokens[at], 'select'));
  const isCompound = before.some((at) => isWord(tokens[at], 'union', 'intersect', 'except'));
  // One that names itself could not be put into brackets; order inside of WITH is seen by nobody.
  if (isCompound && isWord(tokens[open - 1], 'as', 'materialized')) return;
  const columns = select === undefined ? [] : columnsOf(list, select, order);
  /** Columns of text, and what is made of them; but for those whose order is said, and those with an order inside. */
  const isText = (from: number, to: number) => {
    const among = tokens.slice(from, to);
    const named = among.some((token) => texts.has(nameOf(token)));
    return named && !among.some((token) => isWord(token, 'collate', 'by'));
  };
  let found = false;
  for (const [from, to] of list.items(order + 2, clauseEnd(list, order + 2, close))) {
    let end = to;
    while (end > from && isWord(tokens[end - 1], 'asc', 'desc', 'nulls', 'first', 'last')) end -= 1;
    const last = isNocase(list, end - 2) ? end - 2 : end;
    const term = last - from === 1 ? tokens[from] : undefined;
    const column =
      term?.kind === 'number'
        ? columns[Number(term.text) - 1]
        : columns.find(({ name }) => isName(name) && nameOf(name) === nameOf(term));
    if (!isText(from, last) && !(column && isText(column.first, column.end))) continue;
    found = true;
    // Inside of a function, a name is that of a column of the table first, and not one given with AS.
    const [first, behind] = column && !isCompound ? [column.first, column.end] : [from, last];
    const text = column && isCompound ? column.name?.text : list.text(first, behind);
    list.replace(from, `sort_key(${text})`);
    list.remove(from + 1, end);
  }
  // Behind UNION an order may name columns of the result alone, no functions of them.
  if (found && isCompound) list.wrap(open + 1, order, 'SELECT * FROM (', ')');
}

function clauseEnd(list: TokenList, first: number, end: number): number {
  for (const at of list.level(first, end)) {
    const token = list.tokens[at];
    if (isSign(token, ';') || (token?.kind === 'word' && CLAUSES.has(token.value))) return at;
  }
  return end;
}

/** The columns, and the other names that the statement gives them. */
function withAliases({ tokens }: TokenList): ReadonlySet<string> {
  const names = new Set(TEXT_COLUMNS);
  for (const [at, token] of tokens.entries()) {
    const isText = isWord(token, 'as') && TEXT_COLUMNS.has(nameOf(tokens[at - 1]));
    if (isText) names.add(nameOf(tokens[at + 1]));
  }
  return names;
}

/**
 * The columns of a SELECT that can be named by number, those before the first `*`: the tokens of each from `first` up to,
 * and without, `end`, and the name that it is given; else what it ends with.
 */
function columnsOf(list: TokenList, select: number, end: number) {
  const { tokens } = list;
  const first = select + (isWord(tokens[select + 1], 'distinct', 'all') ? 2 : 1);
  const items = list.items(first, clauseEnd(list, first, end));
  const star = items.findIndex(([, to]) => isSign(tokens[to - 1], '*'));
  return (star < 0 ? items : items.slice(0, star)).map(([from, to]) => {
    const name = tokens[to - 1];
    if (isWord(tokens[to - 2], 'as')) return { first: from, end: to - 2, name };
    // A name may stand behind what it is given to without AS.
    const isGiven = to - from > 1 && isName(name) && !isWord(name, 'end', 'null');
    return { first: from, end: isGiven && primaryStart(list, to - 2) >= 0 ? to - 1 : to, name };
  });
}

function isNocase({ tokens }: TokenList, at: number): boolean {
  return isWord(tokens[at], 'collate') && nameOf(tokens[at + 1]) === 'nocase';
}

const NO_PLACE =
  'COLLATE NOCASE is for a comparison, ORDER BY x or GROUP BY x, and stands behind the text it is for. Elsewhere write fold(x), as in fold(x) IN (SELECT fold(y) FROM …).';

/** Turns COLLATE NOCASE into fold(x), on all sides of the comparison it is meant for. */
export function foldNocase(sql: string): { sql: string } | { refused: string } {
  const list = new TokenList(sql);
  const folded = new Set<number>();
  for (const at of list.tokens.keys()) {
    if (!isNocase(list, at)) continue;
    const first = primaryStart(list, at - 1);
    const isDone = folded.has(operandStart(list, first) + 1);
    const operands = isDone ? [] : operandsAround(list, first, at);
    if (operands === null) return { refused: NO_PLACE };
    for (const [from, to] of operands) {
      if (!folded.has(from)) list.wrap(from, to, 'fold(', ')');
      folded.add(from);
    }
    list.remove(at, at + 2);
  }
  return { sql: list.changed() };
}

/** The operands of the comparison or grouping in which a value stands, each `[first, end]`; none elsewhere, null where it can't stand. */
function operandsAround(list: TokenList, value: number, behind: number): Array<[number, number]> | null {
  const { tokens } = list;
  const joins = (at: number) => compares(tokens[at]) || isWord(tokens[at], 'is', 'not', 'in', 'between');
  if (value < 0) return null;
  let start = operandStart(list, value);
  while (joins(start)) start = operandStart(list, start);
  const operands: Array<[number, number]> = [];
  let isRange = false;
  let end = start;
  for (let from = start + 1; ; from = end + 1) {
    end = operandEnd(list, from);
    if (isWord(tokens[from - 1], 'in')) {
      if (!isSign(tokens[from], '(') || isWord(tokens[from + 1], 'select', 'with', 'values')) return null;
      operands.push(...list.items(from + 1, end - 1));
    } else if (end > from) operands.push([from, end]);
    const isAnd = isRange && isWord(tokens[end], 'and');
    if (!isAnd && !joins(end)) break;
    isRange = isWord(tokens[end], 'between');
  }
  if (operands.length > 1) return operands;
  // Brackets around the whole of it are no other operand.
  if (isSign(tokens[start], '(') && primaryStart(list, end) === start)
    return operandsAround(list, start, end + 1);
  let by = start;
  while (isSign(tokens[by], ',') || isWord(tokens[by], 'asc', 'desc', 'nulls')) by = operandStart(list, by);
  if (
    isWord(tokens[start], 'case', 'when') ||
    (isWord(tokens[by], 'distinct') && isWord(tokens[by - 1], 'select'))
  )
    return null;
  // Elsewhere it decides nothing, and fold() would change what is shown.
  return isWord(tokens[by], 'by', 'distinct') ? [[value, behind]] : [];
}
