// What SQLite runs without a word, and not as it was meant: each would be an answer that is wrong.
import { compares, operandStart } from './operands.ts';
import { isName, isSign, isWord, type Token, type TokenList } from './tokens.ts';

const NUMBER = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/;

/** Whether a text is a number, with nothing else in it. */
export function isNumeric(text: string): boolean {
  return NUMBER.test(text.trim());
}

/** What of the statement would not be understood as it is meant, and what to write; null where there is nothing such. */
export function whyMisread(list: TokenList, textColumns: ReadonlySet<string>): string | null {
  for (const [at, token] of list.tokens.entries()) {
    const why =
      token.kind === 'parameter'
        ? unbound(token)
        : (misreadAt(list, at) ?? misreadList(list, at) ?? addedTexts(list, at, textColumns));
    if (why !== null) return `${why}.`;
  }
  return null;
}

function unbound({ text }: Token): string {
  return `The statement has a parameter, ${text.slice(0, 40)}, and there are no values for parameters: write the value itself into the statement, a text in single quotes ('DEU'), a number without (29)`;
}

function misreadAt(list: TokenList, at: number): string | null {
  const { tokens } = list;
  const token = tokens[at];
  const next = tokens[at + 1];
  const before = tokens[at - 1];
  if (compares(list, at)) {
    if (isWord(next, 'null') || isWord(before, 'null')) {
      return `A comparison with NULL by ${token?.text} is never true: write IS NULL or IS NOT NULL`;
    }
    const left = operandStart(list, at);
    if (
      before?.kind === 'string' &&
      left === at - 2 &&
      (next?.kind === 'number' || next?.kind === 'string')
    ) {
      return `${list.text(at - 1, at + 2).slice(0, 100)} compares two fixed values: the name of a column stands without quotes, or in double ones`;
    }
    if (isOrder(list, at) && isOrder(list, left)) {
      return `${list.text(left - 1, at + 2).slice(0, 100)} compares the answer of the first comparison, 0 or 1, with the last value: write two comparisons with AND, or BETWEEN`;
    }
  }
  if (isWord(token, 'or') && isLooseText(next) && endsCondition(tokens[at + 2])) {
    return `OR ${next?.text.slice(0, 60)} is a text by itself, not a condition: write the comparison again (x = 'a' OR x = 'b'), or x IN ('a', 'b')`;
  }
  if (isWord(token, 'by') && next?.kind === 'string' && !isSign(tokens[at + 2], '||')) {
    return `${before?.text.toUpperCase()} BY ${next.text.slice(0, 60)} is by a text that is the same for all rows: the name of a column stands without quotes, or in double ones`;
  }
  if (isSign(token, '+') && (isLooseText(before) || isLooseText(next))) {
    return PLUS;
  }
  return null;
}

/** Lists as JSON arrays: never NULL where nothing is in them, and equal to none of their items. */
const LISTS: ReadonlySet<string> = new Set(
  'industries also_in also_in_labels known_in known_maybe known_like'.split(' '),
);

function misreadList({ tokens }: TokenList, at: number): string | null {
  const token = tokens[at];
  if (!isName(token) || !LISTS.has(token.value.toLowerCase()) || isSign(tokens[at + 1], '(', '.'))
    return null;
  const name = token.value.toLowerCase();
  const [next, second, third] = tokens.slice(at + 1, at + 4);
  if (isWord(next, 'is', 'notnull', 'isnull') && name !== 'industries') {
    const [last, not] = isWord(second, 'not') ? [third, true] : [second, false];
    if (isWord(next, 'is') && !isWord(last, 'null')) return null;
    const some = not || isWord(next, 'notnull');
    return `${name} is never NULL: it is a JSON array, '[]' where there is none, so write ${name} ${some ? '<>' : '='} '[]'`;
  }
  const [sign, value] = isWord(next, 'not') ? [second, third] : [next, second];
  const items = isWord(sign, 'in') && isSign(value, '(');
  const literal = items ? tokens[at + (isWord(next, 'not') ? 4 : 3)] : value;
  const equals = isSign(sign, '=', '==', '<>', '!=') || items;
  if (!equals || literal?.kind !== 'string' || literal.value.startsWith('[')) return null;
  return literal.value === ''
    ? `${name} is a JSON array, '[]' where there is none: write ${name} <> '[]' or ${name} = '[]'`
    : `${name} is a JSON array, which equals none of its items: write EXISTS (SELECT 1 FROM json_each(${name}) WHERE value = ${literal.text.slice(0, 60)})`;
}

/** Texts joined by the sign that adds numbers. */
function addedTexts({ tokens }: TokenList, at: number, textColumns: ReadonlySet<string>): string | null {
  if (!isSign(tokens[at], '+')) return null;
  const isText = (token: Token | undefined) => isName(token) && textColumns.has(token.value.toLowerCase());
  const right = isSign(tokens[at + 2], '.') ? tokens[at + 3] : tokens[at + 1];
  return isText(tokens[at - 1]) && isText(right) ? PLUS : null;
}

const PLUS = '+ adds numbers, and a text counts as 0: texts are joined with ||';

function isOrder(list: TokenList, at: number): boolean {
  return isSign(list.tokens[at], '<', '<=', '>', '>=');
}

/** A text in single quotes that is no number. */
function isLooseText(token: Token | undefined): boolean {
  return token?.kind === 'string' && !isNumeric(token.value);
}

function endsCondition(token: Token | undefined): boolean {
  return (
    token === undefined ||
    isSign(token, ')', ';') ||
    isWord(token, 'or', 'and', 'group', 'order', 'limit', 'then', 'having')
  );
}
