import { domainToUnicode } from 'node:url';
import type { LookupMatch } from '../openfunnel/wire.ts';
import { countryOf, englishCountryOf } from './countries.ts';
import { domainRoot, isPartOfSite } from './domain-root.ts';
import { linkedinSlug, normalDomain } from './identity.ts';
import { coreWords, folded, nameKeys, nameWords } from './names.ts';
import { isPlaceCode, isRegion } from './places.ts';

type Candidate = ReturnType<typeof candidateOf>;

/** Words that make no other name of one: "Acme Group" may be called Acme. */
const SAME_HOUSE = /^(?:group|holdings?|international|intl|global|worldwide|hq|headquarters)$/;
/** Words that a domain leaves out of a name: cisco.com of Cisco Systems. */
const LEFT_OUT = /^(?:technology|technologies|systems|labs|industries|enterprises)$/;
/** What stands before or behind a company's name in its domain without saying anything else of it. */
const BEFORE = /^(?:get|use|try|with|go|join|my|the|hello|hey|meet|we|weare|team|on|app|be)$/;
const BEHIND =
  /^(?:hq|app|apps|inc|llc|ltd|corp|co|company|gmbh|group|global|intl|international|team|io|ai)$/;
/** Shortest beginning of a name that a domain may consist of ("marriott" of Marriott International). Characters. */
const SHORTEST_PART = 4;
/** Shortest name that is told in a domain with a word more. Characters. */
const SHORTEST_WITH_MORE = 3;
/** Endings that anybody takes, wherever they are and whatever they do. Others say something of their own. */
const GENERIC =
  /\.(?:com|net|org|io|ai|co|me|tv|cc|gg|to|so|sh|ly|fm|im|is|ws|vc|ac|la|st|app|dev|inc|tech|cloud|xyz|example)$/;
/** The ending that whoever has a name to himself takes first; `.example` stands for it in made-up data (RFC 2606). */
const FIRST_CHOICE = /\.(?:com|example)$/;
/** Other candidates with the name in theirs, from which on the name is a common one. */
const COMMON = 3;
/** A company of a common name, or with a country's ending, that is meant without further words has this many employees. */
const KNOWN_SIZE = 10;
const KNOWN_SIZE_AT_HOME = 50;

/**
 * The domain that a name surely means among the matches of a look-up, or why none is sure: one's own name is the one asked
 * for, no other may be called so, and its domain does not speak against it. A score only orders matches, and the right one
 * can be missing (contract).
 */
export function meantBy(asked: string, matches: readonly LookupMatch[]) {
  const candidates = matches.map(candidateOf);
  const wanted = new Wanted(asked);
  if (wanted.spellings.length === 0) return none('the text is no name');
  const alike = candidates.filter(({ name, country_code }) => wanted.isName(name, country_code));
  if (alike.length === 0) return none('no match has exactly this name');
  const others = candidates.filter((each) => !alike.includes(each) && wanted.mayBe(each));
  const sites = new Set([...alike, ...others].map(({ domain }) => domain));
  const [only] = alike;
  if (sites.size > 1 && alike.length > 1) return none(`${alike.length} matches have this name`);
  if (sites.size > 1) return none('another match may be called so, by its domain or name');
  if (!only || only.domain === null) return none('the match of this name has no website');
  const [largest] = alike.toSorted((a, b) => (b.employees ?? 0) - (a.employees ?? 0));
  const against = speaksAgainst(largest, only.domain, wanted, candidates);
  return { domain: against === null ? only.domain : null, why: against };
}

function candidateOf(match: LookupMatch) {
  const country = countryOf(match.location_country_code ?? match.location_country ?? '');
  return {
    name: match.name,
    domain: normalDomain(match.domain),
    country_code: country?.code ?? null,
    slug: linkedinSlug(match.linkedin_url),
    employees: match.employee_count_max ?? match.employee_count_min,
  };
}

const none = (why: string) => ({ domain: null, why });

class Wanted {
  /** As it is spelt in one word, in English letters; several where umlauts or "and" can be written in two ways. */
  readonly spellings: readonly string[];
  /** Its words without legal forms and "the". */
  readonly words: readonly string[];
  readonly #asked: string;

  constructor(asked: string) {
    this.#asked = asked;
    this.words = coreWords(nameWords(asked));
    this.spellings = spellingsOf(asked);
  }

