// What an operator stands between, as far as tokens tell it.
import { isName, isSign, isWord, type TokenList } from './tokens.ts';

/** Words that end an operand of a comparison. */
const ENDS = words(
  'select distinct all from where group by having order limit offset on using and or not case when then else between in is',
  'like ilike glob regexp match values set union intersect except with as over filter window partition escape isnull notnull',
  'asc desc nulls join left right full inner outer cross natural end collate returning fetch',
);
/** Words before a bracket that are no function of it. */
const NO_FUNCTION = words(
  'select distinct all from where group by having order limit offset on using and or not case when then else between in is',
  'like ilike glob regexp match values set union intersect except as over filter join any some',
);

/** A set of the words in `lists`. */
export function words(...lists: string[]): ReadonlySet<string> {
  return new Set(lists.flatMap((list) => list.split(' ')));
}

/** Whether the token compares the operands on its two sides, and nothing else. */
export function compares(list: TokenList, at: number): boolean {
  return isSign(list.tokens[at], '=', '==', '<>', '!=', '<', '<=', '>', '>=');
}

/**
 * The index of the first token of the single value that ends with the token `at`: a literal, a name with what
 * qualifies it, a function with its brackets, brackets, CASE … END; -1 where there is none.
 */
export function primaryStart(list: TokenList, at: number): number {
  const { tokens, mates } = list;
  const token = tokens[at];
  if (!token) return -1;
  const before = tokens[at - 1];
  if (isSign(token, ')')) {
    const open = mates[at] ?? -1;
    if (open < 0) return -1;
    const name = tokens[open - 1];
    if (isSign(tokens[open - 2], '::')) return primaryStart(list, open - 3);
    if (isWord(name, 'over', 'filter')) return primaryStart(list, open - 2);
    return isName(name) && !(name.kind === 'word' && NO_FUNCTION.has(name.value)) ? open - 1 : open;
  }
  if (isSign(before, '::')) return primaryStart(list, at - 2);
  if (isWord(token, 'end')) {
    let open = 1;
    for (let each = at - 1; each >= 0; each -= 1) {
      if (isWord(tokens[each], 'end')) open += 1;
      else if (isWord(tokens[each], 'case')) open -= 1;
      if (open === 0) return each;
    }
    return -1;
  }
  if (token.kind === 'sign' || (token.kind === 'word' && ENDS.has(token.value))) return -1;
  let first = at;
  while (isName(tokens[first]) && isSign(tokens[first - 1], '.') && isName(tokens[first - 2])) first -= 2;
  return first;
}

/** The index of the token that ends, on the left, the operand whose last token is before `at`; -1 at the beginning. */
export function operandStart(list: TokenList, at: number): number {
  const { tokens, mates } = list;
  for (let each = at - 1; each >= 0; each -= 1) {
    const token = tokens[each];
    if (isWord(token, 'end')) {
      each = primaryStart(list, each);
      if (each < 0) return -1;
      continue;
    }
    if (isSign(token, ')')) {
      const mate = mates[each] ?? -1;
      if (mate < 0) return each;
      each = mate;
    } else if (endsOperand(list, each)) return each;
  }
  return -1;
}

/** The index of the token that ends, on the right, the operand whose first token is `at`; that behind the last one at the end. */
export function operandEnd(list: TokenList, at: number): number {
  const { tokens, mates } = list;
  let cases = 0;
  for (let each = at; each < tokens.length; each += 1) {
    const token = tokens[each];
    if (isWord(token, 'case')) cases += 1;
    else if (isWord(token, 'end') && cases > 0) cases -= 1;
    else if (isSign(token, '(')) {
      const mate = mates[each] ?? -1;
      if (mate < 0) return each;
      each = mate;
    } else if (cases === 0 && endsOperand(list, each)) return each;
  }
  return tokens.length;
}

function endsOperand(list: TokenList, at: number): boolean {
  const token = list.tokens[at];
  if (compares(list, at) || isSign(token, ',', '(', ')', ';')) return true;
  return token?.kind === 'word' && ENDS.has(token.value) && !isSign(list.tokens[at - 1], '.');
}
