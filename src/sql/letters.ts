// How words are compared and ordered: as people do, whatever their case and however their letters are composed.

import { normalForm } from '../lib/text.ts';

/** What may have another case or composition: not ASCII, nor the dashes, quotes and currency signs of most texts. */
const SPECIAL = /[\u0080-\u200f\u2028-\u209f\u20c0-\uffff]/;
/** As much of a text as decides its place among others by letters; behind it, its characters do. UTF-16 units. */
const ORDERED = 100;

/** The same text for all spellings that differ in case or composition alone ("Straße", "STRASSE"). Accents stay. Idempotent. */
export function fold(text: string): string {
  if (!SPECIAL.test(text)) return text.toLowerCase();
  const small = normalForm(text, 'NFC').toUpperCase().toLowerCase();
  // İ and the σ at the end of a word have two small forms each.
  return normalForm(small.replace(/i\u0307/g, 'i').replaceAll('ς', 'σ'), 'NFC');
}

/** A text whose order by characters is the order of people: letters first, then accents, then all else. */
export function sortKey(text: string): string {
  const folded = fold(text.slice(0, ORDERED));
  const letters = SPECIAL.test(folded) ? normalForm(folded, 'NFD').replace(/\p{M}/gu, '') : folded;
  return letters === folded ? `${letters}\u0001\u0001${text}` : `${letters}\u0001${folded}\u0001${text}`;
}
