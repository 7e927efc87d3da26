import { nameKeys } from '../../companies/names.ts';
import type { ListEntry } from '../../disk/known-lists.ts';

/** What became of an entry: a company of its own, one that the list had before, or one that came already. */
export type Became = 'added' | 'already_there' | 'repeated';

interface KnownCompany {
  /** Its keys, else what it is told by. */
  ids: string[];
  name: string | null;
  isOld: boolean;
}

/** Begins what a company is told by of which only the name is known. No key does. */
const BY_NAME = ' ';

/**
 * The companies of a list while it is changed. Entries that share a key are one company, and so are those that a
 * further entry joins; entries without a key are one where their names are.
 */
export class KnownEntries {
  readonly #companyOf = new Map<string, KnownCompany>();
  size = 0;
  /** Companies that were two until an entry joined them. */
  joined = 0;

  add({ keys, name }: ListEntry, isOld: boolean): Became {
    const ids = idsOf(keys, name);
    let company: KnownCompany | undefined;
    for (const id of ids) {
      const found = this.#companyOf.get(id);
      if (found && found !== company) company = company ? this.#join(company, found) : found;
    }
    if (company === undefined) {
      company = { ids, name, isOld };
      for (const id of ids) this.#companyOf.set(id, company);
      this.size += 1;
      return 'added';
    }
    company.name ??= name;
    this.#give(company, ids);
    return company.isOld ? 'already_there' : 'repeated';
  }

  /** Takes out every company that has any of the keys, or of an entry without, its name alone. How many those were. */
  remove({ keys, name }: ListEntry): number {
    const gone = new Set(idsOf(keys, name).flatMap((id) => this.#companyOf.get(id) ?? []));
    for (const { ids } of gone) for (const id of ids) this.#companyOf.delete(id);
    this.size -= gone.size;
    return gone.size;
  }

  *[Symbol.iterator](): Generator<ListEntry> {
    for (const [id, { ids, name }] of this.#companyOf)
      if (ids[0] === id) yield { keys: id.startsWith(BY_NAME) ? [] : ids, name };
  }

  #give(company: KnownCompany, ids: readonly string[]): void {
    for (const id of ids) {
      if (this.#companyOf.get(id) === company) continue;
      company.ids.push(id);
      this.#companyOf.set(id, company);
    }
  }

  #join(one: KnownCompany, other: KnownCompany): KnownCompany {
    this.joined += 1;
    this.size -= 1;
    // The one with fewer keys goes into the other, so that no key moves often.
    const [kept, gone] = other.ids.length > one.ids.length ? [other, one] : [one, other];
    this.#give(kept, gone.ids);
    kept.name ??= gone.name;
    kept.isOld ||= gone.isOld;
    return kept;
  }
}

function idsOf(keys: string[], name: string | null): string[] {
  return keys.length > 0 ? keys : nameKeys(name).map((key) => BY_NAME + key);
}
