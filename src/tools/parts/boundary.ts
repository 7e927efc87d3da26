import { OpenFunnelError } from '../../lib/errors.ts';
import { NotFinalError } from '../../lists/collected-list.ts';
import { invalidInput, resultOf, type ToolAnswer, type ToolResult } from '../../results/answer.ts';
import { statePart } from '../../results/job-parts.ts';
import { callOf, nextStep } from '../../results/next-step.ts';
import { queryFailure } from '../../results/query-failure.ts';
import { QueryError } from '../../sql/messages.ts';
import type { Services, ToolCall, ToolDefinition } from './define-tool.ts';
import { renamed, understand } from './liberal-input.ts';

/** Reported when a handler fails in a way that it should not; the message must carry no key, query or row. */
export type OnBug = (tool: string, error: unknown) => void;

/**
 * The one place where input is checked and failures become results. Rejects only with the signal's reason.
 *
 * @param inWords Says our own sentences without what is not served.
 */
export async function callTool(
  tool: ToolDefinition,
  input: unknown,
  open: () => Promise<Services>,
  call: ToolCall,
  onBug: OnBug,
  inWords: (sentence: string) => string,
): Promise<ToolResult> {
  let services: Services | undefined;
  let ignored: string[] = [];
  let answer: ToolAnswer;
  try {
    services = await open();
    if (services.holdsKey(JSON.stringify(input ?? {}))) throw keyRefused();
    const given = renamed(input, tool.aliases ?? {});
    const understood = understand(tool.input, given, tool.guards ?? null);
    ignored = understood.notices;
    answer = await tool.run(understood.input, services, call);
  } catch (error) {
    if (call.signal.aborted) throw call.signal.reason;
    if (error instanceof QueryError && error.failure.kind !== 'bug') answer = queryFailure(error.failure);
    else if (error instanceof NotFinalError)
      answer = { parts: [statePart(error.state)], nextStep: afterNotFinal(error), error };
    else answer = { error: failureOf(error, tool, onBug), submits: tool.submits === true };
  }
  const notices = [...(services?.notices() ?? []), ...ignored, ...(answer.notices ?? [])];
  const settled = (sentence: string) => inWords(services?.settingsWords(sentence) ?? sentence);
  return resultOf({ ...answer, notices }, settled, !tool.ownWords);
}

function afterNotFinal({ state, retryable }: NotFinalError): string {
  const partly = callOf('export_bulk_results', { job_id: state.job_id, allow_partial: true });
  if (!state.terminal) return nextStep(state);
  return `${retryable ? 'Call again in a little while. ' : ''}${partly} writes what can be read.`;
}

function failureOf(error: unknown, tool: ToolDefinition, onBug: OnBug): OpenFunnelError {
  if (error instanceof OpenFunnelError) return error;
  const facts = tool.submits ? { submitted: 'unknown' as const } : {};
  if (isDiskError(error)) {
    const why = error.code === 'ENOSPC' ? 'the disk is full' : `it can't be used (${error.code})`;
    return new OpenFunnelError(
      'invalid_configuration',
      `The files of this server could not be read or written: ${why}. Ask the user to fix that, or to set OPENFUNNEL_STATE_DIR to a writable folder. Then call again.`,
      facts,
    );
  }
  const bug = error instanceof QueryError && error.failure.kind === 'bug' ? error.failure : null;
  onBug(tool.name, bug ? new Error(bug.name, { cause: bug.stack }) : error);
  return new OpenFunnelError(
    'upstream_invalid_response',
    'This server had an internal error during the call. See its log on stderr.',
    facts,
  );
}

/** Whether the system refused work on a file; what is exported has errors of its own. */
function isDiskError(error: unknown): error is NodeJS.ErrnoException {
  const { code, syscall } = (error ?? {}) as NodeJS.ErrnoException;
  return (
    typeof code === 'string' &&
    /^(?:open|mkdir|read|write|scandir|rename|link|unlink|f?stat|lstat|f?sync|rm)/.test(syscall ?? '')
  );
}

/** What a model sends is recorded, shown and sent upstream: the API key is none of that. */
export function keyRefused(): OpenFunnelError {
  return invalidInput(
    'The arguments contain the API key, which belongs only in OPENFUNNEL_API_KEY. Leave it out.',
  );
}
