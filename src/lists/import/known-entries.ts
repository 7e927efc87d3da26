import { nameKeys } from '../../companies/names.ts';
import type { ListEntry } from '../../disk/known-lists.ts';

/** What became of an entry that was added: a company of its own, or one that was there already. */
export type Added = 'new' | 'there' | 'repeated';

/**
 * The companies of a list while it is changed. Entries that share a key are one company, and so are those that a
 * further entry joins; entries without a key are one where their names are.
 */
export class KnownEntries {
  readonly #byKey = new Map<string, number>();
  readonly #byName = new Map<string, number>();
  // Of each company, by the number under which it came. One object for each would take as long as all the rest.
  /** One key as it is, as nearly all companies have one. */
  readonly #keys: Array<string | string[]> = [];
  readonly #names: Array<string | null> = [];
  /** Whether the list had it before. */
  readonly #old: boolean[] = [];
  /** Entries that were found to be it, itself included; 0 where it is gone. */
  readonly #times: number[] = [];
  #size = 0;
  /** Companies that were two until an entry joined them. */
  joined = 0;

  get size(): number {
    return this.#size;
  }

  add({ keys, name }: ListEntry, old: boolean): Added {
    const company = keys.length === 0 ? this.#named(name) : this.#keyed(keys);
    if (company === -1) {
      const added = this.#keys.push(keys.length === 1 ? (keys[0] ?? '') : [...keys]) - 1;
      this.#names.push(name);
      this.#old.push(old);
      this.#times.push(1);
      this.#size += 1;
      if (keys.length > 1) for (const key of keys) this.#byKey.set(key, added);
      if (keys.length === 0) for (const key of nameKeys(name)) this.#byName.set(key, added);
      return 'new';
    }
    this.#times[company] = this.#timesOf(company) + 1;
    this.#names[company] ??= name;
    const further = keys.filter((key) => this.#byKey.get(key) !== company);
    if (further.length > 0) this.#give(company, further);
    return this.#old[company] ? 'there' : 'repeated';
  }

  /** Takes out every company that has any of the keys, or of an entry without, its name alone. How many those were. */
  remove({ keys, name }: ListEntry): number {
    const found = keys.length === 0 ? [this.#named(name)] : keys.map((key) => this.#byKey.get(key) ?? -1);
    const gone = new Set(found.filter((company) => company !== -1));
    for (const company of gone) {
      this.#times[company] = 0;
      this.#size -= 1;
      for (const key of this.#keysOf(company)) this.#byKey.delete(key);
      for (const key of nameKeys(this.#names[company]))
        if (this.#byName.get(key) === company) this.#byName.delete(key);
    }
    return gone.size;
  }

  *[Symbol.iterator](): Generator<ListEntry> {
    for (const company of this.#keys.keys())
      if (this.#timesOf(company) > 0)
        yield { keys: this.#keysOf(company), name: this.#names[company] ?? null };
  }

  /** The company that most entries were found to be, if there is one of several. */
  most(): { key: string; times: number } | null {
    let most = -1;
    for (const [company, times] of this.#times.entries())
      if (times > (most === -1 ? 1 : this.#timesOf(most))) most = company;
    if (most === -1) return null;
    return { key: this.#keysOf(most)[0] ?? this.#names[most] ?? '', times: this.#timesOf(most) };
  }

  #timesOf(company: number): number {
    return this.#times[company] ?? 0;
  }

  #keysOf(company: number): string[] {
    const keys = this.#keys[company] ?? [];
    return typeof keys === 'string' ? [keys] : keys;
  }

  #give(company: number, keys: readonly string[]): void {
    const own = this.#keysOf(company);
    for (const key of keys) {
      own.push(key);
      this.#byKey.set(key, company);
    }
    this.#keys[company] = own;
  }

  /** The company without keys that has the name; -1 for none. */
  #named(name: string | null): number {
    for (const key of nameKeys(name)) {
      const company = this.#byName.get(key);
      if (company !== undefined) return company;
    }
    return -1;
  }

  /**
   * The company with any of the keys, -1 for none; where there are several, they become one. A key that stands alone
   * and that no company has is given to the one that comes next.
   */
  #keyed(keys: readonly string[]): number {
    const [only = ''] = keys;
    if (keys.length === 1) {
      const company = this.#byKey.get(only);
      if (company === undefined) this.#byKey.set(only, this.#keys.length);
      return company ?? -1;
    }
    let first = -1;
    for (const key of keys) {
      const company = this.#byKey.get(key);
      if (company !== undefined && company !== first)
        first = first === -1 ? company : this.#join(first, company);
    }
    return first;
  }

  #join(one: number, other: number): number {
    this.joined += 1;
    // The one with fewer keys goes into the other, so that no key moves often.
    const more = this.#keysOf(other).length > this.#keysOf(one).length;
    const [kept, gone] = more ? [other, one] : [one, other];
    this.#give(kept, this.#keysOf(gone));
    this.#names[kept] ??= this.#names[gone] ?? null;
    this.#old[kept] ||= this.#old[gone] ?? false;
    this.#times[kept] = this.#timesOf(kept) + this.#timesOf(gone);
    this.#times[gone] = 0;
    this.#size -= 1;
    return kept;
  }
}
