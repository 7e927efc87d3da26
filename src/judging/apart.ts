import { fisher, RARE } from './fisher.ts';
import { type Compared, KNOWN, type Trait, traitsOf } from './traits.ts';

/** Something that more of the keeps have than of the drops, or more of the drops than of the keeps. */
export interface Difference {
  fact: Trait['fact'];
  /** An industry, a country, `up to 200`, `over 200`, or a word: one cleaned line. */
  value: string;
  keeps: number;
  drops: number;
  /** Those of which it is known whether they have it; the others are not compared. */
  of_keeps: number;
  of_drops: number;
  /** How likely chance alone sets them so far apart: Fisher's exact test, two-sided, at most 0.05. */
  p: number;
}

/** A filter of the next search that follows, and what it would have done to the judged companies. */
export interface NextFilter {
  parameter: 'locations' | 'min_employees' | 'max_employees';
  /** Codes of countries with commas between, or a whole number. */
  value: string;
  keeps_left_out: number;
  drops_left_out: number;
  /** Keeps of which it is not known what they are. */
  keeps_unknown: number;
}

/** What sets keeps and drops apart. */
export interface Apart {
  keeps: number;
  drops: number;
  /** Up to six, the least likely by chance first. */
  facts: Difference[];
  filters: NextFilter[];
  /** How many facts were compared, how many differ, and how many would by chance alone, about. */
  compared: number;
  differing: number;
  by_chance: number;
  /** How far this is to be trusted, in some sentences. */
  note: string;
}

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

/**
 * What sets the keeps apart from the drops: industries, countries, size, words of their own descriptions. A `maybe` is
 * neither. Each fact alone would come about by chance in one list of twenty at the most; but many are compared, so
 * some of what is found may be chance, and how much of it is told. Filters follow from countries and sizes alone:
 * upstream has none for industries and words, and none that leaves a country out.
 *
 * @returns null below five keeps or five drops; without facts where nothing differs
 */
export function apartOf(rows: readonly Compared[]): Apart | null {
  const keeps = rows.filter(({ verdict }) => verdict === 'keep');
  const drops = rows.filter(({ verdict }) => verdict === 'drop');
  if (keeps.length < MIN_EACH || drops.length < MIN_EACH) return null;
  const { compared, byChance, found } = comparisons(keeps, drops);
  const told: Found[] = [];
  for (const each of found)
    if (told.length < MAX_FACTS && !told.some((earlier) => saysTheSame(earlier, each))) told.push(each);
  const by_chance = Math.round(byChance * 10) / 10;
  const verdicts = keeps.length + drops.length;
  return {
    keeps: keeps.length,
    drops: drops.length,
    facts: told.map(({ difference }) => difference),
    filters: filtersOf(withTheSame(told, found), keeps, drops),
    compared,
    differing: found.length,
    by_chance,
    note: [
      `Of ${compared} facts compared, ${found.length} set keeps and drops apart at 5 %; by chance alone about ${by_chance} would.`,
      ...(found.length > 0 && found.length < 2 * byChance ? ['So these may well be chance.'] : []),
      ...(verdicts < MORE_THAN_A_HINT ? [`With ${verdicts} verdicts this is a hint, no more.`] : []),
    ].join(' '),
  };
}

interface Found {
  trait: Trait;
  difference: Difference;
}

/** What differs, the least likely first, and how much was compared: what could differ with so many companies. */
function comparisons(keeps: readonly Compared[], drops: readonly Compared[]) {
  const chances = new Map<string, ReturnType<typeof fisher>>();
  const found: Found[] = [];
  let compared = 0;
  let byChance = 0;
  for (const trait of traitsOf([...keeps, ...drops])) {
    const of_keeps = keeps.filter(KNOWN[trait.fact]).length;
    const of_drops = drops.filter(KNOWN[trait.fact]).length;
    if (trait.having.size < Math.max(MIN_HAVING, MIN_PART * Math.min(of_keeps, of_drops))) continue;
    let kept = 0;
    for (const { verdict } of trait.having) if (verdict === 'keep') kept += 1;
    const dropped = trait.having.size - kept;
    const key = [kept, of_keeps, dropped, of_drops].join();
    const chance = chances.get(key) ?? fisher([kept, of_keeps], [dropped, of_drops]);
    chances.set(key, chance);
    if (chance.rare === 0) continue;
    compared += 1;
    byChance += chance.rare;
    if (chance.p > RARE) continue;
    // A size is told from the side on which the keeps are.
    const over = trait.fact === 'employees' && kept * of_drops < dropped * of_keeps;
    found.push({
      trait,
      difference: {
        fact: trait.fact,
        value: over ? `over ${trait.code}` : trait.value,
        keeps: over ? of_keeps - kept : kept,
        drops: over ? of_drops - dropped : dropped,
        of_keeps,
        of_drops,
        p: chance.p,
      },
    });
  }
  return { compared, byChance, found: found.sort((a, b) => a.difference.p - b.difference.p) };
}

/** Whether the second is about the companies of the first, or another border on the same side of size. */
function saysTheSame(first: Found, second: Found): boolean {
  const [side, otherSide] = [first, second].map(({ difference }) => difference.value.split(' ')[0]);
  if (first.trait.fact === 'employees' && second.trait.fact === 'employees' && side === otherSide)
    return true;
  const [a, b] = [first.trait.having, second.trait.having];
  let both = 0;
  for (const company of a) if (b.has(company)) both += 1;
  return both >= SAME_COMPANIES * (a.size + b.size - both);
}

/** What is told, and what was passed over since something else is about the same companies: a filter may follow of it. */
function withTheSame(told: readonly Found[], found: readonly Found[]): Found[] {
  const all = [...told];
  for (const each of found) {
    const itself = all.some((other) => other.trait.fact === each.trait.fact && saysTheSame(other, each));
    if (!itself && told.some((other) => saysTheSame(other, each))) all.push(each);
  }
  return all;
}

function filtersOf(
  differing: readonly Found[],
  keeps: readonly Compared[],
  drops: readonly Compared[],
): NextFilter[] {
  const favoured = differing.filter(
    ({ trait, difference: { keeps: kept, of_keeps, drops: dropped, of_drops } }) =>
      trait.code !== null && kept * of_drops > dropped * of_keeps,
  );
  const countries = favoured.flatMap(({ trait }) => (trait.fact === 'country' ? (trait.code ?? []) : []));
  const sizes = favoured.filter(({ trait }) => trait.fact === 'employees');
  const effect = (
    parameter: NextFilter['parameter'],
    value: string,
    leavesOut: (company: Compared) => boolean | null,
  ): NextFilter => ({
    parameter,
    value,
    keeps_left_out: keeps.filter((company) => leavesOut(company) === true).length,
    drops_left_out: drops.filter((company) => leavesOut(company) === true).length,
    keeps_unknown: keeps.filter((company) => leavesOut(company) === null).length,
  });
  return [
    ...(countries.length === 0
      ? []
      : [
          effect('locations', countries.join(','), ({ country_code: code }) =>
            code === null ? null : !countries.includes(code),
          ),
        ]),
    ...sizes.map(({ trait, difference }) => {
      const limit = Number(trait.code);
      const most = difference.value === trait.value;
      return effect(
        most ? 'max_employees' : 'min_employees',
        String(most ? limit : limit + 1),
        ({ employees }) => (employees === null ? null : most ? employees > limit : employees <= limit),
      );
    }),
  ];
}
