// What an answer does not say by itself: rows left out for want of a value, fractions cut off, why it is empty. Each
// asks few further statements of the same tables, which take about as long as the first.
import { counted, oneLine } from '../../lib/text.ts';
import { ALL_COLUMNS } from '../columns.ts';
import { compares, operandEnd, operandStart, primaryStart, words } from './operands.ts';
import { otherSpelling, textsComparedWith } from './spellings.ts';
import { isNumeric, isSign, isWord, nameOf, TokenList } from './sql-tokens.ts';

/** Runs a statement in SQLite's dialect; all of its rows. */
export type Ask = (sql: string) => Promise<unknown[][]>;

const MOST_CONDITIONS = 8;
/** Numbers in quotes of which an answer tells. */
const MOST_QUOTED = 3;
const MOST_COLUMNS = 6;
const MOST_VALUES = 30;
/** Columns of few different values. */
const OF_FEW = words(
  'job_id label country country_code headquarters_country region state funding_stage verdict',
);

/** An answer, and what is needed to tell what it does not say. */
interface AnsweredQuestion {
  /** The statement as `rewriteDialect` gives it. */
  sql: string;
  /** Names of the columns of the answer, and its rows, or the first of them. */
  columns: readonly string[];
  rows: ReadonlyArray<readonly unknown[]>;
  /** How many there are. */
  rowCount: number;
}

/**
 * Sentences on what may be taken for something else in an answer. A question of theirs that fails, or that can't be
 * asked of a statement like this, tells nothing: the answer stands without it.
 */
export async function hintsOf(answer: AnsweredQuestion, ask: Ask): Promise<string[]> {
  const hints: Array<string | null> = [];
  for (const hint of [quotedNumber, whyEmpty, strangeValues, nullsLeftOut, cutFractions])
    hints.push(await hint(answer, ask).catch(() => null));
  return hints.filter((hint) => hint !== null);
}

/** How many rows a condition leaves out because it compares a value that is not there: neither true nor false of them. */
async function nullsLeftOut({ sql }: AnsweredQuestion, ask: Ask): Promise<string | null> {
  const parts = partsOf(sql);
  const named = parts === null ? [] : columnsIn(parts.where);
  if (parts === null || named.length === 0) return null;
  const [counts] = await ask(
    `${parts.with} SELECT count(*), ${named.map(({ text }) => `sum(${text} IS NULL)`).join(', ')} FROM ${parts.from} WHERE (${parts.where}) IS NULL`,
  );
  const [rows, ...missing] = (counts ?? []).map(Number);
  if (!rows) return null;
  const without = named.flatMap(({ name }, at) => (missing[at] ? [`${name} (${missing[at]})`] : []));
  if (without.length === 0) return null;
  return `${counted(rows, 'row', 'are')} left out, because the condition compares a value they do not have: ${without.join(', ')}. Add OR … IS NULL to include them.`;
}

/** Why there is no row, or none counted: over how many rows was asked, and which single condition leaves none. */
async function whyEmpty({ sql, rows }: AnsweredQuestion, ask: Ask): Promise<string | null> {
  const parts = findsNobody(rows) ? partsOf(sql) : null;
  if (parts === null) return null;
  const [first] = rows;
  const conditions = parts.conditions.length > MOST_CONDITIONS ? [] : parts.conditions;
  const others = conditions.map(
    (_, at) => conditions.filter((_each, other) => other !== at).join(' AND ') || '1',
  );
  const filters = [parts.where, ...conditions, ...others].map(
    (condition) => `count(*) FILTER (WHERE ${condition})`,
  );
  const [row = []] = await ask(`${parts.with} SELECT count(*), ${filters.join(', ')} FROM ${parts.from}`);
  const [all = 0, fitting = 0, ...counts] = row.map(Number);
  // A sum of 0 is no want of rows; where there are none, they are lost by HAVING, LIMIT or OFFSET.
  if (fitting > 0 && first) return null;
  const asked = `Searched ${counted(all, 'row')} of ${parts.from}`;
  if (fitting > 0 && parts.conditions.length > 0)
    return `${asked}; ${fitting} of them match the conditions, so a clause after WHERE leaves none.`;
  if (all === 0 || conditions.length === 0) return `${asked}.`;
  const told = conditions.map((condition, at) => ({
    condition: `[${oneLine(condition, 80)}]`,
    alone: counts[at] ?? 0,
    without: counts[conditions.length + at] ?? 0,
  }));
  const none = told.filter(({ alone }) => alone === 0).map(({ condition }) => condition);
  if (none.length > 0) return `${asked}; none of them matches ${none.join(', and none ')}.`;
  const each = told.map(({ condition, alone }) => `${condition} ${alone}`).join(', ');
  const decisive = told.find(({ without }) => without > 0);
  const less = decisive ? ` Without ${decisive.condition} there would be ${decisive.without}.` : '';
  return `${asked}; each condition alone matches some (${each}), all together none.${less}`;
}

