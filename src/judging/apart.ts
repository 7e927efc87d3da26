import { counted, oneLine } from '../lib/text.ts';
import { wordsOf } from '../lib/words.ts';
import { fisher, RARE } from './fisher.ts';

/** A judged company, with what is compared of it. */
export interface Compared {
  verdict: 'keep' | 'maybe' | 'drop';
  industries: readonly string[];
  /** ISO 3166-1 alpha-3. */
  country_code: string | null;
  country: string | null;
  employees: number | null;
  /** What the company says of itself; untrusted, as the rest is. */
  text: string | null;
}

/** What sets keeps and drops apart: up to six facts, the least likely by chance first, and the filters that follow. */
export type Apart = NonNullable<ReturnType<typeof apartOf>>;

/** Keeps, and drops, with fewer of which nothing is compared. */
export const MIN_EACH = 5;
const MAX_FACTS = 6;
/** Compared is what three companies have, and as many as this part of the smaller group: rarer facts set few apart. */
const MIN_HAVING = 3;
const MIN_PART = 0.25;
/** Two facts are about the same companies where of those that have either this part has both. */
const SAME_COMPANIES = 0.8;
/** Below this many verdicts differences are called a hint. */
const MORE_THAN_A_HINT = 100;
/** Numbers of employees that are tried as a border. */
const SIZES = [10, 50, 200, 500, 1_000, 5_000, 10_000];
const MAX_VALUE = 60;

/** What is compared: what a company has of each kind (its name, and the code for a filter), or null where that is not known. */
const FACTS: Readonly<
  Record<string, (company: Compared) => Array<[name: string, code: string | null]> | null>
> = {
  industry: ({ industries }) => (industries.length === 0 ? null : industries.map((name) => [name, null])),
  country: ({ country, country_code: code }) =>
    (country ?? code) === null ? null : [[country ?? code ?? '', code]],
  employees: ({ employees }) =>
    employees === null
      ? null
      : SIZES.filter((size) => employees <= size).map((size) => [`up to ${size}`, String(size)]),
  // A company without a text does not lack a word.
  word: ({ text }) => (text?.trim() ? [...wordsOf(text)].map((word) => [word, null]) : null),
};

/**
 * What sets the keeps apart from the drops; a `maybe` is neither. Filters follow from countries and sizes alone: upstream
 * has none for industries and words. @returns null below five keeps or five drops
 */
export function apartOf(rows: readonly Compared[]) {
  const keeps = rows.filter(({ verdict }) => verdict === 'keep');
  const drops = rows.filter(({ verdict }) => verdict === 'drop');
  if (keeps.length < MIN_EACH || drops.length < MIN_EACH) return null;
  const compared = traitsOf([...keeps, ...drops]);
  const byChance = compared.reduce((sum, { hidden }) => sum + hidden.rare, 0);
  const found = compared
    .filter(({ hidden }) => hidden.p <= RARE)
    .sort(({ hidden: { p: first } }, { hidden: { p: second } }) => first - second);
  const told: Trait[] = [];
  for (const each of found)
    if (told.length < MAX_FACTS && !told.some((earlier) => saysTheSame(earlier, each))) told.push(each);
  // What is told, and what was passed over since something told is about the same companies.
  const sure = found.filter((each) => told.some((other) => other === each || saysTheSame(other, each)));
  const verdicts = keeps.length + drops.length;
  return {
    keeps: keeps.length,
    drops: drops.length,
    facts: told.map(({ hidden: _, ...fact }) => fact),
    filters: filtersOf(sure, keeps, drops),
    note: [
      `Of ${compared.length} facts compared, ${found.length} set keeps and drops apart at 5 %; by chance alone about ${Math.round(byChance * 10) / 10} would.`,
      found.length > 0 && found.length < 2 * byChance && 'So these may well be chance.',
      verdicts < MORE_THAN_A_HINT && `With ${counted(verdicts, 'verdict')} this is a hint, no more.`,
    ]
      .filter(Boolean)
      .join(' '),
  };
}

