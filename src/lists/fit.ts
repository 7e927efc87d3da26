import type { Verdict } from '../disk/marks.ts';
import { type Apart, apartOf, MIN_EACH } from '../judging/apart.ts';
import { type Fit, fitOf } from '../judging/fit.ts';
import type { Compared } from '../judging/traits.ts';
import { promised } from '../reading/state.ts';
import type { SqlValue } from '../sql/messages.ts';
import type { CollectedLists } from './collected.ts';
import type { CollectedList } from './collected-list.ts';
import { NET_NEW } from './enough.ts';
import { type MarkingParts, readMarks } from './marking.ts';
import { listIn, MAX_VALUE } from './selecting/fields.ts';

/** A company without a verdict that nobody is asked about. */
export interface Aside {
  row: number;
  name: string | null;
  /** In words of ours, but for the names of the user's own lists. */
  why: string;
}

/** Which companies of a list are judged, and how much of it fits by that. Rows are in order of rank. */
export interface ListFit {
  /** All that is judged, rows that count nowhere included. */
  verdicts: ReadonlyMap<number, Verdict>;
  /** Rows to be judged, without seeds, duplicates and known companies: those with a verdict, and those without. */
  judged: number[];
  open: number[];
  /** Those of the judged that a condition marked for what they have in common. */
  ofOneKind: ReadonlySet<number>;
  aside: Aside[];
  /** How many are left aside, by reason. */
  left_out: { seeds: number; duplicates: number; known: number };
  /** null where nothing is judged. */
  fit: Fit | null;
}

/** How far a list is judged, how right it is by that, and what the good ones have in common. */
export interface Judgement extends ListFit {
  /** null with fewer than five keeps or five drops. */
  apart: Apart | null;
  /** What the reader has to know of the marks. */
  notices: string[];
}

/** Longest name of a company left aside. Characters. */
const MAX_NAME = 80;
/** Keeps that are compared with as many drops at the most: each costs a fraction of a millisecond. */
const MAX_COMPARED = 300;
/** What is compared of a text. Characters. */
const MAX_TEXT = 1_000;

/**
 * How a whole list is judged by its marks: how much of it fits, and what sets the good ones apart.
 *
 * @throws {OpenFunnelError} where the marks can't be read.
 */
export async function judgementOf(
  parts: MarkingParts,
  list: CollectedList,
  call: { signal: AbortSignal },
): Promise<Judgement> {
  const found = await fitOfList(parts, list, call);
  const apart = await apartOfList(parts.lists, list, found, call);
  const { count } = await parts.marks.damageOf(list.about.job_id);
  const kinds = found.open.length === 0 ? 0 : found.ofOneKind.size;
  const damaged = `Not all marks on this job can be read (${count} of its records are damaged): there were more verdicts than are counted here.`;
  return {
    ...found,
    apart,
    notices: [...(count > 0 ? [damaged] : []), ...(kinds > 0 ? [noSample(kinds, found.fit)] : [])],
  };
}

/**
 * How much of a whole list fits by its marks.
 *
 * @throws {OpenFunnelError} where the marks can't be read.
 */
export async function fitOfList(
  { lists, marks }: MarkingParts,
  list: CollectedList,
  call: { signal: AbortSignal },
): Promise<ListFit> {
  const { job_id, companies } = list.about;
  const given = await readMarks(marks, job_id);
  const verdicts = new Map<number, Verdict>();
  const ofOneKind = new Set<number>();
  for (const [row, { verdict, of_one_kind }] of given) {
    if (row < 1 || row > companies) continue;
    verdicts.set(row, verdict);
    if (of_one_kind) ofOneKind.add(row);
  }
  const rows = await lists.rows(
    [list],
    `SELECT "row", is_seed, same_as, known_in, name FROM companies WHERE NOT ${NET_NEW} ORDER BY "row"`,
    { ...call, maxText: 200 },
  );
  const left_out = { seeds: 0, duplicates: 0, known: 0 };
  const excluded = new Set(rows.map(([row]) => Number(row)));
  const aside = rows.filter(([row]) => !verdicts.has(Number(row))).map((values) => asideOf(left_out, values));
  const judged: number[] = [];
  const open: number[] = [];
  for (let row = 1; row <= companies; row += 1)
    if (!excluded.has(row)) (verdicts.has(row) ? judged : open).push(row);
  const credits = promised(list.state, 'credits_consumed');
  for (const row of excluded) ofOneKind.delete(row);
  const fit = fitOf({ companies, verdicts, excluded, ofOneKind, credits });
  return { verdicts, judged, open, ofOneKind, aside, left_out, fit };
}

