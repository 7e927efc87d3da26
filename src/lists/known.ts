import type { KnownLists } from '../store/known-lists.ts';
import { domainRoot } from './domain-root.ts';
import { type Identity, identity as identityFrom } from './identity.ts';
import { nameKey, nameWords } from './names.ts';

/** A company that the user has already, as a list keeps it. */
export interface KnownCompany {
  domain: string | null;
  slug: string | null;
  name: string | null;
}

/** Words at a name's start that are held against the roots of known domains. */
const MAX_HEAD = 3;

/** The companies of one list, to be asked about. */
export class KnownList {
  readonly #domains = new Set<string>();
  readonly #slugs = new Set<string>();
  readonly #names = new Set<string>();
  /** How names begin of which nothing else is known. */
  readonly #heads = new Set<string>();
  #roots: Set<string> | undefined;

  constructor(companies: Iterable<KnownCompany>) {
    for (const { domain, slug, name } of companies) {
      if (domain !== null) this.#domains.add(domain);
      if (slug !== null) this.#slugs.add(slug);
      const key = nameKey(name);
      if (key !== '') this.#names.add(key);
      if (domain === null && slug === null) for (const head of headsOf(name)) this.#heads.add(head);
    }
  }

  /** Whether the list surely has the company: by its domain or its LinkedIn page. */
  has({ domain, slug }: Identity): boolean {
    return (domain !== null && this.#domains.has(domain)) || (slug !== null && this.#slugs.has(slug));
  }

  /**
   * Whether the list may have a company of this name, for a person to decide: it has the same name once legal
   * forms are dropped, or the name begins with the root of a known domain ("ADP Workforce Now" and adp.com), or a
   * name that the list has without a domain begins with the root of this one.
   */
  mayHave(name: unknown, domain: string | null = null): boolean {
    const root = domain === null ? undefined : domainRoot(domain)?.replaceAll('-', '');
    if (root !== undefined && this.#heads.has(root)) return true;
    const key = nameKey(name);
    if (key === '') return false;
    if (this.#names.has(key)) return true;
    this.#roots ??= rootsOf(this.#domains);
    const roots = this.#roots;
    return headsOf(name).some((head) => roots.has(head));
  }
}

/** How a name begins: its first word, its first two as one, and so on; no single letters. */
function headsOf(name: unknown): string[] {
  const heads: string[] = [];
  let head = '';
  for (const word of nameWords(name).slice(0, MAX_HEAD)) {
    head += word;
    if (head.length > 1) heads.push(head);
  }
  return heads;
}

function rootsOf(domains: Iterable<string>): Set<string> {
  const roots = new Set<string>();
  for (const domain of domains) {
    const root = domainRoot(domain)?.replaceAll('-', '');
    if (root) roots.add(root);
  }
  return roots;
}

/** What the lists say of one company. */
export interface KnownWhere {
  /** Names of the lists that surely have it. */
  known_in: string[];
  /** Names of the others that may have it. */
  known_maybe: string[];
}

/** Asks every list about one company. */
export function whereKnown(
  lists: ReadonlyMap<string, KnownList>,
  { domain, slug }: Pick<Identity, 'domain' | 'slug'>,
  name: unknown,
): KnownWhere {
  const company = identityFrom(domain, slug);
  const where: KnownWhere = { known_in: [], known_maybe: [] };
  for (const [list, known] of lists) {
    if (known.has(company)) where.known_in.push(list);
    else if (known.mayHave(name, company.domain)) where.known_maybe.push(list);
  }
  return where;
}

/** All lists, by name. One that goes or can't be read meanwhile knows nobody. */
export async function readKnownLists(store: KnownLists): Promise<Map<string, KnownList>> {
  const lists = new Map<string, KnownList>();
  for (const facts of await store.all()) {
    const companies: KnownCompany[] = [];
    try {
      for await (const [domain, slug, name] of store.read(facts)) companies.push({ domain, slug, name });
    } catch {
      continue;
    }
    lists.set(facts.list, new KnownList(companies));
  }
  return lists;
}
