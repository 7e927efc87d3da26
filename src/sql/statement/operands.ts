// What an operator stands between, as far as tokens tell it.
import { isName, isSign, isWord, type Token, type TokenList } from './sql-tokens.ts';

/** Words that end an operand of a comparison; before a bracket, none of them is a function. */
const ENDS = words(
  'select distinct all from where group by having order limit offset on using and or not case when then else between in is',
  'like ilike glob regexp match values set union intersect except with as window partition escape isnull notnull',
  'asc desc nulls join left right full inner outer cross natural end returning fetch any some',
);

/** A set of the words in `lists`. */
export function words(...lists: string[]): ReadonlySet<string> {
  return new Set(lists.flatMap((list) => list.split(' ')));
}

/** Whether the token compares the operands on its two sides, and nothing else. */
export function compares(token: Token | undefined): boolean {
  return isSign(token, '=', '==', '<>', '!=', '<', '<=', '>', '>=');
}

/**
 * The index of the first token of the single value that ends with the token `at`: a literal, a name with what
 * qualifies it, a function with its brackets, brackets, CASE … END; -1 where there is none.
 */
export function primaryStart(list: TokenList, at: number): number {
  const { tokens, mates } = list;
  const token = tokens[at];
  if (isSign(tokens[at - 1], '::')) return primaryStart(list, at - 2);
  if (isSign(token, ')')) {
    const open = mates[at] ?? -1;
    const name = tokens[open - 1];
    if (isSign(tokens[open - 2], '::')) return primaryStart(list, open - 3);
    if (isWord(name, 'over', 'filter')) return primaryStart(list, open - 2);
    return isName(name) && !isEnd(name) ? open - 1 : open;
  }
  if (isWord(token, 'end')) {
    let open = 1;
    let each = at - 1;
    for (; each >= 0; each -= 1) {
      open += Number(isWord(tokens[each], 'end')) - Number(isWord(tokens[each], 'case'));
      if (open === 0) break;
    }
    return each;
  }
  if (!token || token.kind === 'sign' || isEnd(token)) return -1;
  let first = at;
  while (isName(tokens[first]) && isSign(tokens[first - 1], '.') && isName(tokens[first - 2])) first -= 2;
  return first;
}

/** The index of the token that ends, on the left, the operand whose last token is before `at`; -1 at the beginning. */
export function operandStart(list: TokenList, at: number): number {
  for (let each = at - 1; each >= 0; each -= 1) {
    if (isSign(list.tokens[each], ')') || isWord(list.tokens[each], 'end')) each = primaryStart(list, each);
    else if (endsOperand(list, each)) return each;
  }
  return -1;
}

/** The index of the token that ends, on the right, the operand whose first token is `at`; that behind the last one at the end. */
export function operandEnd(list: TokenList, at: number): number {
  const { tokens } = list;
  let cases = 0;
  for (const each of list.level(at, tokens.length)) {
    if (isWord(tokens[each], 'case')) cases += 1;
    else if (isWord(tokens[each], 'end') && cases > 0) cases -= 1;
    else if (cases === 0 && endsOperand(list, each) && !isSign(tokens[each], '(')) return each;
  }
  return tokens.length;
}

function endsOperand({ tokens }: TokenList, at: number): boolean {
  const token = tokens[at];
  return (
    compares(token) || isSign(token, ',', '(', ')', ';') || (isEnd(token) && !isSign(tokens[at - 1], '.'))
  );
}

function isEnd(token: Token | undefined): boolean {
  return token?.kind === 'word' && ENDS.has(token.value);
}
