/** What is read of a text. UTF-16 units. */
const MAX_READ = 4_000;
const LETTERS = /[\p{L}\p{M}]+/gu;

/** Words that any company may use of itself, or that say nothing by themselves. */
const COMMON = new Set(
  `about across all also and any are around based been best both build building built business businesses but can
  client clients combine combined company companies create customer customers day deliver delivering dedicated
  designed each easy ensure every experience expertise for founded from get global have help helping helps high
  highest his her into industry its just largest lead leader leading like make making many mission more most need
  needs new not one only other our out over own people premier product products provide provided provider provides
  providing quality range service services since solution solutions such team than that the their them then there
  they these this those through throughout time today together top trusted unique use used using value via way
  well were what when where which who while wide will with within without work working world worldwide year years
  you your`.split(/\s+/),
);

/** The different words of a company's text in small letters, of 3 to 30 letters, but for the most common. */
export function wordsOf(text: string): Set<string> {
  const words = new Set<string>();
  for (const [word] of text.slice(0, MAX_READ).toLowerCase().matchAll(LETTERS))
    if (word.length >= 3 && word.length <= 30 && !COMMON.has(word)) words.add(word);
  return words;
}

const VERBS = new Set('fits fit matches match aligns qualifies relevant similar'.split(' '));
const LINKS = new Set('because since as with by through'.split(' '));
/** Words at the beginning, or behind such a link, that say nothing of the company either. */
const FILLERS = new Set('yes — it is they are its it’s this company'.split(' '));
const VERB_WITHIN = 10;
const LINK_WITHIN = 6;

/** "Acme fits the trait because it is a card for start-ups" without what stands before "a card". */
export function withoutOpening(reason: string): string {
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
