import { oneLine } from '../lib/text.ts';
import { wordsOf } from './words.ts';

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

const VERBS = new Set('fits fit matches match aligns qualifies relevant similar'.split(' '));
const LINKS = new Set('because since as with by through'.split(' '));
/** Words at the beginning, or behind such a link, that say nothing of the company either. */
const FILLERS = new Set('yes — it is they are its it’s this company'.split(' '));
const VERB_WITHIN = 10;
const LINK_WITHIN = 6;

/** "Acme fits the trait because it is a card for start-ups" without what stands before "a card". */
function withoutOpening(reason: string): string {
  const words = reason.split(' ');
  const plain = words.slice(0, VERB_WITHIN + LINK_WITHIN + 1).map((word) => word.toLowerCase());
  // What is quoted is what the company says.
  const quote = plain.findIndex((word) => /["“]/.test(word));
  const before = quote === -1 ? plain : plain.slice(0, quote);
  const verb = before.slice(0, VERB_WITHIN).findIndex((word) => VERBS.has(word));
  const link = before.findIndex((word, at) => at > verb && at <= verb + LINK_WITHIN && LINKS.has(word));
  let start = verb === -1 ? 0 : link + 1;
  while (FILLERS.has(plain[start] ?? '')) start += 1;
  return words.slice(start).join(' ') || reason;
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