type Trait = ReturnType<typeof traitsOf>[number];

/** What could differ with so many companies, each with how many have it of those of which that is known. */
function traitsOf(companies: readonly Compared[]) {
  const all = Object.entries(FACTS).flatMap(([fact, has]) => {
    const known = { keep: 0, maybe: 0, drop: 0 };
    const traits = new Map<string, { value: string; code: string | null; having: Set<Compared> }>();
    for (const company of companies) {
      const found = has(company);
      if (found !== null) known[company.verdict] += 1;
      for (const [name, code] of found ?? []) {
        const value = oneLine(name, MAX_VALUE);
        const key = code ?? value.toLowerCase();
        const trait = traits.get(key) ?? { value, code, having: new Set() };
        traits.set(key, trait);
        trait.having.add(company);
      }
    }
    const { keep: of_keeps, drop: of_drops } = known;
    const least = Math.max(MIN_HAVING, MIN_PART * Math.min(of_keeps, of_drops));
    const common = [...traits.values()].filter(({ having }) => having.size >= least);
    return common.map(({ value, code, having }) => {
      const kept = [...having].filter(({ verdict }) => verdict === 'keep').length;
      const dropped = having.size - kept;
      // A size is told from the side on which the keeps are.
      const over = fact === 'employees' && kept * of_drops < dropped * of_keeps;
      const counts = over
        ? { value: `over ${code}`, keeps: of_keeps - kept, drops: of_drops - dropped }
        : { value, keeps: kept, drops: dropped };
      const chance = fisher([kept, of_keeps], [dropped, of_drops]);
      return { fact, ...counts, of_keeps, of_drops, hidden: { ...chance, code, having } };
    });
  });
  return all.filter(({ hidden }) => hidden.rare > 0);
}

/** Whether the second is about the companies of the first, or another border on the same side of size. */
function saysTheSame(first: Trait, second: Trait): boolean {
  const [side, otherSide] = [first, second].map(({ value }) => value.split(' ')[0]);
  if (first.fact === 'employees' && second.fact === 'employees' && side === otherSide) return true;
  const [one, other] = [first.hidden.having, second.hidden.having];
  const both = [...one].filter((company) => other.has(company)).length;
  return both >= SAME_COMPANIES * (one.size + other.size - both);
}

/** The filters that follow from what differs, the least likely border of either side of size, and what they would have done. */
function filtersOf(found: readonly Trait[], keeps: readonly Compared[], drops: readonly Compared[]) {
  const favoured = found.filter(
    ({ keeps: kept, of_keeps, drops: dropped, of_drops }) => kept * of_drops > dropped * of_keeps,
  );
  const countries = favoured.flatMap(({ fact, hidden }) => (fact === 'country' ? (hidden.code ?? []) : []));
  /** @param isOut Whether the filter leaves a company out; null where that is not known. */
  const filter = (parameter: string, value: string, isOut: (company: Compared) => boolean | null) => ({
    parameter,
    value,
    keeps_left_out: keeps.filter(isOut).length,
    drops_left_out: drops.filter(isOut).length,
    keeps_unknown: keeps.filter((company) => isOut(company) === null).length,
  });
  const locations = filter('locations', countries.join(','), ({ country_code: code }) =>
    code === null ? null : !countries.includes(code),
  );
  const sizes = [false, true].flatMap((over) => {
    const border = favoured.find(
      ({ fact, value }) => fact === 'employees' && value.startsWith('over') === over,
    );
    if (border === undefined) return [];
    const limit = Number(border.hidden.code);
    return filter(
      over ? 'min_employees' : 'max_employees',
      String(over ? limit + 1 : limit),
      ({ employees }) => (employees === null ? null : employees <= limit === over),
    );
  });
  return [...(countries.length === 0 ? [] : [locations]), ...sizes];
}
