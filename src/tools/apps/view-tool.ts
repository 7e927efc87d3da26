import * as z from 'zod';
import { unreadMarks } from '../../lists/selecting/question.ts';
import { ranksOf } from '../../lists/selecting/ranks.ts';
import { SORTS } from '../../lists/selecting/selection.ts';
import { part, type ToolAnswer } from '../../results/answer.ts';
import { CHOSEN_BUDGET, fitting } from '../../results/budget.ts';
import { fitWords, shownFit } from '../../results/fit-part.ts';
import { ranks } from '../../results/schema.ts';
import {
  defineTool,
  READS_ONLY,
  type Services,
  type ToolCall,
  type ToolFacts,
} from '../parts/define-tool.ts';

// What the tools have in common that only the table calls. What they answer is told in the contract with it
// (src/view/contract.ts), not to a model.

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
    annotations: { ...READS_ONLY, ...tool.annotations },
    ownWords: true,
    view: 'only',
    output: z.object({ job_id: z.string().describe('The job; what else there is, the table knows.') }),
  });
}

/** A result for the view: its text is the same facts in JSON, for hosts that hand on nothing but text. */
export function viewResult<Answer extends object>(
  facts: Omit<Answer, 'notices'>,
  notices: readonly string[] = [],
): ToolAnswer {
  return { parts: [part({ ...facts }, JSON.stringify({ ...facts, notices }))], notices };
}

/** The same of the first of these sizes with which the result fits its budget, else of the last. */
export function fittingResult<Answer extends object>(
  sizes: readonly number[],
  build: (size: number) => Omit<Answer, 'notices'>,
  notices: readonly string[] = [],
): ToolAnswer {
  const ways = sizes.map((size) => ({ most: 1, build: () => viewResult<Answer>(build(size), notices) }));
  return fitting(CHOSEN_BUDGET, ways);
}

export const row = z.int().min(1).max(1_000_000);
const texts = z.array(z.string().max(200)).max(300).default([]).describe('Values of view_status.');

export const selection = {
  search: z.string().max(200).default('').describe('Words that all have to occur.'),
  countries: texts,
  sizes: texts,
  stages: texts,
  verdicts: z
    .array(z.enum(['keep', 'drop', 'maybe', 'open']))
    .max(4)
    .default([]),
  known: z.enum(['new', 'known', 'maybe', '']).default(''),
  by: z
    .enum(['model', ''])
    .default('')
    .describe('model: only what the model judged and the user has not confirmed.'),
  ranks: ranks.describe('Only these ranks, such as "1-180".'),
  duplicates: z.boolean().default(false).describe('Also show companies that an earlier row is about.'),
};

export const ordering = { sort: z.enum(SORTS).default('row'), descending: z.boolean().default(false) };

/** The same, with what else is given, as the lists take it. @throws {OpenFunnelError} for ranks that the list does not have. */
export async function toSelection<Given extends z.output<z.ZodObject<typeof selection>>>(
  jobId: string,
  { ranks: chosen, ...given }: Given,
  { lists }: Services,
  call: ToolCall,
) {
  if (chosen) ranksOf(chosen, [await lists.final(jobId, call)]);
  return { ...given, ranks: chosen ?? null };
}

/** What the user has to know of a final job's list, and of the marks on it. @throws as `CollectedLists.final`. */
export async function doubtsOf(jobId: string, { lists, marks }: Services, call: ToolCall): Promise<string[]> {
  const list = await lists.final(jobId, call);
  return [...list.about.doubts, ...(await unreadMarks([list], marks))];
}

/** How a final job's companies are judged now. */
export async function judgedNow(jobId: string, table: Services['table'], call: ToolCall) {
  const { fit, counting, ...told } = await table.judged(jobId, call);
  return { ...told, fit: fit === null ? '' : `${fitWords(shownFit(fit), counting)} ${fit.basis}` };
}
