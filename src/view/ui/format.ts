/** Numbers and dates as the host's user writes them. */
export class Format {
  #number = new Intl.NumberFormat('en');
  #short = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 });
  #date = new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeStyle: 'short' });

  /** Takes a BCP 47 tag and an IANA time zone; what the browser does not know is left as it was. */
  use(locale: string | undefined, timeZone: string | undefined): void {
    try {
      const tag = locale || navigator.language || 'en';
      this.#number = new Intl.NumberFormat(tag);
      this.#short = new Intl.NumberFormat(tag, { notation: 'compact', maximumFractionDigits: 1 });
      this.#date = new Intl.DateTimeFormat(tag, {
        dateStyle: 'medium',
        timeStyle: 'short',
        ...(timeZone ? { timeZone } : {}),
      });
    } catch {
      // A tag that is none.
    }
  }

  number(value: number): string {
    return this.#number.format(value);
  }

  /** Such as "1.2M". */
  short(value: number): string {
    return this.#short.format(value);
  }

  /** An ISO date; empty where it is none. */
  date(iso: string): string {
    const at = new Date(iso);
    return Number.isNaN(at.getTime()) ? '' : this.#date.format(at);
  }

  /** "1 person", "1,200 people". */
  people(count: number): string {
    return `${this.number(count)} ${count === 1 ? 'person' : 'people'}`;
  }

  /** "1 company", "1,200 companies". */
  companies(count: number): string {
    return `${this.number(count)} ${count === 1 ? 'company' : 'companies'}`;
  }
}

/** One for the page, set from the host's context. */
export const format = new Format();
