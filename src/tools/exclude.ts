import * as z from 'zod';
import type { SelectRow } from '../jobs/export-job.ts';
import { oneLine } from '../lib/text.ts';
import { EXCLUSIONS, type Excluded, type Exclusion, MARK_COLUMNS, markColumns } from '../lists/exclusions.ts';
import type { Lists } from '../lists/lists.ts';
import { type Part, part } from '../results/answer.ts';
import type { ToolCall } from './define-tool.ts';

/** Parameter of tools that write lists. */
export const exclude = z
  .array(z.string().min(1).max(300))
  .min(1)
  .max(20)
  .optional()
  .describe(`Whom to leave out of the file (default nobody): ${EXCLUSIONS}.`);

/** Fields of their results. */
export const excludedFields = {
  excluded: z
    .record(z.string(), z.number())
    .nullable()
    .describe('With exclude: how many companies fell to each reason; they are billed all the same.'),
  excluded_companies: z
    .array(
      z.object({
        row: z.number().describe('Its number in the whole list.'),
        name: z.string().nullable().describe('Its name.'),
        why: z.string().describe('The reason.'),
      }),
    )
    .describe('The first 20 companies left out.'),
};

/** What goes into a file of some jobs, and what is to be told of what does not. */
export interface FileSelection {
  /** Null where all rows go in as they are. */
  select: SelectRow | null;
  /** Columns that stand behind the others. */
  columns: readonly string[];
  facts: z.output<z.ZodObject<typeof excludedFields>>;
  notices: string[];
}

/** Who only looks like somebody known is for a person to decide. */
const MAYBE =
  "Companies that only may be known, by a near name, are still in the file: SELECT row, name, known_maybe FROM companies WHERE known_maybe <> '[]' in query_companies shows them; mark those that the user has with verdict drop.";

/** Works out whom to leave out of these jobs, and the judgements that stand behind the rest. */
export async function selectFor(
  lists: Lists,
  jobIds: readonly string[],
  exclusions: readonly Exclusion[],
  call: ToolCall,
): Promise<FileSelection> {
  const excluded = new Map<string, Excluded>();
  const marks = new Map<string, Awaited<ReturnType<Lists['marks']>>>();
  const selection: FileSelection = {
    select: null,
    columns: [],
    facts: { excluded: null, excluded_companies: [] },
    notices: [],
  };
  for (const jobId of jobIds) {
    const judged = await lists.marks(jobId);
    if (judged.size > 0) marks.set(jobId, judged);
    if (exclusions.length === 0) continue;
    const found = await lists.excluded(jobId, exclusions, call);
    excluded.set(jobId, found);
    const counts: Record<string, number> = { ...selection.facts.excluded };
    for (const [why, count] of Object.entries(found.counts)) counts[why] = (counts[why] ?? 0) + count;
    selection.facts.excluded = counts;
    selection.facts.excluded_companies.push(
      ...found.named.map(({ row, name, why }) => ({ row, name: name && oneLine(name, 80), why })),
    );
    selection.notices.push(...found.notices);
  }
  if (exclusions.some(({ kind }) => kind === 'known' || kind === 'known_any')) selection.notices.push(MAYBE);
  selection.facts.excluded_companies.splice(20);
  if (excluded.size === 0 && marks.size === 0) return selection;
  if (marks.size > 0) selection.columns = MARK_COLUMNS;
  selection.select = (jobId, row, position) => {
    if (excluded.get(jobId)?.rows.has(position)) return null;
    return marks.size === 0 ? row : { ...row, ...markColumns(marks.get(jobId)?.get(position)) };
  };
  return selection;
}

/** How many were left out, and who the first of them are. */
export function excludedPart(facts: FileSelection['facts']): Part {
  const { excluded, excluded_companies: named } = facts;
  if (excluded === null) return part(facts);
  const counts = Object.entries(excluded).map(([why, count]) => `${why} ${count}`);
  const all = Object.values(excluded).reduce((sum, count) => sum + count, 0);
  const lines = [`Left out: ${all} companies (${counts.join(', ')}); they were billed all the same.`];
  if (named.length > 0) {
    const shown = named.map(({ row, name, why }) => `${row} ${JSON.stringify(name ?? '')} (${why})`);
    lines.push(
      `${named.length < all ? `The first ${named.length} of them` : 'They are'}, by row: ${shown.join(', ')}`,
    );
  }
  return part(facts, ...lines);
}
