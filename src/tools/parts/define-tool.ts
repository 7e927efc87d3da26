import type { z } from 'zod';
import type { KnownLists } from '../../disk/known-lists.ts';
import type { Marks } from '../../disk/marks.ts';
import type { ViewSessions } from '../../disk/view-sessions.ts';
import type { Clock } from '../../lib/clock.ts';
import type { CollectedLists } from '../../lists/collected.ts';
import type { JobStates } from '../../lists/job-states.ts';
import type { Exporter } from '../../lists/selecting/export.ts';
import type { CompanyTable } from '../../lists/table/company-table.ts';
import type { TableMarks } from '../../lists/table/table-marks.ts';
import type { OpenFunnelClient } from '../../openfunnel/client.ts';
import type { ProgressReport } from '../../reading/progress.ts';
import type { Waiter } from '../../reading/wait.ts';
import { invalidInput, type ToolAnswer } from '../../results/answer.ts';
import type { BulkApi } from '../../spending/bulk-api.ts';
import type { Answered } from '../../spending/confirm.ts';
import type { Ledger } from '../../spending/ledger.ts';
import type { KeptLists } from '../../spending/lost-submits.ts';
import type { Submits } from '../../spending/submit.ts';
import { describeIssues } from './input-errors.ts';
import type { Aliases, Guards } from './liberal-input.ts';

/** What tools and resources work with; put together in `compose.ts` at the first call. */
export interface Services {
  states: JobStates;
  source: BulkApi;
  submits: Submits;
  kept: KeptLists;
  /** The limits of all submits within a day together stay within this; null for no ceiling. Credits. */
  dailyCredits: number | null;
  /** Submits with a higher limit need the user's yes to their cost; null asks never. Credits. */
  confirmAbove: number | null;
  ledger: Ledger;
  api: Pick<OpenFunnelClient, 'getBalance' | 'lookup'>;
  waiter: Waiter;
  lists: CollectedLists;
  exporter: Exporter;
  table: CompanyTable;
  /** The user's own marks in the table, and where the user is in it. */
  tableMarks: TableMarks;
  sessions: ViewSessions;
  marks: Marks;
  known: KnownLists;
  clock: Clock;
  /** Folder that files are written to and imported from. */
  exportDirectory: string;
  /** Whether the companies are made up. */
  sandbox: boolean;
  /** Said in the next result: what of the settings is not as the user may think, and what has become known since the last. */
  notices: () => string[];
  /** What is said of settings, in the words of whoever set this server up: variables, or the fields of a form. */
  settingsWords: (message: string) => string;
  holdsKey: (text: string) => boolean;
  /** Gives up the answers to submits and cancels under way, and resolves when they are noted. */
  close: () => Promise<void>;
}

export interface ToolCall {
  signal: AbortSignal;
  /** Sends a progress notification; does nothing where the client asked for none. */
  report: (report: ProgressReport) => void;
  /** Asks the user, in a form of the client's, for a yes; only an explicit one is one. */
  ask: (question: string) => Promise<Answered>;
}

/** What a tool has to do with the view in the chat: it opens it, is called by it alone, or must never be. */
export type ViewRole = 'opens' | 'only' | 'never';

export interface ToolFacts {
  name: string;
  title: string;
  /** What it does, then what tells it apart, then usage and cost; the rule is put behind it. */
  description: string;
  /** All four hints, so that none is left to a client's default. */
  annotations: Record<'readOnlyHint' | 'destructiveHint' | 'idempotentHint' | 'openWorldHint', boolean>;
  /** Other names of parameters that are understood too. */
  aliases?: Aliases;
  /** Whether it starts jobs: should it break, it is open whether one was started. */
  submits?: true;
  /** In a tool that spends or destroys: names that are refused rather than ignored, as near misses are. */
  guards?: Guards;
  /** Clients without views see neither the tools that open one nor those that only it calls. */
  view?: ViewRole;
  /** Whether it tells nothing that OpenFunnel or companies wrote: the results of others have the mark of that. */
  ownWords?: true;
  /** Fields of a successful result; those that every result has join in `outputSchema`. */
  output: z.ZodObject;
}

/** A tool as the catalogue holds it: whatever its input is, it checks it itself. */
export interface ToolDefinition extends ToolFacts {
  input: z.ZodObject;
  /** @throws {OpenFunnelError} `invalid_input` for arguments that its input does not take. */
  run(given: unknown, services: Services, call: ToolCall): Promise<ToolAnswer>;
}

/** Hints of a tool that asks OpenFunnel and changes nothing. */
export const READS_ONLY: ToolFacts['annotations'] = {
  readOnlyHint: true,
  destructiveHint: false,
  idempotentHint: true,
  openWorldHint: true,
};

/** The rule, in the description of every tool. */
export const RULE = 'Completion is read from `status`, never from a null `next_cursor`.';

/** A tool that the server can list and call. Keeps the types of both schemas for who calls it. */
export function defineTool<Input extends z.ZodObject, Output extends z.ZodObject>({
  handle,
  ...tool
}: ToolFacts & {
  input: Input;
  output: Output;
  handle(input: z.output<Input>, services: Services, call: ToolCall): Promise<ToolAnswer>;
}): ToolDefinition & { input: Input; output: Output } {
  return {
    ...tool,
    async run(given, services, call) {
      const { success, data, error } = tool.input.safeParse(given, { reportInput: true });
      if (!success) throw invalidInput(describeIssues(tool.name, error.issues));
      return handle(data, services, call);
    },
  };
}
