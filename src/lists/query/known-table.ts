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
    const facts = await store.all();
    if (facts.length === 0) return;
    // They bring the list of public suffixes with them.
    const [{ KnownList, whereKnown }, { identityOf }] = await Promise.all([
      import('../known.ts'),
      import('../identity.ts'),
    ]);
    const lists = new Map<string, InstanceType<typeof KnownList>>();
    for (const each of facts) {
      const companies = [];
      // A list that goes or can't be read meanwhile knows nobody; the next question reads it anew.
      try {
        for await (const [domain, slug, name] of store.read(each)) companies.push({ domain, slug, name });
      } catch {
        continue;
      }
      lists.set(each.list, new KnownList(companies));
    }
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
