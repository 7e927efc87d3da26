import { normalForm, oneOf, setOf } from '../lib/text.ts';
import { isPlaceCode, isRegion, isSmall } from './places.ts';

/** Whether a name's word, at its end or (a few) at its beginning, only says what kind of legal person a company is. */
export const isLegalForm = oneOf(
  // English
  'inc incorporated llc lc llp lp lllp pllc ltd limited co company corp corporation plc pc cic ulc pty proprietary pvt private pte ' +
    // German, Dutch, Nordic
    'gmbh ggmbh mbh ag kg kgaa ug ohg gbr ek eg partg aktiengesellschaft bv nv vof cv ab hb as asa ans aps ivs oy oyj ehf hf ' +
    'haftungsbeschrankt aktieselskab aktiebolag osakeyhtio ' +
    // French, Italian, Spanish, Portuguese
    'sa sas sasu sarl eurl sci snc sca scop selarl sagl sprl asbl ltee spa srl srls sapa slu sl sau sll slne eireli ltda lda ' +
    'limitada cia sapi sab rl sac saa eirl saos sgps mei epp ' +
    // Eastern Europe, Baltics, Turkey, Russia in Latin letters
    'sp spolka zoo spolek spol sro zs zrt kft bt nyrt doo jdoo dd ad ead eood ood se sia uab ou tov ooo oao zao pao jsc pjsc ojsc cjsc ' +
    'sti as ltdsti tic ' +
    // Asia, Middle East
    'sdn bhd berhad plt pcl tbk kk gk yk fzco fze fzllc fz dmcc wll bsc qsc psc saog saoc ksc kscc opc sae ' +
    // Thai, Cyrillic, Greek, Hebrew
    'จํากัด มหาชน ' +
    'ооо оао зао пао ао тов оод еоод ад εε αε επε ικε בעמ',
);
/** The same in scripts that put no space between words. */
const JOINED_FORMS =
  /^(?:株式会社|有限会社|合同会社|合資会社|合名会社|一般社団法人|주식회사|유한회사|㈜|\(株\)|\(有\)|\(주\))|(?:株式会社|有限会社|合同会社|股份有限公司|有限责任公司|有限責任公司|有限公司|股份公司|주식회사|유한회사|㈜|\(株\)|\(有\)|\(주\))$/gu;
const LINKING = setOf('and und et y e i og och the z de');
const AND = setOf('and und et og och');
const FIRST = setOf('the pt cv sia uab ou oy doo ooo oao zao ооо оао зао пао ао тов شركة บริษัท');
/** Words that belong to a legal form behind another one, and that one. */
const PARTNERS: ReadonlyMap<string, string> = new Map([
  ['k', 'sp'],
  ['j', 'sp'],
  ['me', 'ltda'],
]);
/** "Company" in front of a Vietnamese name, with the legal form behind it. */
const CONG_TY = /^cong ty (?:tnhh |co phan |cp )?/;
/** Letters that Unicode does not take apart, in letters of English. */
const LETTERS = new Map(
  'ø o,ł l,ß ss,æ ae,œ oe,ı i,đ d,ð d,þ th,ħ h,ŧ t,ŋ n,ĸ k,ə e'
    .split(',')
    .map((pair) => [pair.charAt(0), pair.slice(2)]),
);
/** How the same letters are written where English letters must do. */
const SPELT_OUT: Readonly<Record<string, string>> = { ä: 'ae', ö: 'oe', ü: 'ue', ø: 'oe', å: 'aa' };
/** Accents of Latin, Greek, Cyrillic, Hebrew and Arabic; the marks that make other scripts' vowels and consonants stay. */
const ACCENTS =
  /[\u0300-\u036f]|[\u0591-\u05c7]|[\u064b-\u065f]|[\u1ab0-\u1aff]|[\u1dc0-\u1dff]|[\u20d0-\u20ff]|[\ufe20-\ufe2f]/g;
