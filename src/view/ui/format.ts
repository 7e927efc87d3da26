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
  /** A share from 0 to 1. */
  percent: (value: number) => `${formats.number.format(Math.round(value * 100))} %`,
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
