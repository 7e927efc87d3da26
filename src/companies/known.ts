import type { ListEntry } from '../disk/known-lists.ts';
import type { Company } from './company.ts';
import { domainRoot, registeredDomain } from './domain-root.ts';
import { isSite } from './identity.ts';
import { nameKeys, nameWords } from './names.ts';

/** Words at a name's start that are held against the roots of known domains. */
const MAX_HEAD = 3;

/** The companies of one list, to be asked about. */
export class KnownList {
  readonly #keys = new Set<string>();
  readonly #names = new Map<string, ListEntry>();
  /** How names begin of which nothing else is known. */
  readonly #heads = new Map<string, ListEntry>();
  /** Entries by the registered domain of their sites, and by its root without hyphens. */
  readonly #registered = new Map<string, ListEntry>();
  readonly #roots = new Map<string, ListEntry>();

  constructor(entries: Iterable<ListEntry>) {
    for (const entry of entries) {
      for (const key of nameKeys(entry.name)) note(this.#names, key, entry);
      if (entry.keys.length === 0) for (const head of headsOf(entry.name)) note(this.#heads, head, entry);
      for (const key of entry.keys) {
        if (this.#keys.has(key)) continue;
        this.#keys.add(key);
        if (!isSite(key)) continue;
        note(this.#registered, registeredDomain(key), entry);
        note(this.#roots, plainRoot(key), entry);
      }
    }
  }

  /** Whether one of the entries surely is the company with these keys. */
  has(keys: readonly string[]): boolean {
    return keys.some((key) => this.#keys.has(key));
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
    for (const site of sites) {
      const entry = this.#registered.get(registeredDomain(site) ?? '');
      if (entry) return { entry, why: partOf(site, entry) };
    }
    for (const site of sites) {
      const entry = this.#heads.get(plainRoot(site) ?? '');
      if (entry) return { entry, why: `its name begins like ${site}` };
    }
    for (const head of headsOf(name)) {
      const entry = this.#roots.get(head);
      if (entry) return { entry, why: `the name begins like ${entry.keys.find(isSite) ?? head}` };
    }
    return null;
  }
}

function partOf(site: string, { keys }: ListEntry): string {
  const registered = registeredDomain(site);
  const other = keys.find((key) => isSite(key) && registeredDomain(key) === registered) ?? registered;
  return `${site} and ${other} are parts of one site`;
}

function plainRoot(site: string): string | null {
  return domainRoot(site)?.replaceAll('-', '') ?? null;
}

function note(map: Map<string, ListEntry>, key: string | null, entry: ListEntry): void {
  if (key !== null && !map.has(key)) map.set(key, entry);
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
