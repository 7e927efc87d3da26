import * as z from 'zod';
import { oneLine } from '../../lib/text.ts';
import type { CollectedList } from '../../lists/collected-list.ts';
import { EXCLUSIONS, type Exclusion } from '../../lists/selecting/exclusion.ts';
import { type Excluded, excludedFrom } from '../../lists/selecting/exclusions.ts';
import { type Part, part } from '../../results/answer.ts';
import type { Ranks } from '../../sql/columns.ts';
import type { Services, ToolCall } from './define-tool.ts';

/** Parameter of tools that write lists. */
export const exclude = z
  .array(z.string().min(1).max(300))
  .min(1)
  .max(20)
  .optional()
  .describe(`Companies to leave out of the file: ${EXCLUSIONS}.`);

/** Fields of their results. */
export const excludedFields = {
  excluded: z
    .record(z.string(), z.number())
    .optional()
    .describe('With exclude: companies left out by reason. They are billed all the same.'),
  excluded_companies: z
    .array(
      z.object({
        row: z.number(),
        name: z.string().nullable(),
        why: z.array(z.string()).describe('All reasons.'),
      }),
    )
    .optional()
    .describe('The first 50 companies left out.'),
  not_compared: z
    .array(z.string())
    .describe('With exclude: what could not be compared, so that it left nobody out.'),
};

/** Companies named one by one. */
const MAX_NAMED = 50;

/** Who only looks like somebody known is for a person to decide. */
const MAYBE =
  "Companies that only may be known, by a similar name, are still in the file. To see them, call query_companies with SELECT row, name, known_like FROM companies WHERE known_maybe <> '[]'. Mark those that the user has with verdict drop in mark_companies.";

/** Whom to leave out of these lists, with what is to be told beside it; null where nobody is. */
export async function leaveOut(
  { exclusions: parts, lists }: Pick<Services, 'exclusions' | 'lists'>,
  from: readonly CollectedList[],
  exclusions: readonly Exclusion[],
  { signal, ranks = null }: Pick<ToolCall, 'signal'> & { ranks?: Ranks | null },
): Promise<{ excluded: Excluded; notices: string[] } | null> {
  if (exclusions.length === 0) return null;
  const excluded = await excludedFrom(parts, from, exclusions, { signal, ranks });
  const notices = excluded.not_compared.map((said) => `NOT COMPARED: ${said}`);
  if (exclusions.some(({ kind }) => kind === 'known' || kind === 'known_any')) {
    const [near] = await lists.ask(
      from,
      [{ sql: "SELECT COUNT(*) FROM companies WHERE known_in = '[]' AND known_maybe <> '[]'", maxRows: 1 }],
      { signal, ranks },
    );
    if (Number(near?.rows[0]?.[0] ?? 0) > 0) notices.push(MAYBE);
  }
  return { excluded, notices };
}

/** Which of the user's own lists say nothing of who is known, because they can't be read. */
export async function notKnown({ known }: Services['exclusions']): Promise<string[]> {
  const { damaged } = await known();
  return damaged.map(
    ({ list, why }) =>
      `NOT COMPARED: the list ${JSON.stringify(list)} can't be read completely (${why}), so nobody counts as known by it. import_known_companies with mode replace repairs it.`,
  );
}

/** How many were left out, and who the first of them are. */
export function excludedPart(excluded: Excluded | null): Part {
  if (excluded === null) return part({ excluded: null, excluded_companies: [], not_compared: [] });
  const counts = Object.entries(excluded.counts).map(([why, count]) => `${why} ${count}`);
  const all = excluded.companies.length;
  const named = excluded.companies
    .slice(0, MAX_NAMED)
    .map(({ row, name, why }) => ({ row, name: name && oneLine(name, 60), why }));
  const lines = [`Left out: ${all} rows (${counts.join(', ')}); they were billed all the same.`];
  if (named.length > 0) {
    const shown = named.map(
      ({ row, name, why }) => `${row} ${JSON.stringify(name ?? '')} (${why.join(', ')})`,
    );
    lines.push(`${named.length} of ${all} shown, by row: ${shown.join('; ')}`);
  }
  const fields = {
    excluded: excluded.counts,
    excluded_companies: named,
    not_compared: excluded.not_compared,
  };
  return part(fields, ...lines);
}
