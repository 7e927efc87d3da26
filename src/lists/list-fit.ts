import type { Marks } from '../disk/marks.ts';
import { apartOf, MIN_EACH } from '../judging/apart.ts';
import { fitOf } from '../judging/fit.ts';
import { counted } from '../lib/text.ts';
import type { Verdict } from '../lib/verdicts.ts';
import { promised } from '../reading/state.ts';
import type { Call, CollectedList } from './collected-list.ts';
import { NET_NEW } from './enough.ts';
import { MAX_VALUE, textOf, textsOf } from './selecting/fields.ts';

/** Which companies of a list are judged, and how much of it fits by that. */
export type ListFit = Awaited<ReturnType<typeof fitOfList>>;
/** The same, and what the good ones have in common: null with fewer than five keeps or five drops. */
export type Judgement = Awaited<ReturnType<typeof judgementOf>>;

/** Keeps that are compared with as many drops at the most: each costs a fraction of a millisecond. */
const MAX_COMPARED = 300;
/** What is compared of a text. Characters. */
const MAX_TEXT = 1_000;

/** How a whole list is judged by its marks: how much of it fits, and what sets the good ones apart. @throws {FileUnusable} */
export async function judgementOf({ marks }: { marks: Marks }, list: CollectedList, call: Call) {
  const found = await fitOfList({ marks }, list, call);
  const sample =
    found.fit === null
      ? 'how much of it fits is not told here'
      : 'only the other verdicts speak for the rest';
  const notices = [
    found.open.length > 0 &&
      found.ofOneKind.size > 0 &&
      `${counted(found.ofOneKind.size, 'company', 'were')} marked by a condition, which picks those of one kind. That is no sample of the list: ${sample}.`,
  ];
  return { ...found, apart: await apartOfList(list, found, call), notices };
}

/**
 * How much of a whole list fits by its marks. Rows are in order of rank: all that has a verdict; the rows to be judged,
 * without seeds, duplicates and known companies, with a verdict (those among them that a condition marked for what they
 * have in common) and without; and those left aside without a verdict, with why. @throws {FileUnusable}
 */
export async function fitOfList({ marks }: { marks: Marks }, list: CollectedList, call: Call) {
  const { job_id, companies } = list.about;
  const verdicts = new Map<number, Verdict>();
  const ofOneKind = new Set<number>();
  for (const [row, { verdict, of_one_kind }] of await marks.of(job_id)) {
    if (row < 1 || row > companies) continue;
    verdicts.set(row, verdict);
    if (of_one_kind) ofOneKind.add(row);
  }
  const rows = await list.rows(ASIDE, { ...call, maxText: 200 });
  const all = rows.map(([row, why, name]) => ({ row: Number(row), name: textOf(name), why: String(why) }));
  const excluded = new Set(all.map(({ row }) => row));
  const aside = all.filter(({ row }) => !verdicts.has(row));
  const countOf = (start: string) => aside.filter(({ why }) => why.startsWith(start)).length;
  const judged: number[] = [];
  const open: number[] = [];
  for (let row = 1; row <= companies; row += 1)
    if (!excluded.has(row)) (verdicts.has(row) ? judged : open).push(row);
  for (const row of excluded) ofOneKind.delete(row);
  const credits = promised(list.state, 'credits_consumed');
  return {
    verdicts,
    judged,
    open,
    ofOneKind,
    aside,
    left_out: { seeds: countOf(SEED), duplicates: countOf(SAME), known: countOf(KNOWN) },
    fit: fitOf({ companies, verdicts, excluded, ofOneKind, credits }),
  };
}

const [SEED, SAME, KNOWN] = ['seed or its branch', 'same company as row ', 'on the known list '] as const;
/** Whom nobody is asked about, and why; of a name what is shown. */
const ASIDE = `SELECT "row", CASE WHEN is_seed = 1 THEN '${SEED}' WHEN same_as IS NOT NULL THEN '${SAME}' || same_as
    WHEN known_in = '[]' THEN 'tells of no company' ELSE '${KNOWN}' || (SELECT group_concat(value, ', ') FROM json_each(known_in)) END, substr(name, 1, 80)
  FROM companies WHERE NOT ${NET_NEW} ORDER BY "row"`;

/** What sets keeps and drops apart, of which at most so many are compared, evenly along the list. */
async function apartOfList(list: CollectedList, { judged, ofOneKind, verdicts }: ListFit, call: Call) {
  const withVerdict = (verdict: Verdict) =>
    judged.filter((row) => !ofOneKind.has(row) && verdicts.get(row) === verdict);
  const keeps = withVerdict('keep');
  const drops = withVerdict('drop');
  if (Math.min(keeps.length, drops.length) < MIN_EACH) return null;
  const compared = [...evenly(keeps), ...evenly(drops)];
  const rows = await list.rows(
    `SELECT "row", industries, country_code, country, employees,
        substr(COALESCE(NULLIF(TRIM(description), ''), tagline), 1, ${MAX_TEXT})
      FROM companies WHERE "row" IN (${compared.join(', ')})`,
    { ...call, maxRows: compared.length, maxText: MAX_VALUE },
  );
  const apart = apartOf(
    rows.map(([row, industries, code, country, employees, text]) => ({
      verdict: verdicts.get(Number(row)) ?? 'maybe',
      industries: textsOf(industries),
      country_code: textOf(code),
      country: textOf(country),
      employees: typeof employees === 'number' ? employees : null,
      text: textOf(text),
    })),
  );
  if (apart === null || compared.length === keeps.length + drops.length) return apart;
  const only = `Compared were ${apart.keeps} of ${keeps.length} keeps and ${apart.drops} of ${drops.length} drops, evenly along the list.`;
  return { ...apart, note: `${only} ${apart.note}` };
}

function evenly(rows: readonly number[]): number[] {
  const count = Math.min(rows.length, MAX_COMPARED);
  return Array.from({ length: count }, (_, at) => rows[Math.floor((at * rows.length) / count)] ?? 0);
}
