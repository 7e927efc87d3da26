import { englishCountryOf } from './countries.ts';
import { domainRoot } from './domain-root.ts';
import { coreWords, nameWords } from './names.ts';
import { isPlaceCode, isRegion } from './places.ts';

/** A company that a name may mean. */
export interface Candidate {
  name: string | null;
  /** In normal form; null where it has none. */
  domain: string | null;
  /** ISO 3166-1 alpha-3. */
  country_code: string | null;
}

/** The domain that a name surely means, or why none is sure. */
export type Meant = { domain: string; why: null } | { domain: null; why: string };

/** Words that make no other name of one: "Acme Group" may be called Acme. */
const SAME_HOUSE = /^(?:group|holdings?|international|global|worldwide|hq|headquarters)$/;
/** What stands before or behind a company's name in its domain without saying anything else of it. */
const BEFORE = /^(?:get|use|try|with|go|join|my|the|hello|hey|meet|we|weare|team|on|app|be)$/;
const BEHIND =
  /^(?:hq|app|apps|inc|llc|ltd|corp|co|company|gmbh|group|global|intl|international|team|online|web|io|ai|usa|us)$/;
/** Shortest beginning of a name that a domain may consist of ("marriott" of Marriott International). Characters. */
const SHORTEST_PART = 4;
/** Endings of countries that anybody takes, wherever they are. */
const GENERIC = /\.(?:io|ai|co|me|tv|cc|gg|to|so|sh|ly|fm|im|is|ws|vc|ac|eu|la|st|us|app|dev|com|net|org)$/;

/**
 * Which of the candidates of a look-up a name surely means. A score orders the candidates of one look-up and says
 * nothing of how well they fit (contract, "lookup-companies"), and the right one can be missing, so it is one only
 * where its own name is the one asked for, no other may be called so, and its domain does not speak against it.
 */
export function meantBy(asked: string, candidates: readonly Candidate[]): Meant {
  const wanted = called(asked);
  if (wanted === '') return none('the text is no name');
  const alike = candidates.filter(({ name }) => called(name) === wanted);
  if (alike.length === 0) return none('no match has exactly this name');
  const others = candidates.filter((each) => !alike.includes(each) && mayBeCalled(each, wanted));
  const sites = new Set([...alike, ...others].map(({ domain }) => domain));
  const [only] = alike;
  if (sites.size > 1) {
    return none(
      alike.length > 1
        ? `${alike.length} matches have this name`
        : 'another match may be called so, by its domain or name',
    );
  }
  if (!only || only.domain === null) return none('the match of this name has no website');
  const against = speaksAgainst(only, only.domain, wanted, candidates);
  return against === null ? { domain: only.domain, why: null } : none(against);
}

const none = (why: string): Meant => ({ domain: null, why });

/** A name without legal forms, case, accents and "the"; unlike `nameKey`, with what stands in brackets. */
function called(name: unknown): string {
  return coreWords(nameWords(name)).join('');
}

/** Whether a company may be called so too: its domain is that very name, or its name adds nothing but "Group" and the like. */
function mayBeCalled({ name, domain }: Candidate, wanted: string): boolean {
  if (domain !== null && rootOf(domain) === wanted) return true;
  const words = coreWords(nameWords(name));
  while (words.length > 1 && SAME_HOUSE.test(words.at(-1) ?? '')) words.pop();
  return words.join('') === wanted;
}

/** What in a company's domain says that it is another one: of another business, or only a country's branch. */
function speaksAgainst(
  { country_code }: Candidate,
  domain: string,
  wanted: string,
  candidates: readonly Candidate[],
): string | null {
  const plain = domain.replaceAll(/[.-]/g, '');
  const root = rootOf(domain);
  if (plain !== wanted && !fitsName(root, wanted)) return `its domain ${domain} is not of this name`;
  if (GENERIC.test(domain) || plain === wanted) return null;
  const ending = domain.slice(domain.lastIndexOf('.') + 1);
  const country = ending.length === 2 ? englishCountryOf(ending) : null;
  if (country === null) return null;
  if (country_code !== null && country_code !== country.code)
    return `its domain ${domain} is of another country than it`;
  const branches = candidates.some(({ name, domain: other }) => other !== domain && isBranch(name, wanted));
  return country_code === null || branches
    ? `its domain ${domain} may be a branch's in ${country.name}`
    : null;
}

function fitsName(root: string, wanted: string): boolean {
  if (root === wanted) return true;
  const at = root.indexOf(wanted);
  if (at !== -1) {
    const before = root.slice(0, at);
    const behind = root.slice(at + wanted.length);
    return (before === '' || BEFORE.test(before)) && (behind === '' || BEHIND.test(behind));
  }
  return root.length >= SHORTEST_PART && wanted.startsWith(root);
}

/** Whether a name is the one asked for with nothing but a place behind it. */
function isBranch(name: unknown, wanted: string): boolean {
  const words = coreWords(nameWords(name));
  while (words.length > 1 && (isRegion(words.at(-1) ?? '') || isPlaceCode(words.at(-1) ?? ''))) {
    words.pop();
    if (words.join('') === wanted) return true;
  }
  return false;
}

function rootOf(domain: string): string {
  return (domainRoot(domain) ?? '').replaceAll('-', '');
}
