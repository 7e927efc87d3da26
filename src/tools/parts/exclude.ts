import * as z from 'zod';
import { counted, oneLine } from '../../lib/text.ts';
import type { CollectedList } from '../../lists/collected-list.ts';
import {
  EXCLUSIONS,
  type Excluded,
  type Exclusion,
  excludedFrom,
  toExclusions,
  unreadable,
} from '../../lists/selecting/exclusions.ts';
import { unreadMarks } from '../../lists/selecting/question.ts';
import { ranksOf } from '../../lists/selecting/ranks.ts';
import { promised } from '../../reading/state.ts';
import { type Part, part } from '../../results/answer.ts';
import * as field from '../../results/schema.ts';
import type { Ranks } from '../../sql/columns.ts';
import type { Services, ToolCall } from './define-tool.ts';

/** Parameter of tools that write lists. */
export const exclude = field.described(
  z.array(z.string().min(1).max(300)).min(1).max(20).transform(toExclusions).optional(),
  `Companies to leave out of the file: ${EXCLUSIONS}.`,
);

export const excludedFields = {
  excluded: z
    .record(z.string(), z.number())
    .optional()
    .describe('With exclude: companies left out by reason. They are billed all the same.'),
  excluded_companies: field
    .objects(
      { row: z.number(), name: field.someText, why: field.texts('All reasons.') },
      'The first 50 companies left out.',
    )
    .optional(),
  net_new: field.someNumber.describe(
    'With exclude or enough: companies left that are not seeds, duplicates or known.',
  ),
  credits_per_new: field.someNumber.describe('Credits for each of them.'),
  not_compared: field.texts('With exclude: what could not be compared, so that it left nobody out.'),
};

export const MAX_NAMED = 50;

/** Whom to leave out of a file of these lists (null: nobody), and what is to be told of it. @param ranks Undefined for all rows. */
export async function leaveOut(
  services: Pick<Services, 'lists' | 'ledger' | 'known' | 'marks'>,
  from: readonly CollectedList[],
  exclusions: readonly Exclusion[],
  ranks: Ranks | undefined,
  { signal }: Pick<ToolCall, 'signal'>,
): Promise<{ excluded: Excluded | null; notices: string[] }> {
  const cut = ranks ? [`The file has ${ranksOf(ranks, from)}.`] : [];
  if (exclusions.length === 0) return { excluded: null, notices: cut };
  const excluded = await excludedFrom(services, from, exclusions, { signal, ranks: ranks ?? null });
  const notices = [...cut, ...excluded.not_compared.map((said) => `NOT COMPARED: ${said}`)];
  if (!exclusions.some(({ kind }) => kind === 'known' || kind === 'known:*'))
    // Whom they name would count as new.
    notices.push(...(await notKnown(services)));
  else if (excluded.maybe_known > 0)
    notices.push(
      `Still in the list, though they may be known by a similar name: ${excluded.maybe_known}. To see them, call query_companies with SELECT row, name, known_like FROM companies WHERE known_maybe <> '[]'. Mark those that the user has with verdict drop in mark_companies.`,
    );
  return { excluded, notices };
}

/** What can't be read of the marks on lists; nothing where the exclusions are about whom they drop, and tell it. */
export async function marksBeside(
  { marks }: Pick<Services, 'marks'>,
  lists: readonly CollectedList[],
  exclusions: readonly Exclusion[],
): Promise<string[]> {
  return exclusions.some(({ kind }) => kind === 'dropped') ? [] : unreadMarks(lists, marks);
}

/** Which of the user's own lists say nothing of who is known, because they can't be read. */
export async function notKnown({ known }: Pick<Services, 'known'>): Promise<string[]> {
  const { damaged } = await known.checked();
  return damaged.map((each) => `NOT COMPARED: ${unreadable(each)}`);
}

/** How many companies are new to the user (null: nobody asked), and what each cost. @param from Lists of jobs that have ended. */
export function newPart(net_new: number | null, from: readonly CollectedList[]): Part {
  const costs = from.flatMap(({ state }) => promised(state, 'credits_consumed') ?? []);
  const sum = costs.reduce((all, cost) => all + cost, 0);
  const isKnown = costs.length > 0 && costs.length === from.length;
  const each = net_new && isKnown ? Math.round((sum / net_new) * 100) / 100 : null;
  const cost = each === null ? '' : `; ${counted(sum, 'credit', 'were')} consumed, ${each} for each of these`;
  return part(
    { net_new, credits_per_new: each },
    net_new !== null &&
      `New to the user: ${counted(net_new, 'company')}, each once, neither seed, duplicate nor known, nor left out${cost}.`,
  );
}

/** How many were left out, and who the first of them are. @param maxNamed Companies named at the most. */
export function excludedPart(excluded: Excluded | null, maxNamed = MAX_NAMED): Part {
  if (excluded === null) return part({ not_compared: [] });
  const { counts, companies, not_compared } = excluded;
  const reasons = Object.entries(counts).map(([why, count]) => `${why} ${count}`);
  const named = companies
    .slice(0, maxNamed)
    .map(({ row, name, why }) => ({ row, name: name && oneLine(name, 60), why }));
  const shown = named.map(({ row, name, why }) => `${row} ${JSON.stringify(name ?? '')} (${why.join(', ')})`);
  return part(
    { excluded: counts, excluded_companies: named.length > 0 ? named : undefined, not_compared },
    `Left out: ${counted(companies.length, 'row')} (${reasons.join(', ')}), billed all the same.`,
    named.length > 0 && `${named.length} of ${companies.length} shown, by row: ${shown.join('; ')}`,
  );
}
