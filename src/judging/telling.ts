import { oneLine } from '../lib/text.ts';
import { withoutOpening, wordsOf } from '../lib/words.ts';

/** What is looked at of a text, and told of all of them at the least. UTF-16 units. */
export const MAX_TELLING = 4_000;
/** A text says nothing new where fewer of its words than this part are new. */
const NEW = 0.3;

/**
 * What is said of a company in one cleaned line, nothing twice: the reason without its opening formula, then behind "says:"
 * what the company says of itself. @returns null where nothing is said
 */
export function tellingText(reason: string | null, tagline: string | null, description: string | null) {
  const [why = '', short = '', long = ''] = [reason, tagline, description].map((text) =>
    oneLine(text ?? '', MAX_TELLING),
  );
  let told = withoutOpening(why);
  let says = 'says: ';
  for (const text of holds(long, short) ? [long] : [short, long]) {
    if (text === '' || saysNothingNew(text, told)) continue;
    told = `${told}${told === '' ? '' : ' · '}${says}${text}`;
    says = '';
  }
  return told === '' ? null : told;
}

function holds(long: string, short: string): boolean {
  return long.toLowerCase().includes(short.toLowerCase());
}

function saysNothingNew(text: string, told: string): boolean {
  const words = [...wordsOf(text)];
  if (words.length === 0) return holds(told, text);
  const known = wordsOf(told);
  return words.filter((word) => !known.has(word)).length < NEW * words.length;
}
