import { cleanText, cutText } from '../../lib/text.ts';
import { withoutOpening, wordsOf } from '../../lib/words.ts';

/** Text of a company without characters that steer, at most `maxLength` UTF-16 units. */
export function plainText(text: string, maxLength = 20_000): string {
  return cutText(cleanText(text.slice(0, maxLength + 200)), maxLength);
}

/** The page that a domain or URL names, where that is a web page behind https. */
export function httpsUrl(text: string): string | null {
  const candidate = /^[a-z][a-z0-9+.-]*:/i.test(text) && !/^[^/:]+:\d/.test(text) ? text : `https://${text}`;
  if (candidate.length > 2_000 || !URL.canParse(candidate)) return null;
  const url = new URL(candidate.replace(/^http:/i, 'https:'));
  return url.protocol === 'https:' && url.username === '' && url.hostname.includes('.') ? url.href : null;
}

/** A reason without its opening formula, beginning with a capital. */
export function reasonOf(text: string): string {
  const rest = withoutOpening(text);
  return rest.charAt(0).toUpperCase() + rest.slice(1);
}

/** A text cut at the words of a search that are worth lighting, twelve at most: every second part is to be lit. */
export function lit(text: string, search: string): string[] {
  // The ending may differ ("payments", "payment").
  const stems = [...wordsOf(search)]
    .filter((word) => word.length > 3)
    .slice(0, 12)
    .map((word) => (word.length > 5 ? word.replace(/(?:ing|ies|es|s|ed)$/, '') : word));
  const parts = [''];
  for (const piece of text.split(/([\p{L}\p{N}]+)/u)) {
    const word = piece.toLowerCase();
    if (stems.some((stem) => word.startsWith(stem) && word.length <= stem.length + 6)) parts.push(piece, '');
    else parts.push((parts.pop() ?? '') + piece);
  }
  return parts;
}

const formatsOf = (tag: string, timeZone?: string) => ({
  number: new Intl.NumberFormat(tag),
  short: new Intl.NumberFormat(tag, { notation: 'compact', maximumFractionDigits: 1 }),
  date: new Intl.DateTimeFormat(tag, {
    dateStyle: 'medium',
    timeStyle: 'short',
    ...(timeZone ? { timeZone } : {}),
  }),
});

let formats = formatsOf('en');

/** Numbers and dates as the host's user writes them. */
export const format = {
  /** Takes a BCP 47 tag and an IANA time zone; what the browser does not know is left as it was. */
  use(locale: string | undefined, timeZone: string | undefined): void {
    try {
      formats = formatsOf(locale || navigator.language || 'en', timeZone);
    } catch {
      // A tag that is none.
    }
  },
  number: (value: number) => formats.number.format(value),
  /** Such as "1.2M". */
  short: (value: number) => formats.short.format(value),
  /** An ISO date; empty where it is none. */
  date(iso: string): string {
    const at = new Date(iso);
    return Number.isNaN(at.getTime()) ? '' : formats.date.format(at);
  },
  /** "1 person", "1,200 people". */
  people: (count: number) => `${format.number(count)} ${count === 1 ? 'person' : 'people'}`,
  /** "1 company", "1,200 companies". */
  companies: (count: number) => `${format.number(count)} ${count === 1 ? 'company' : 'companies'}`,
};
