import * as z from 'zod';
import { finalList } from '../../lists/marking.ts';
import { ranksOf, toRanks } from '../../lists/selecting/ranks.ts';
import { type Selection, SORTS } from '../../lists/selecting/selection.ts';
import { part, type ToolAnswer } from '../../results/answer.ts';
import { CHOSEN_BUDGET, firstFitting, type Sizes } from '../../results/budget.ts';
import { ranksText } from '../../results/schema.ts';
import type { Fit } from '../../view/contract.ts';
import { defineTool, type Services, type ToolCall, type ToolFacts } from '../parts/define-tool.ts';

// What the tools have in common that only the table calls. What they answer is told in the contract with it
// (src/view/contract.ts), not to a model.

const READS = { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: true };

/** A tool for the table alone. @param annotations What it is other than one that only reads. */
export function viewTool<Input extends z.ZodObject>(
  tool: Pick<ToolFacts, 'name' | 'title' | 'description'> & {
    annotations?: Partial<ToolFacts['annotations']>;
    input: Input;
    handle(input: z.output<Input>, services: Services, call: ToolCall): Promise<ToolAnswer>;
  },
) {
  return defineTool({
    ...tool,
    title: `${tool.title} (for the table)`,
    description: `${tool.description} Only for the table.`,
    annotations: { ...READS, ...tool.annotations },
    view: 'only',
    output: z.object({ job_id: z.string().describe('The job; what else there is, the table knows.') }),
  });
}

/** A result for the view: its text is the same facts in JSON, for hosts that hand on nothing but text. */
export function viewResult<Answer extends object>(
  facts: Omit<Answer, 'notices'>,
  notices: readonly string[] = [],
): ToolAnswer {
  return { parts: [part(Object.fromEntries(Object.entries(facts)), JSON.stringify(facts))], notices };
}

/** The same of the first of these sizes with which the result fits its budget, else of the last. */
export function fittingResult<Answer extends object, Size>(
  sizes: Sizes<Size>,
  build: (size: Size) => Omit<Answer, 'notices'>,
  notices: readonly string[] = [],
): ToolAnswer {
  return firstFitting(sizes, CHOSEN_BUDGET, (size) => viewResult<Answer>(build(size), notices));
}

const texts = z.array(z.string().max(200)).max(300).optional().describe('Values of view_status.');

/** What of a job's companies is shown. */
export const selection = {
  search: z.string().max(200).optional().describe('Words that all have to occur.'),
  countries: texts,
  sizes: texts,
  stages: texts,
  verdicts: z
    .array(z.enum(['keep', 'drop', 'maybe', 'open']))
    .max(4)
    .optional(),
  known: z.enum(['new', 'known', 'maybe']).optional(),
  by: z.enum(['model']).optional().describe('Only what the model judged and the user has not confirmed.'),
  ranks: ranksText.describe('Only these ranks, such as "1-180".'),
  duplicates: z.boolean().default(false).describe('Also show companies that an earlier row is about.'),
};

/** The order of what is shown. */
export const ordering = {
  sort: z.enum(SORTS).default('row'),
  descending: z.boolean().default(false),
};

/** The same as the lists take it. @throws {OpenFunnelError} `invalid_input` for ranks that the list does not have. */
export async function toSelection(
  jobId: string,
  given: z.output<z.ZodObject<typeof selection>>,
  { lists, tableMarks }: Services,
  call: ToolCall,
): Promise<Selection> {
  const { search = '', countries = [], sizes = [], stages = [], verdicts = [], known = '' } = given;
  const ranks = given.ranks === undefined ? null : toRanks(given.ranks);
  if (ranks !== null) ranksOf(ranks, [await finalList(lists, jobId, call)]);
  const rows = given.by === 'model' ? { rows: await tableMarks.byModel(jobId) } : {};
  return { search, countries, sizes, stages, verdicts, known, ranks, duplicates: given.duplicates, ...rows };
}

/** How a final job's companies are judged now. */
export async function judgedNow(jobId: string, { table, tableMarks }: Services, call: ToolCall) {
  const { revision, counts, fit } = await table.judged(jobId, call);
  const byModel = await tableMarks.byModel(jobId);
  return { revision, counts: { ...counts, by_model: byModel.length }, fit: fit && shownFit(fit) };
}

/** What the view tells of it. */
function shownFit({ share, low, high, basis, credits_per_fit, stop_at }: Fit): Fit {
  return { share, low, high, basis, credits_per_fit, stop_at };
}
