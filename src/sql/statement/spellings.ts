// Places by other names than their column has: each fits no row, and beside others that would not be seen.
import { countryOf } from '../../companies/countries.ts';
import { REGIONS } from '../../companies/regions.ts';
import { sqlLiteral } from '../columns.ts';
import { isSign, isWord, nameOf, type TokenList } from './sql-tokens.ts';

const countryName = (text: string) => countryOf(text)?.name;
/** How a column has what a text means; undefined where that is not known. */
const SPELLINGS: ReadonlyMap<string, (text: string) => string | undefined> = new Map([
  ['country', countryName],
  ['headquarters_country', countryName],
  ['country_code', (text: string) => countryOf(text)?.code],
  ['region', (text: string) => REGIONS.find((region) => region.toLowerCase() === text.trim().toLowerCase())],
]);

/** A sentence on each text that a place is compared with ("UK", "Deutschland") and that its column has by another name. */
export function strangePlaces(list: TokenList): string[] {
  const given = list.givenNames();
  const hasNocase = list.tokens.some((token) => nameOf(token) === 'nocase');
  const said = new Set<string>();
  for (const [at, token] of list.tokens.entries()) {
    const column = nameOf(token);
    if (!SPELLINGS.has(column) || given.has(column)) continue;
    for (const each of textsComparedWith(list, at)) {
      const { value = '' } = list.tokens[each] ?? {};
      const usual = otherSpelling(column, value);
      const anyCase = isWord(list.tokens[each - 1], 'like', 'ilike') || hasNocase;
      if (usual !== null && !(anyCase && usual.toLowerCase() === value.toLowerCase()))
        said.add(`${sqlLiteral(value)} fits no row: ${column} has it as ${sqlLiteral(usual)}.`);
    }
  }
  return [...said];
}

/** What a column has in the place of a text; null where that is not known, or the text itself. */
export function otherSpelling(column: string, text: string): string | null {
  const usual = /[%_]/.test(text) ? undefined : SPELLINGS.get(column)?.(text);
  return usual === undefined || usual === text ? null : usual;
}

/** The texts to which a column is said to be equal, or not: x = 'a', x NOT IN ('a', 'b'), CASE x WHEN 'a' THEN …. */
export function* textsComparedWith(list: TokenList, column: number): Generator<number> {
  const { tokens } = list;
  let at = column + 1;
  if (isWord(tokens[at], 'when')) {
    // In a CASE inside it, texts are compared with something else.
    let inner = 0;
    for (const each of list.level(at, tokens.length)) {
      const isEnd = isWord(tokens[each], 'end');
      if (isEnd && inner === 0) return;
      inner += Number(isWord(tokens[each], 'case')) - Number(isEnd);
      if (inner === 0 && isWord(tokens[each], 'when') && tokens[each + 1]?.kind === 'string') yield each + 1;
    }
  }
  while (isSign(tokens[at], '=', '==', '<>', '!=') || isWord(tokens[at], 'is', 'not', 'in', 'like', 'ilike'))
    at += 1;
  if (at === column + 1) return;
  if (isSign(tokens[at], '(')) at += 1;
  for (; tokens[at]?.kind === 'string'; at += 2) {
    yield at;
    if (!isSign(tokens[at + 1], ',')) return;
  }
}
