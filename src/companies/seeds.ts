import type { Company } from './company.ts';
import { domainRoot } from './domain-root.ts';
import { isSite, normalDomain } from './identity.ts';
import { keysOf } from './keys.ts';
import { coreWords, isLegalForm, nameWords } from './names.ts';
import { isPlaceCode, isRegion, isSmall, isUnit } from './places.ts';

/** A company that a search starts from. */
export interface Seed {
  domain: string | null;
  name?: string | null;
}

type Named = Pick<Company, 'keys' | 'name' | 'headquarters' | 'city' | 'state' | 'country'>;

/** A name's beginning that is shorter than this is no company's, unless it is all of the domain. Characters. */
const SHORTEST_HEAD = 3;
/** A name of several words, or one this long, is hardly anybody else's. Characters. */
const OWN_NAME = 9;
/** Words behind such a name that need not be in any list of ours. */
const MAX_FREE = 4;
/** Words of a place that is not in our list, "of" and "the" included. */
const MAX_PLACE = 5;
const MAX_NAMES = 100;

/**
 * Tells the seeds of a search and their branches in its results, which come back and are billed (contract, "submit"): by
 * the root of the domain (adp.com, adp.co.uk), or a seed's name with nothing but a region or a unit behind it. A unit alone
 * counts only where the domain says nothing else: "Notion Capital" with a site of its own is another company.
 */
export class SeedMatcher {
  readonly #roots = new Set<string>();
  readonly #keys = new Set<string>();
  readonly #names = new Set<string>();

  constructor(seeds: Iterable<Seed>) {
    for (const { domain, name = null } of seeds) {
      for (const key of keysOf({ domain, name })) this.#keys.add(key);
      const normal = normalDomain(domain);
      const root = normal === null ? null : domainRoot(normal);
      if (root !== null) {
        this.#roots.add(root);
        this.#addName([root.replaceAll('-', '')]);
      }
      if (name) this.#addName(coreWords(nameWords(name)));
    }
  }

  /** Learns a seed's name from its own row; to be shown every company before any is judged. */
  learn(company: Named): void {
    if (!company.keys.some((key) => this.#keys.has(key)) || this.#names.size >= MAX_NAMES) return;
    this.#addName(coreWords(nameWords(company.name)));
  }

  /** Whether the company is a seed, or a branch of one. */
  isSeed(company: Named): boolean {
    if (company.keys.some((key) => this.#keys.has(key))) return true;
    const roots = company.keys.filter(isSite).flatMap((site) => domainRoot(site) ?? []);
    if (roots.some((root) => this.#roots.has(root))) return true;
    const own = roots.length === 0 || roots.some((root) => this.#namedAfterSeed(root));
    return namesOf(company.name).some((words) => this.#isBranchName(words, company, own));
  }

  #addName(words: readonly string[]): void {
    const head = words.join('');
    if (head.length >= SHORTEST_HEAD || this.#roots.has(head)) this.#names.add(head);
  }

  /** Whether a domain's root is a seed's name with nothing but a place or a unit behind it ("rotorooterutah"). */
  #namedAfterSeed(root: string): boolean {
    const plain = root.replaceAll('-', '');
    return [...this.#names].some((name) => {
      if (name.length < SHORTEST_HEAD || !plain.startsWith(name)) return false;
      const rest = plain.slice(name.length);
      const saysNothing = isRegion(rest) || isUnit(rest) || isPlaceCode(rest) || isLegalForm(rest);
      return rest === '' || name.length >= OWN_NAME || saysNothing;
    });
  }

  #isBranchName(words: readonly string[], company: Named, own: boolean): boolean {
    let head = '';
    for (let length = 1; length <= Math.min(words.length, 8); length += 1) {
      head += words[length - 1];
      if (!this.#names.has(head)) continue;
      const tail = words.slice(length);
      const distinct = length > 1 || head.length >= OWN_NAME;
      const mayBeCalledAnything =
        distinct && own && tail.length <= MAX_FREE && !tail.some((word) => OTHERS.test(word));
      if (mayBeCalledAnything || isBranchTail(tail, company, own, distinct)) return true;
    }
    return this.#endsWithOwner(words);
  }

  /** "Fairfield by Marriott", "Livongo, a Teladoc company". */
  #endsWithOwner(words: readonly string[]): boolean {
    const isKind = /^(?:company|brand|business|subsidiary|hotel|group)$/.test(words.at(-1) ?? '');
    const body = isKind ? words.slice(0, -1) : words;
    return [1, 2, 3, 4].some((length) => {
      if (length > body.length - 2 || !this.#names.has(body.slice(-length).join(''))) return false;
      const [verb = '', before = ''] = body.slice(-length - 2);
      return isKind ? /^an?$/.test(before) : before === 'by' && !ELSES.test(verb);
    });
  }
}

/** "Powered by Acme" is said of others than Acme. */
const ELSES = /^(?:powered|certified|approved|trusted|backed|used)$/;

/** What of a name may be a name by itself: all of it, what follows "dba", and what stands in brackets. */
function namesOf(name: string | null): string[][] {
  const text = (name ?? '').slice(0, 300);
  const inBrackets = /^[^(]{2,}\(([^)]{2,})\)\s*$/.exec(text)?.[1] ?? '';
  const alias = /\b(?:d\.?b\.?a\.?|d\/b\/a|t\/a|trading as)\s(.*)$/is.exec(text)?.[1] ?? '';
  return [text, inBrackets, alias]
    .map((part) => nameWords(part))
    .map((words) => (words[0] === 'the' ? words.slice(1) : words))
    .filter((words) => words.length > 0);
}

/** Words that make a name somebody else's: those who serve a company's customers name it, too. */
const OTHERS =
  /^(?:partners?|experts?|consult\w*|resellers?|dealers?|agency|alternatives?|users?|certified|authori[sz]ed|with|for|vs|network\w*)$/;

/** Whether nothing but places, units and what joins them stands behind a seed's name. */
function isBranchTail(tail: readonly string[], company: Named, own: boolean, distinct: boolean): boolean {
  const { headquarters, city, state, country } = company;
  const places = new Set([headquarters, city, state, country].flatMap((place) => nameWords(place)));
  const unitsCount = own || (distinct && tail.some((word) => isRegion(word)));
  // "Roto-Rooter of Medina": what follows "of" or "in" is a place, whatever it is called.
  let placeFollows = false;
  for (const [index, word] of tail.entries()) {
    if (isSmall(word)) {
      placeFollows ||= (word === 'of' || word === 'in') && own && tail.length - index <= MAX_PLACE;
      continue;
    }
    if (isRegion(word) || places.has(word) || isLegalForm(word) || placeFollows) continue;
    if (isPlaceCode(word) && index === tail.length - 1) continue;
    if (!isUnit(word) || !unitsCount) return false;
  }
  return true;
}
