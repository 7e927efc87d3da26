import * as vocabulary from './vocabulary.ts';

/** What a company is invented for: the words it should match, and the filters it must pass. */
export interface CompanyBrief {
  seed: number;
  topic: string;
  min_employees?: number | undefined;
  max_employees?: number | undefined;
  funding_stages?: readonly string[] | undefined;
  /** Where companies may be; undefined for anywhere. */
  countries?: readonly vocabulary.InventedCountry[] | undefined;
  /** Whether the company of an index is of the kind that is looked for; default every one. */
  isRight?: (index: number) => boolean;
}

export type InventedCompany = ReturnType<typeof inventCompany>;

const CUSTOMERS = ['small firms', 'growing teams', 'enterprises', 'agencies'];

/** The `index`th company for a brief, always the same, with the real rows' faults at about their rates (contract, "Rows"). */
export function inventCompany(brief: CompanyBrief, index: number) {
  const of = entityOf(brief.seed, index);
  const regional = of !== index;
  const random = randomOf(brief.seed, of, 2);
  const own = randomOf(brief.seed, index, 3);

  const base = pick(vocabulary.NAME_HEADS, random) + pick(vocabulary.NAME_TAILS, random);
  const label = `${plainLetters(base)}${1 + (Math.abs(brief.seed + of * 31) % 997)}`;
  // Of the countries asked for, or of those there are words for: the first ones more often.
  const country = brief.countries
    ? pick(brief.countries, own)
    : pick(vocabulary.INVENTED_PLACES, () => own() ** 2);
  const [city, region] = pick(country.places, own);
  const name = regional ? `${base} (${country.name})` : `${base}${pick(vocabulary.SUFFIXES, random)}`;
  const domain = regional || !lacksDomain(brief.seed, index) ? `${label}.example` : '';
  const placed = brief.countries !== undefined || own() >= 0.12;
  const place = city === null || city === country.name ? country.name : `${city}, ${country.name}`;
  const words = topicWords(brief.topic);
  const other =
    brief.isRight?.(of) === false ? pick(vocabulary.OTHER_KINDS, randomOf(brief.seed, of, 9)) : null;
  const kind = other?.industry ?? capital(words[0] ?? 'Software');
  const industries = [...new Set([pick(vocabulary.INDUSTRIES, own), pick(vocabulary.INDUSTRIES, own), kind])];
  const quoted = words.slice(0, 4).join(' ') || 'similar products';
  return {
    name,
    domain,
    linkedin_url: `https://www.linkedin.com/company/${label}-example`,
    headquarters: placed ? place : null,
    match_reason:
      own() < 0.01
        ? null
        : `${base} fits because it ${other === null ? 'offers' : `is ${other.is}`} "${quoted}" for ${pick(CUSTOMERS, own)} and names "${industries.slice(0, 2).join('" and "')}" as what it does, closely matching the target.`,
    rerank_score: own() < 0.5 ? null : Math.round(own() * 1000) / 1000,
    employee_count: employees(brief, own),
    funding_stage: fundingStage(brief, own),
    revenue_usd: own() < 0.7 ? null : Math.round(10 ** (5 + own() * 4)),
    industries: own() < 0.03 ? [] : industries,
    hq_city: placed && own() < 0.9 ? city : null,
    hq_region: placed ? region : null,
    hq_country: placed ? country.name : null,
    linkedin_follower_count: own() < 0.08 ? null : Math.floor(10 ** (2 + own() * 3.5)),
    description: description(`${base} is ${other?.is ?? 'a platform for'} ${quoted}.`, base, own),
    tagline: own() < 0.25 ? null : other ? `We know ${quoted}.` : `${capital(quoted)}, without the busywork.`,
  };
}

function employees(brief: CompanyBrief, random: () => number): number | null {
  const { min_employees: min, max_employees: max } = brief;
  const filtered = min !== undefined || max !== undefined;
  const chance = random();
  if (!filtered && chance < 0.07) return null;
  const low = Math.max(1, min ?? 1);
  const high = Math.max(low, max ?? Math.max(20_000, low * 10));
  return Math.min(max ?? high, Math.max(min ?? 0, Math.round(low * (high / low) ** (random() * 0.8))));
}

function fundingStage(brief: CompanyBrief, random: () => number): string | null {
  if (brief.funding_stages) return pick(brief.funding_stages, random);
  const chance = random();
  if (chance < 0.33) return null;
  return chance < 0.45 ? pick(vocabulary.ODD_STAGES, random) : pick(vocabulary.FUNDING_STAGES, random);
}

/** The company that this one is a regional entity of, shortly before it in the list; usually itself. */
function entityOf(seed: number, index: number): number {
  const isRegional = (at: number) => randomOf(seed, at, 1)() < 0.061;
  if (!isRegional(index)) return index;
  for (let of = index - 1; of >= Math.max(0, index - 9); of -= 1)
    if (!isRegional(of) && !lacksDomain(seed, of)) return of;
  return index;
}

function lacksDomain(seed: number, index: number): boolean {
  return randomOf(seed, index, 4)() < 0.0585;
}

function description(first: string, base: string, random: () => number): string | null {
  if (random() < 0.02) return null;
  // Most are a few hundred characters, some run to thousands, as the real ones do.
  const sentences = 3 + Math.floor(random() ** 3 * 36);
  let text = first;
  for (let count = 0; count < sentences; count += 1) {
    text += `${count % 4 === 3 ? '\n\n' : ' '}${base} ${pick(vocabulary.SENTENCES, random)}.`;
  }
  return text;
}

const STOP_WORDS =
  'a an and are as at by for from in into is like most of on or similar that the to with companies company firms';

function topicWords(topic: string): string[] {
  const words = topic.toLowerCase().match(/[\p{L}\p{N}-]{2,30}/gu) ?? [];
  const stops = STOP_WORDS.split(' ');
  return [...new Set(words.filter((word) => !stops.includes(word)))].slice(0, 8);
}

export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** The letters and digits of a name, as they stand in a domain. */
export function plainLetters(text: string): string {
  return text
    .normalize('NFD')
    .toLowerCase()
    .replace(/[^a-z0-9]/g, '')
    .slice(0, 40);
}

/** One of several, by a stream of numbers in [0, 1). */
export function pick<T>(from: readonly T[], random: () => number): T {
  return from[Math.floor(random() * from.length)] as T;
}

/** A stream of numbers in [0, 1) for one company (mulberry32 over a mixed seed). */
export function randomOf(seed: number, index: number, stream: number): () => number {
  let state = Math.imul(seed ^ Math.imul(index + 1, 0x9e3779b1), 0x85ebca6b) ^ Math.imul(stream, 0xc2b2ae35);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** A number for a text (FNV-1a). */
export function hash(text: string): number {
  let value = 2_166_136_261;
  for (let index = 0; index < text.length; index += 1)
    value = Math.imul(value ^ text.charCodeAt(index), 16_777_619);
  return value | 0;
}
