import type { ListEntry } from '../disk/known-lists.ts';
import type { Company } from './company.ts';
import { domainRoot, registeredDomain } from './domain-root.ts';
import { isSite } from './identity.ts';
import { nameKeys, nameWords } from './names.ts';

/** Words at a name's start that are held against the roots of known domains. */
const MAX_HEAD = 3;

/** The companies of one list, to be asked about. */
export class KnownList {
  readonly #keys = new Map<string, ListEntry>();
  readonly #names = new Map<string, ListEntry>();
  /** How names begin of which nothing else is known. */
  readonly #heads = new Map<string, ListEntry>();
  /** Entries by the registered domain of their sites, made when first asked for. */
  #registered: Map<string, ListEntry> | undefined;
  #roots: Map<string, ListEntry> | undefined;

  constructor(entries: Iterable<ListEntry>) {
    for (const entry of entries) {
      for (const key of entry.keys) note(this.#keys, key, entry);
      for (const key of nameKeys(entry.name)) note(this.#names, key, entry);
      if (entry.keys.length === 0) for (const head of headsOf(entry.name)) note(this.#heads, head, entry);
    }
  }

  /** The entry that surely is the company with these keys, or null. */
  has(keys: readonly string[]): ListEntry | null {
    for (const key of keys) {
      const entry = this.#keys.get(key);
      if (entry !== undefined) return entry;
    }
    return null;
  }

  /**
   * The first entry that may be the company and why, for a person to decide, or null: by its name, by a site of which both
   * have a part, or because one's name begins like the other's site ("ADP Workforce Now" and adp.com).
   */
  mayHave({ keys, name }: Pick<Company, 'keys' | 'name'>): { entry: ListEntry; why: string } | null {
    for (const key of nameKeys(name)) {
      const entry = this.#names.get(key);
      if (entry) return { entry, why: 'same name' };
    }
    const sites = keys.filter(isSite);
    this.#registered ??= this.#bySite(registeredDomain);
    for (const site of sites) {
      const entry = this.#registered.get(registeredDomain(site) ?? '');
      if (entry) return { entry, why: partOf(site, entry) };
    }
    for (const site of sites) {
      const entry = this.#heads.get(domainRoot(site)?.replaceAll('-', '') ?? '');
      if (entry) return { entry, why: `its name begins like ${site}` };
    }
    this.#roots ??= this.#bySite((site) => domainRoot(site)?.replaceAll('-', '') ?? null);
    for (const head of headsOf(name)) {
      const entry = this.#roots.get(head);
      if (entry) return { entry, why: `the name begins like ${entry.keys.find(isSite) ?? head}` };
    }
    return null;
  }

  #bySite(part: (site: string) => string | null): Map<string, ListEntry> {
    const found = new Map<string, ListEntry>();
    for (const [key, entry] of this.#keys) {
      const name = isSite(key) ? part(key) : null;
      if (name !== null) note(found, name, entry);
    }
    return found;
  }
}

function partOf(site: string, { keys }: ListEntry): string {
  const registered = registeredDomain(site);
  const other = keys.find((key) => isSite(key) && registeredDomain(key) === registered) ?? registered;
  return `${site} and ${other} are parts of one site`;
}

function note(map: Map<string, ListEntry>, key: string, entry: ListEntry): void {
  if (!map.has(key)) map.set(key, entry);
}

/** How a name begins: its first word, its first two as one, and so on; no single letters. */
function headsOf(name: string | null): string[] {
  const heads: string[] = [];
  let head = '';
  for (const word of nameWords(name).slice(0, MAX_HEAD)) {
    head += word;
    if (head.length > 1) heads.push(head);
  }
  return heads;
}
