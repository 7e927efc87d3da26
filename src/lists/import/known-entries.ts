import { nameKeys } from '../../companies/names.ts';
import type { ListEntry } from '../../disk/known-lists.ts';

/** What became of an entry that was added: a company of its own, or one that was there already. */
export type Added = 'new' | 'there' | 'repeated';

/** An entry whose keys may be added to. */
export interface OwnEntry extends ListEntry {
  keys: string[];
}

interface Company {
  keys: string[];
  name: string | null;
  /** Whether the list had it before. */
  old: boolean;
  /** Entries that were found to be it, itself included; 0 where it is gone. */
  times: number;
}

/**
 * The companies of a list while it is changed. Entries that share a key are one company, and so are those that a
 * further entry joins; entries without a key are one where their names are.
 */
export class KnownEntries {
  readonly #byKey = new Map<string, Company>();
  readonly #byName = new Map<string, Company>();
  /** In the order in which they came, with those that are gone. */
  readonly #companies: Company[] = [];
  #size = 0;
  /** Companies that were two until an entry joined them. */
  joined = 0;

  get size(): number {
    return this.#size;
  }

  /** @param entry Is the list's from then on. */
  add({ keys, name }: OwnEntry, old: boolean): Added {
    const company = keys.length === 0 ? this.#named(name) : this.#keyed(keys);
    if (company === undefined) {
      const added: Company = { keys, name, old, times: 1 };
      this.#companies.push(added);
      this.#size += 1;
      for (const key of keys) this.#byKey.set(key, added);
      if (keys.length === 0) for (const key of nameKeys(name)) this.#byName.set(key, added);
      return 'new';
    }
    company.times += 1;
    company.name ??= name;
    for (const key of keys) {
      if (this.#byKey.get(key) === company) continue;
      company.keys.push(key);
      this.#byKey.set(key, company);
    }
    return company.old ? 'there' : 'repeated';
  }

  /** Takes out every company that has any of the keys, or of an entry without, its name alone. How many those were. */
  remove({ keys, name }: ListEntry): number {
    const gone = new Set<Company>();
    for (const key of keys) {
      const company = this.#byKey.get(key);
      if (company) gone.add(company);
    }
    const named = keys.length === 0 ? this.#named(name) : undefined;
    if (named) gone.add(named);
    for (const company of gone) {
      company.times = 0;
      this.#size -= 1;
      for (const key of company.keys) this.#byKey.delete(key);
      for (const key of nameKeys(company.name))
        if (this.#byName.get(key) === company) this.#byName.delete(key);
    }
    return gone.size;
  }

  *[Symbol.iterator](): Generator<ListEntry> {
    for (const company of this.#companies) if (company.times > 0) yield company;
  }

  /** The company that most entries were found to be. */
  most(): { key: string; times: number } | null {
    let most: Company | null = null;
    for (const company of this.#companies) if (company.times > (most?.times ?? 1)) most = company;
    return most === null ? null : { key: most.keys[0] ?? most.name ?? '', times: most.times };
  }

  #named(name: string | null): Company | undefined {
    for (const key of nameKeys(name)) {
      const company = this.#byName.get(key);
      if (company) return company;
    }
    return undefined;
  }

  /** The company with any of the keys; where there are several, they become one. */
  #keyed(keys: readonly string[]): Company | undefined {
    let first: Company | undefined;
    for (const key of keys) {
      const company = this.#byKey.get(key);
      if (company === undefined || company === first) continue;
      if (first === undefined) {
        first = company;
        continue;
      }
      this.joined += 1;
      // The one with fewer keys goes into the other, so that no key moves often.
      const [kept, gone] = company.keys.length > first.keys.length ? [company, first] : [first, company];
      for (const key of gone.keys) {
        kept.keys.push(key);
        this.#byKey.set(key, kept);
      }
      kept.name ??= gone.name;
      kept.old ||= gone.old;
      kept.times += gone.times;
      gone.times = 0;
      this.#size -= 1;
      first = kept;
    }
    return first;
  }
}