/** Whether there is no row, or one that counts none. */
function findsNobody([first, ...more]: AnsweredQuestion['rows']): boolean {
  return !first || (more.length === 0 && first.every((cell) => cell === 0 || cell === null));
}

/** Values that a column of few different ones is compared with, beside others, and that no row has: misspelled, most likely. */
async function strangeValues({ sql, rows }: AnsweredQuestion, ask: Ask): Promise<string | null> {
  const parts = findsNobody(rows) ? null : partsOf(sql);
  if (parts === null) return null;
  const list = new TokenList(parts.where);
  const compared = [...list.tokens.entries()].flatMap(([at, token]) => {
    if (!OF_FEW.has(nameOf(token))) return [];
    const texts = [...textsComparedWith(list, at)].filter(
      (each) =>
        !isWord(list.tokens[each - 1], 'like') &&
        otherSpelling(nameOf(token), list.tokens[each]?.value ?? '') === null,
    );
    const column = list.text(primaryStart(list, at), at + 1);
    return texts.map((each) => ({ column, text: list.text(each, each + 1) }));
  });
  if (compared.length === 0) return null;
  const first = compared.slice(0, MOST_VALUES);
  const counts = first.map(({ column, text }) => `count(*) FILTER (WHERE ${column} = ${text})`);
  const [found = []] = await ask(`${parts.with} SELECT ${counts.join(', ')} FROM ${parts.from}`);
  const none = first.flatMap(({ column, text }, at) =>
    found[at] === 0 ? `${column} ${oneLine(text, 60)}` : [],
  );
  return none.length === 0 ? null : `No row of ${parts.from} has ${none.slice(0, MOST_QUOTED).join(' or ')}.`;
}

/** A warning where whole numbers were divided and 0 came out for what is a fraction. */
async function cutFractions(answer: AnsweredQuestion, ask: Ask): Promise<string | null> {
  const { sql, columns, rows } = answer;
  const list = new TokenList(sql);
  const signs = [...list.tokens.keys()].filter((at) => isSign(list.tokens[at], '/'));
  if (signs.length === 0 || isChance(list)) return null;
  const deciding = signs.filter((at) => decides(list, at));
  for (const at of deciding) list.replace(at, '* 1.0 /');
  if (deciding.length > 0 && (await isOther(answer, list.changed(), ask)))
    return 'A condition or order divides whole numbers, and SQLite drops the fraction: with it, the rows would be others. Write 1.0 * a / b.';
  const suspects = columns.flatMap((_, at) =>
    rows.some((row) => row[at] === 0) && rows.every((row) => row[at] === null || Number.isInteger(row[at]))
      ? [at]
      : [],
  );
  if (suspects.length === 0) return null;
  for (const at of signs) list.replace(at, '* 1.0 /');
  const exact = await ask(list.changed());
  for (const at of suspects) {
    const small = rows.every((row) => SMALL.has(row[at]));
    const isCut = (value: unknown) =>
      typeof value === 'number' && value !== 0 && (Math.abs(value) < 1 || (small && !SMALL.has(value)));
    const fraction = exact.map((row) => row[at]).find(isCut);
    if (fraction !== undefined)
      return `${columns[at]} is a division of whole numbers, and SQLite drops the fraction: one value is really ${Number(Number(fraction).toPrecision(3))}. Write 1.0 * a / b.`;
  }
  return null;
}

/** Whether a division decides which rows there are, or their order; groups of whole numbers (GROUP BY row / 10) are meant so. */
function decides({ tokens, mates }: TokenList, division: number): boolean {
  for (let at = division - 1; at >= 0; at -= 1) {
    if (isSign(tokens[at], ')')) at = mates[at] ?? at;
    else if (isWord(tokens[at], 'by')) return isWord(tokens[at - 1], 'order');
    else if (isWord(tokens[at], 'where', 'having', 'on', 'when')) return true;
    else if (isWord(tokens[at], 'select', 'from', 'then', 'else')) return false;
  }
  return false;
}

function isChance({ tokens }: TokenList): boolean {
  return tokens.some((token) => isWord(token, 'random', 'randomblob'));
}

/** Whether another statement gives other rows than the answer has, in whatever order. */
async function isOther({ rows, rowCount }: AnsweredQuestion, sql: string, ask: Ask): Promise<boolean> {
  const again = await ask(`SELECT count(*) OVER (), * FROM (${sql})`);
  if ((again[0]?.[0] ?? 0) !== rowCount) return true;
  const isAll = rows.length === rowCount && again.length === rowCount;
  return isAll && inAnyOrder(rows) !== inAnyOrder(again.map(([, ...row]) => row));
}