  isName(name: string | null, country: string | null): boolean {
    if (isSpa(name) !== isSpa(this.#asked) && !SPA_COUNTRIES.has(country ?? 'ITA')) return false;
    return spellingsOf(name).some((each) => this.spellings.includes(each));
  }

  /** Whether a company may be called so too: its domain is that very name, or its name adds nothing but "Group" and the like. */
  mayBe({ name, domain }: Candidate): boolean {
    const words = [...coreWords(nameWords(name))];
    if (domain !== null && this.spellings.includes(rootOf(domain))) {
      // A branch at its country's ending, and "linear.health" of Linear Health, say themselves that they are others.
      const another = isBranch(name, this) || words.join('') === domain.replaceAll(/[.-]/g, '');
      if (!another || FIRST_CHOICE.test(domain)) return true;
    }
    while (words.length > 1 && SAME_HOUSE.test(words.at(-1) ?? '')) words.pop();
    return this.spellings.includes(words.join(''));
  }

  /** How many of the candidates have the name in theirs, and more beside it. */
  inOthers(candidates: readonly Candidate[]): number {
    return candidates.filter(({ name, country_code }) => {
      const own = ` ${nameWords(name).join(' ')} `;
      return !this.isName(name, country_code) && own.includes(` ${this.words.join(' ')} `);
    }).length;
  }

  /** Whether the name ends in that of the country. @param code ISO 3166-1 alpha-3. */
  namesCountry(code: string): boolean {
    return [1, 2, 3].some(
      (count) =>
        count < this.words.length && englishCountryOf(this.words.slice(-count).join(' '))?.code === code,
    );
  }

  /** How a domain's name is this one, also as the company itself writes it: exactly, with a word more, as its beginning. */
  fit(root: string, name: string | null): 'exact' | 'more' | 'beginning' | null {
    const spellings = [...this.spellings, ...spellingsOf(name)];
    if (spellings.includes(root)) return 'exact';
    for (const spelling of spellings) {
      const at = root.indexOf(spelling);
      if (at === -1 || spelling.length < SHORTEST_WITH_MORE) continue;
      const before = root.slice(0, at);
      const behind = root.slice(at + spelling.length);
      if ((before === '' || BEFORE.test(before)) && (behind === '' || BEHIND.test(behind))) return 'more';
    }
    if (root.length < SHORTEST_PART) return null;
    for (let end = this.words.length - 1; end > 0; end -= 1) {
      const rest = this.words.slice(end);
      if (!rest.every((word) => SAME_HOUSE.test(word) || LEFT_OUT.test(word) || isPlace(word))) return null;
      if (spellingsOf(this.words.slice(0, end).join(' ')).includes(root)) return 'beginning';
    }
    return null;
  }
}

const isPlace = (word: string): boolean =>
  isRegion(word) || isPlaceCode(word) || (word.length > 3 && englishCountryOf(word) !== null);

/** "Spa" is a legal form where there is one of that name, and a bath elsewhere. */
const isSpa = (name: string | null): boolean => /\bspa\b/i.test(name ?? '');
const SPA_COUNTRIES: ReadonlySet<string> = new Set(['ITA', 'CHL', 'DZA']);

/** A name without legal forms, case, accents and "the", in all its spellings; unlike `nameKeys`, with what stands in brackets. */
function spellingsOf(name: string | null): string[] {
  const plain = (name ?? '').replace(/[()]/g, ' ');
  const spellings = new Set<string>();
  for (const text of [plain, plain.replace(/[&+]/g, ' and ')]) {
    for (const key of nameKeys(text)) spellings.add(key);
    const bare = coreWords(nameWords(text)).join('');
    if (bare !== '') spellings.add(bare);
  }
  return [...spellings];
}

/** What in a company's domain says that it is another one: of another business, or only a country's branch. */
function speaksAgainst(
  candidate: Candidate | undefined,
  domain: string,
  wanted: Wanted,
  candidates: readonly Candidate[],
): string | null {
  const { name = null, country_code = null, slug = null, employees = null } = candidate ?? {};
  // "trigger.dev" of Trigger.dev.
  if (wanted.spellings.includes(domain.replaceAll(/[.-]/g, ''))) return null;
  if (isPartOfSite(domain)) return `its domain ${domain} is part of another site`;
  const root = rootOf(domain);
  const fit = wanted.fit(root, name);
  if (fit === null) return `its domain ${domain} is not of this name`;
  if (GENERIC.test(domain)) {
    const sure = fit !== 'more' && (FIRST_CHOICE.test(domain) || (employees ?? 0) >= KNOWN_SIZE);
    const common = wanted.inOthers(candidates);
    return sure || common < COMMON
      ? null
      : `${common} other matches have this name in theirs, so another may be meant`;
  }
  const ending = domain.slice(domain.lastIndexOf('.') + 1);
  const country = ending.length === 2 ? englishCountryOf(ending) : null;
  if (country === null) return `its domain ${domain} says more than the name by its ending`;
  if (country_code !== null && country_code !== country.code)
    return `its domain ${domain} is of another country than it`;
  if (wanted.namesCountry(country.code)) return null;
  const atHome =
    country_code !== null &&
    fit === 'exact' &&
    (employees ?? 0) >= KNOWN_SIZE_AT_HOME &&
    wanted.spellings.includes(folded(slug ?? '').replaceAll('-', '')) &&
    wanted.inOthers(candidates) < COMMON &&
    !candidates.some(({ name, domain: other }) => other !== domain && isBranch(name, wanted));
  return atHome ? null : `its domain ${domain} may be a branch's in ${country.name}`;
}

/** Whether a name is the one asked for with nothing but a place behind it. */
function isBranch(name: string | null, wanted: Wanted): boolean {
  const words = [...coreWords(nameWords(name))];
  while (words.length > 1 && isPlace(words.at(-1) ?? '')) {
    words.pop();
    if (wanted.spellings.includes(words.join(''))) return true;
  }
  return false;
}

/** The name of a domain as people write it, without hyphens. */
function rootOf(domain: string): string {
  const root = domainRoot(domain) ?? '';
  return folded(root.startsWith('xn--') ? domainToUnicode(root) : root).replaceAll('-', '');
}
