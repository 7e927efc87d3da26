import { join } from 'node:path';
import { KNOWN_FOLDER, KnownLists } from '../../store/known-lists.ts';
import type { AtHand, SideTable } from './side-table.ts';

/** Which of the user's lists have a company, and which may have it; companies in none have no entry. */
export const KNOWN_TABLE: SideTable = {
  name: '_known',
  of: 'company',
  columns: [
    { name: 'known_in', otherwise: '[]' },
    { name: 'known_maybe', otherwise: '[]' },
  ],
  version: (at) => listsOf(at).version(),
  async fill(at, insert) {
    const store = listsOf(at);
    if ((await store.all()).length === 0) return;
    // They bring the list of public suffixes with them.
    const [{ readKnownLists, whereKnown }, { identityOf }] = await Promise.all([
      import('../known.ts'),
      import('../identity.ts'),
    ]);
    const lists = await readKnownLists(store);
    for (const [id, name, domain, linkedin_url] of at.companies(['name', 'domain', 'linkedin_url'])) {
      const where = whereKnown(lists, identityOf({ domain, linkedin_url }), name);
      if (where.known_in.length + where.known_maybe.length === 0) continue;
      insert([Number(id), JSON.stringify(where.known_in), JSON.stringify(where.known_maybe)]);
    }
  },
};

/** Reads alone: nothing here asks for the time. */
function listsOf({ stateDirectory }: AtHand): KnownLists {
  return new KnownLists({ directory: join(stateDirectory, KNOWN_FOLDER), now: () => 0 });
}

/** The function `known` of SQL, over the lists as they were when it was last made ready. */
export class KnownFunction {
  #version: string | null = null;
  #ask: ((list: string, key: string | null, domain: string | null) => number) | null = null;

  /** Reads the lists anew where they have changed and the statement asks about them. */
  async ready(sql: string, stateDirectory: string): Promise<void> {
    if (!/\bknown\s*\(/i.test(sql)) return;
    const store = new KnownLists({ directory: join(stateDirectory, KNOWN_FOLDER), now: () => 0 });
    const version = await store.version();
    if (version === this.#version) return;
    // They bring the list of public suffixes with them.
    const [{ readKnownLists }, { identityOfKey, normalDomain }] = await Promise.all([
      import('../known.ts'),
      import('../identity.ts'),
    ]);
    const lists = await readKnownLists(store);
    this.#version = version;
    this.#ask = (list, key, domain) => {
      const named = list === '*' ? [...lists.values()] : [lists.get(list.trim().toLowerCase())];
      const who = key === null ? null : identityOfKey(key);
      const site = { domain: normalDomain(domain), slug: null, key: null };
      return named.some((each) => {
        if (!each)
          throw new Error(`known: there is no list '${list}' (${[...lists.keys()].join(', ') || 'none'})`);
        return (who !== null && each.has(who)) || each.has(site);
      })
        ? 1
        : 0;
    };
  }

  /**
   * 1 where the list ("*" for any) surely has the company, else 0; the name alone says nothing for sure: see the
   * column `known_maybe`. Takes four arguments, as SQLite counts them.
   */
  readonly call = (list: unknown, key: unknown, _name: unknown, domain: unknown): number => {
    const text = (value: unknown) => (typeof value === 'string' ? value : null);
    return this.#ask?.(text(list) ?? '', text(key), text(domain)) ?? 0;
  };
}