/** What a division of whole numbers leaves of fractions, be it multiplied or not. */
const SMALL: ReadonlySet<unknown> = new Set([0, 1, -1, null]);

/**
 * A warning where a number in quotes is compared with a number that has no type, such as a count: SQLite compares as
 * text there, and every number is less than every text. Told where the answer is another one without the quotes.
 */
async function quotedNumber(answer: AnsweredQuestion, ask: Ask): Promise<string | null> {
  const list = new TokenList(answer.sql);
  const { tokens } = list;
  if (isChance(list)) return null;
  const compared = tokens.flatMap(({ kind, value, text }, at) => {
    const other = kind === 'string' && isNumeric(value) ? comparedWith(list, at) : null;
    return other === null ? [] : { at, other, value, text };
  });
  for (const { at, other, value, text } of compared.slice(0, MOST_QUOTED)) {
    list.replace(at, `CASE typeof(${other}) WHEN 'text' THEN ${text} ELSE ${value} END`);
    const isSame = !(await isOther(answer, list.changed(), ask));
    list.replace(at, text);
    if (isSame) continue;
    return `${text} in quotes is a text, so ${other.slice(0, 60)} is compared as a text. Without quotes it is compared as a number.`;
  }
  return null;
}

/** What the text is compared with, unless that is a text itself or a column of the tables, which has a type. */
function comparedWith(list: TokenList, at: number): string | null {
  const { tokens } = list;
  const isLeft = compares(tokens[at + 1]) && operandStart(list, at + 1) === at - 1;
  const isRight = compares(tokens[at - 1]) && operandEnd(list, at) === at + 1;
  if (!isLeft && !isRight) return null;
  const [first, end] = isLeft ? [at + 2, operandEnd(list, at + 2)] : [operandStart(list, at - 1) + 1, at - 1];
  const last = tokens[end - 1];
  const name = primaryStart(list, end - 1) === first ? nameOf(last) : '';
  const isGiven = tokens.some((token, each) => nameOf(token) === name && isWord(tokens[each - 1], 'as'));
  const isTyped = (ALL_COLUMNS.has(name) && !isGiven) || (end - first === 1 && last?.kind === 'string');
  return isTyped ? null : list.text(first, end);
}

function inAnyOrder(rows: ReadonlyArray<readonly unknown[]>): string {
  return rows
    .map((row) => JSON.stringify(row))
    .sort()
    .join();
}

/** Columns that the condition names, as it names them, each once; none of a SELECT inside of it. */
function columnsIn(condition: string): Array<{ text: string; name: string }> {
  const list = new TokenList(condition);
  const found = new Map<string, { text: string; name: string }>();
  for (let at = 0; at < list.tokens.length; at += 1) {
    const token = list.tokens[at];
    if (isSign(token, '(') && isWord(list.tokens[at + 1], 'select', 'with')) at = list.mates[at] ?? at;
    if (!token || !ALL_COLUMNS.has(nameOf(token)) || isSign(list.tokens[at + 1], '(', '.')) continue;
    const text = list.text(primaryStart(list, at), at + 1);
    found.set(text.toLowerCase(), { text, name: token.value });
  }
  return [...found.values()].slice(0, MOST_COLUMNS);
}

/**
 * The clauses of `sql`: WITH and what it defines, the table with its other name, the condition, and what AND joins in it;
 * null where it is not one SELECT over one table.
 */
function partsOf(sql: string) {
  const list = new TokenList(sql);
  const { tokens } = list;
  const outside = [...list.level(0, tokens.length)];
  /** The index of the next of these words outside of all brackets; of a name behind a dot, none. */
  const next = (from: number, ...words: string[]) =>
    outside.find((at) => at >= from && isWord(tokens[at], ...words) && !isSign(tokens[at - 1], '.'));
  const select = next(0, 'select');
  const from = select === undefined ? undefined : next(select, 'from');
  if (select === undefined || from === undefined || next(0, 'union', 'intersect', 'except') !== undefined)
    return null;
  const last = next(from, 'group', 'having', 'order', 'limit', 'window') ?? tokens.length;
  const where = next(from, 'where') ?? last;
  if (list.items(from + 1, where).length !== 1 || next(from, 'join', 'natural') !== undefined) return null;
  return {
    with: list.text(0, select),
    from: list.text(from + 1, where),
    where: list.text(where + 1, last) || '1',
    conditions: where < last ? conditionsOf(list, where + 1, last) : [],
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
