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