/** Places behind a name in brackets that say which branch it is: "(UK)", "(Pty)". */
const IN_BRACKETS = /\(([^()]{1,40})\)/g;
/** Longest name that is looked at. Characters. */
const MAX_NAME = 300;

/** A text in small letters of English where it has Latin letters: no accents, "ø" as "o", "ß" as "ss". */
export function folded(text: string): string {
  return normalForm(normalForm(text, 'NFKD').replace(ACCENTS, ''), 'NFC')
    .toLowerCase()
    .replace(ACCENTS, '')
    .replace(/[øłßæœıđðþħŧŋĸə]/g, (letter) => LETTERS.get(letter) ?? letter);
}

/**
 * The words of a company's name: folded, without punctuation; letters beside each other are one word ("S.A.", "z o.o."),
 * and a hyphen or apostrophe parts none ("Roto-Rooter" is one word).
 */
export function nameWords(name: string | null): string[] {
  return folded((name ?? '').slice(0, MAX_NAME))
    .trim()
    .replace(JOINED_FORMS, '')
    .replace(/(?<=[\p{L}\p{N}])[-'’`´‐‑״"](?=[\p{L}\p{N}])/gu, '')
    .replace(/[^\p{L}\p{N}\p{M}]+/gu, ' ')
    .replace(BETWEEN_SINGLES, '')
    .split(' ')
    .filter((word) => word !== '');
}

/** A space between two letters that stand alone. */
const BETWEEN_SINGLES =
  / (?<=(?:^| )[\p{Script=Latin}\p{Script=Greek}] )(?=[\p{Script=Latin}\p{Script=Greek}](?: |$))/gu;

/** The same words without legal forms at the end, and "The", "PT" and their like at the start; never without any word. */
export function coreWords(words: readonly string[]): string[] {
  let end = words.length;
  for (; end > 1; end -= 1) {
    const last = words[end - 1] ?? '';
    // "sp. k." and "sp. j." of Poland, "Ltda ME" of Brazil.
    const partnership = PARTNERS.get(last) === words[end - 2];
    // "Public Company Limited".
    const kind = end < words.length && (last === 'public' || last === 'private');
    if (!isLegalForm(last) && !LINKING.has(last) && !partnership && !kind) break;
  }
  const congTy = words[0] === 'cong' ? CONG_TY.exec(`${words.join(' ')} `) : null;
  const before = congTy?.[0].trim().split(' ').length ?? 0;
  let start = before < end ? before : 0;
  while (end > start + 1 && FIRST.has(words[start] ?? '')) start += 1;
  return words.slice(start, end);
}

/** A name as it is compared: its words without legal forms, "and" and a place in brackets, with nothing between them; '' for none. */
export function nameKey(name: string | null): string {
  const words = coreWords(nameWords(withoutBrackets(name ?? '')));
  // "And" is written as a sign as well.
  return words.filter((word, at) => at === 0 || at === words.length - 1 || !AND.has(word)).join('');
}

/** `nameKey`, and the same with umlauts spelt out ("mueller" of "Müller") where that differs; none for no name. */
export function nameKeys(name: string | null): string[] {
  const key = nameKey(name);
  if (key === '' || name === null) return [];
  const small = normalForm(name.slice(0, MAX_NAME), 'NFC').toLowerCase();
  if (!/[äöüøå]/.test(small)) return [key];
  const spelt = nameKey(small.replace(/[äöüøå]/g, (letter) => SPELT_OUT[letter] ?? letter));
  return spelt === key || spelt === '' ? [key] : [key, spelt];
}

function withoutBrackets(name: string): string {
  const text = name.slice(0, MAX_NAME);
  if (!text.includes('(')) return text;
  const without = text.replace(IN_BRACKETS, (whole, inside: string) =>
    nameWords(inside).every(
      (word) => isRegion(word) || isPlaceCode(word) || isLegalForm(word) || isSmall(word),
    )
      ? ' '
      : whole,
  );
  return nameWords(without).length > 0 ? without : text;
}