function asideOf(
  left_out: ListFit['left_out'],
  [row, seed, sameAs, knownIn, name]: readonly SqlValue[],
): Aside {
  const reason = seed === 1 ? 'seeds' : sameAs !== null ? 'duplicates' : 'known';
  left_out[reason] += 1;
  const names = listIn(knownIn ?? null);
  const why = {
    seeds: 'seed or its branch',
    duplicates: `same company as row ${sameAs}`,
    known: `on the known list ${Array.isArray(names) ? names.join(', ') : ''}`,
  }[reason];
  return { row: Number(row), name: typeof name === 'string' ? name.slice(0, MAX_NAME) : null, why };
}

/** Companies of one kind say nothing of the others. */
function noSample(count: number, fit: Fit | null): string {
  const told =
    fit === null ? 'how much of it fits is not told here' : 'only the other verdicts speak for the rest';
  return `${count} companies were marked by a condition, which picks those of one kind. They are no sample of the list: ${told}.`;
}

/** What sets keeps and drops apart, of which at most so many are compared, evenly along the list. */
async function apartOfList(
  lists: CollectedLists,
  list: CollectedList,
  { judged, ofOneKind, verdicts }: ListFit,
  call: { signal: AbortSignal },
): Promise<Apart | null> {
  const withVerdict = (verdict: Verdict) =>
    judged.filter((row) => !ofOneKind.has(row) && verdicts.get(row) === verdict);
  const keeps = withVerdict('keep');
  const drops = withVerdict('drop');
  if (Math.min(keeps.length, drops.length) < MIN_EACH) return null;
  const compared = [...evenly(keeps), ...evenly(drops)];
  const rows = await lists.rows(
    [list],
    `SELECT "row", industries, country_code, country, employees,
        substr(COALESCE(NULLIF(TRIM(description), ''), tagline), 1, ${MAX_TEXT})
      FROM companies WHERE "row" IN (${compared.join(', ')})`,
    { ...call, maxRows: compared.length, maxText: MAX_VALUE },
  );
  const apart = apartOf(rows.map((values) => toCompared(values, verdicts)));
  if (apart === null || compared.length === keeps.length + drops.length) return apart;
  const only = `Compared were ${apart.keeps} of ${keeps.length} keeps and ${apart.drops} of ${drops.length} drops, evenly along the list.`;
  return { ...apart, note: `${only} ${apart.note}` };
}

function toCompared(
  [row, industries, code, country, employees, text]: readonly SqlValue[],
  verdicts: ListFit['verdicts'],
): Compared {
  const textOr = (value: SqlValue | undefined) => (typeof value === 'string' ? value : null);
  const named = listIn(industries ?? null);
  return {
    row: Number(row),
    verdict: verdicts.get(Number(row)) ?? 'maybe',
    industries: Array.isArray(named) ? named.filter((each) => typeof each === 'string') : [],
    country_code: textOr(code),
    country: textOr(country),
    employees: typeof employees === 'number' ? employees : null,
    text: textOr(text),
  };
}

/** So many of these rows as are compared, evenly spread. */
function evenly(rows: readonly number[]): number[] {
  const count = Math.min(rows.length, MAX_COMPARED);
  return Array.from({ length: count }, (_, at) => rows[Math.floor((at * rows.length) / count)] ?? 0);
}
