import type { Row } from '../openfunnel/wire.ts';
import { domainRoot } from './domain-root.ts';
import { type Identity, identityOf, normalDomain } from './identity.ts';
import { coreWords, isLegalForm, nameWords } from './names.ts';
import { isPlaceCode, isRegion, isSmall, isUnit } from './places.ts';

/** A company that a search starts from. */
export interface Seed {
  domain: string | null;
  slug?: string | null;
  name?: string | null;
}

/** A name's beginning that is shorter than this is no company's, unless it is all of the domain. Characters. */
const SHORTEST_HEAD = 3;
/** A name of several words, or one this long, is hardly anybody else's. Characters. */
const OWN_NAME = 9;
/** Words behind such a name that need not be in any list of ours. */
const MAX_FREE = 4;
/** Words of a place that is not in our list, "of" and "the" included. */
const MAX_PLACE = 5;
/** Most names that are learned from rows. */
const MAX_NAMES = 100;

/**
 * Tells the seeds of a search, their branches and subsidiaries in its results: these come back and are billed
 * (contract, "submit"). A row is one when its domain has the same root as a seed's ("adp" of adp.com and
 * adp.co.uk), or when its name is a seed's with nothing but a region or a unit behind it ("ADP India"). A unit
 * alone counts only where the row's own domain says nothing else: "Notion Capital" with a site of its own is
 * another company.
 */
export class SeedMatcher {
  readonly #roots = new Set<string>();
  readonly #domains = new Set<string>();
  readonly #slugs = new Set<string>();
  readonly #names = new Set<string>();

  constructor(seeds: Iterable<Seed>) {
    for (const { domain, slug, name } of seeds) {
      const normal = normalDomain(domain);
      if (normal !== null) {
        this.#domains.add(normal);
        const root = domainRoot(normal);
        if (root !== null) {
          this.#roots.add(root);
          this.#addName([root.replaceAll('-', '')]);
        }
      }
      if (slug) this.#slugs.add(slug);
      if (name) this.#addName(coreWords(nameWords(name)));
    }
  }

  /** Whether there is any seed to tell. */
  get empty(): boolean {
    return this.#roots.size === 0 && this.#names.size === 0 && this.#slugs.size === 0;
  }

  /** Learns a seed's name from its own row; to be shown every row before any is judged. */
  learn(row: Row, identity: Identity = identityOf(row)): void {
    if (!this.#isItself(identity) || this.#names.size >= MAX_NAMES) return;
    this.#addName(coreWords(nameWords(row.name)));
  }

  /** Whether the row is a seed, or a branch of one. */
  isSeed(row: Row, identity: Identity = identityOf(row)): boolean {
    if (this.#isItself(identity)) return true;
    const root = identity.domain === null ? null : domainRoot(identity.domain);
    if (root !== null && this.#roots.has(root)) return true;
    const own = root === null || this.#namedAfterSeed(root);
    return namesOf(row.name).some((words) => this.#isBranchName(words, row, own));
  }

  #isItself({ domain, slug }: Identity): boolean {
    return (domain !== null && this.#domains.has(domain)) || (slug !== null && this.#slugs.has(slug));
  }

  #addName(words: readonly string[]): void {
    const head = words.join('');
    if (head.length >= SHORTEST_HEAD || this.#roots.has(head)) this.#names.add(head);
  }

  /** Whether a domain's root is a seed's name with nothing but a place or a unit behind it ("rotorooterutah"). */
  #namedAfterSeed(root: string): boolean {
    const plain = root.replaceAll('-', '');
    for (const name of this.#names) {
      if (name.length < SHORTEST_HEAD || !plain.startsWith(name)) continue;
      const rest = plain.slice(name.length);
      if (name.length >= OWN_NAME) return true;
      if (rest === '' || isRegion(rest) || isUnit(rest) || isPlaceCode(rest) || isLegalForm(rest))
        return true;
    }
    return false;
  }

  #isBranchName(words: readonly string[], row: Row, own: boolean): boolean {
    let head = '';
    for (let length = 1; length <= Math.min(words.length, 8); length += 1) {
      head += words[length - 1];
      if (!this.#names.has(head)) continue;
      const tail = words.slice(length);
      const distinct = length > 1 || head.length >= OWN_NAME;
      const mayBeCalledAnything = distinct && own && tail.length <= MAX_FREE && !tail.some(isOthers);
      if (mayBeCalledAnything || isBranchTail(tail, row, own, distinct)) return true;
    }
    return this.#endsWithOwner(words);
  }

  /** "Fairfield by Marriott", "Livongo, a Teladoc company". */
  #endsWithOwner(words: readonly string[]): boolean {
    const end = /^(?:company|brand|business|subsidiary|hotel|group)$/.test(words.at(-1) ?? '')
      ? -1
      : undefined;
    const body = words.slice(0, end);
    for (let length = 1; length <= Math.min(body.length - 2, 4); length += 1) {
      if (!this.#names.has(body.slice(-length).join(''))) continue;
      const before = body.at(-length - 1) ?? '';
      const verb = body.at(-length - 2) ?? '';
      if (
        before === 'by' &&
        end === undefined &&
        !/^(?:powered|certified|approved|trusted|backed|used)$/.test(verb)
      )
        return true;
      if (/^an?$/.test(before) && end !== undefined) return true;
    }
    return false;
  }
}

/** What of a name may be a name by itself: all of it, what follows "dba", and what stands in brackets. */
function namesOf(name: unknown): string[][] {
  if (typeof name !== 'string') return [];
  const text = name.slice(0, 300);
  const parts = [text];
  const brackets = /^([^(]{2,})\(([^)]{2,})\)\s*$/.exec(text);
  if (brackets) parts.push(brackets[2] ?? '');
  const alias = /\b(?:d\.?b\.?a\.?|d\/b\/a|t\/a|trading as)\s+(.{2,})$/i.exec(text);
  if (alias) parts.push(alias[1] ?? '');
  return parts
    .map(nameWords)
    .map(withoutArticle)
    .filter((words) => words.length > 0);
}

/** Words that make a name somebody else's: those who serve a company's customers name it, too. */
function isOthers(word: string): boolean {
  return OTHERS.test(word);
}

const OTHERS =
  /^(?:partners?|experts?|consult\w*|resellers?|dealers?|agency|alternatives?|users?|certified|authori[sz]ed|with|for|vs|network\w*)$/;

function withoutArticle(words: string[]): string[] {
  return words[0] === 'the' ? words.slice(1) : words;
}

/** Whether nothing but places, units and what joins them stands behind a seed's name. */
function isBranchTail(tail: readonly string[], row: Row, own: boolean, distinct: boolean): boolean {
  const places = placesOf(row);
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

function placesOf(row: Row): ReadonlySet<string> {
  return new Set(
    [row.headquarters, row.hq_city, row.hq_region, row.hq_country].flatMap((place) => nameWords(place)),
  );
}
