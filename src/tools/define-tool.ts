import type * as z from 'zod';
import type { BulkApi } from '../jobs/bulk-api.ts';
import type { KnownJobs } from '../jobs/known-jobs.ts';
import type { Ledger } from '../jobs/ledger.ts';
import type { ProgressReport } from '../jobs/progress.ts';
import type { Submitter } from '../jobs/submit.ts';
import type { Waiter } from '../jobs/wait.ts';
import type { Clock, Random } from '../lib/clock.ts';
import type { ToolResult } from '../results/result.ts';

/** The parts that handlers work with, put together in `server.ts`. */
export interface ToolContext {
  api: BulkApi;
  known: KnownJobs;
  waiter: Waiter;
  submitter: Submitter;
  ledger: Ledger;
  /** Folder that exports are written to. */
  exportDirectory: string;
  /** Submits with a higher limit need the user's yes; null asks never. Credits. */
  confirmAbove: number | null;
  clock: Clock;
  random: Random;
  /** Whether the companies are made up; every result then says so. */
  sandbox: boolean;
  /** Whether a text holds the API key. */
  holdsKey: (text: string) => boolean;
  /** Gives up the answers to submits and cancels under way. */
  leave: () => void;
}

/** What belongs to one call. */
export interface ToolCall {
  signal: AbortSignal;
  /** Sends a progress notification; does nothing where the client asked for none. */
  report: (report: ProgressReport) => void;
  /** Asks the user, in a form of the client's, for a yes; `unavailable` where the client can't. */
  ask: (question: string) => Promise<'yes' | 'no' | 'unavailable'>;
}

/** All four hints, so that none is left to a client's default. */
export interface ToolAnnotations {
  readOnlyHint: boolean;
  destructiveHint: boolean;
  idempotentHint: boolean;
  openWorldHint: boolean;
}

export interface ToolDefinition<Input extends z.ZodObject = z.ZodObject> {
  name: string;
  title: string;
  /** What it does, then what tells it apart, then usage and cost; the rule is put behind it. */
  description: string;
  annotations: ToolAnnotations;
  /** Whether it starts jobs: should it break, it is open whether one was started. */
  submits?: true;
  input: Input;
  /** Fields of a successful result; `notices` and `error` join in `outputSchema`. */
  output: z.ZodObject;
  handle(input: z.output<Input>, context: ToolContext, call: ToolCall): Promise<ToolResult>;
}

/** The rule, in the description of every tool. */
export const RULE =
  'RULE: completion is `status: "completed"` (or another terminal status), never a null `next_cursor`.';

/** A tool that the server can list and call. Won't compile without every hint and both schemas. */
export function defineTool<Input extends z.ZodObject>(tool: ToolDefinition<Input>): ToolDefinition<Input> {
  return tool;
}
