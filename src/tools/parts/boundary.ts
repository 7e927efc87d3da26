import { ProgramReplaced } from '../../lib/later.ts';
import { OpenFunnelError } from '../../openfunnel/errors.ts';
import {
  failure,
  invalidInput,
  replaced,
  reworded,
  type ToolResult,
  withNotices,
} from '../../results/result.ts';
import type { Services, ToolCall, ToolDefinition } from './define-tool.ts';
import { describeIssues } from './input-errors.ts';
import { understand } from './liberal-input.ts';
import { renamed } from './old-names.ts';

/** Said in every result of sandbox mode. */
export const SANDBOX_NOTICE = 'SANDBOX: these companies are made up, and no real credits are spent.';

/** Reported when a handler fails in a way that it should not; the message must carry no key, query or row. */
export type OnBug = (tool: string, error: unknown) => void;

/**
 * The one place where input is checked and failures become results. Never rejects but with the signal's
 * reason, when the client has cancelled.
 *
 * @param open Gives the services; throws `invalid_configuration` where they can't be made.
 */
export async function callTool(
  tool: ToolDefinition,
  input: unknown,
  open: () => Promise<Services>,
  call: ToolCall,
  onBug: OnBug,
): Promise<ToolResult> {
  let services: Services;
  try {
    services = await open();
  } catch (error) {
    if (error instanceof OpenFunnelError) return failure(error);
    if (error instanceof ProgramReplaced) return failure(replaced(error), { submits: tool.submits === true });
    throw error;
  }
  const result = await run(tool, input, services, call, onBug);
  const sandbox = services.sandbox ? [SANDBOX_NOTICE] : [];
  return reworded(
    withNotices(result, [...sandbox, ...services.notices, ...services.news()]),
    services.settingsWords,
  );
}

async function run(
  tool: ToolDefinition,
  input: unknown,
  services: Services,
  call: ToolCall,
  onBug: OnBug,
): Promise<ToolResult> {
  let notices: string[] = [];
  try {
    if (services.holdsKey(JSON.stringify(input ?? {}))) throw keyRefused();
    const given = renamed(input, tool.aliases ?? {});
    const understood = understand(tool.input, given, tool.guards ?? null, tool.guardedWords);
    notices = understood.notices;
    const opened = tool.open(understood.input);
    if ('issues' in opened) throw invalidInput(describeIssues(tool.name, opened.issues, understood.input));
    return withNotices(await opened.run(services, call), notices);
  } catch (error) {
    if (call.signal.aborted) throw call.signal.reason;
    if (error instanceof OpenFunnelError)
      return withNotices(failure(error, { submits: tool.submits === true }), notices);
    if (error instanceof ProgramReplaced)
      return withNotices(failure(replaced(error), { submits: tool.submits === true }), notices);
    if (isDiskError(error))
      return withNotices(failure(unusableFolder(error, tool), { submits: tool.submits === true }), notices);
    onBug(tool.name, error);
    return failure(
      new OpenFunnelError(
        'upstream_invalid_response',
        'This server had an internal error during the call. See its log on stderr.',
        tool.submits ? { submitted: 'unknown' } : {},
      ),
      { submits: tool.submits === true },
    );
  }
}

/** Whether the system refused work on a file; what is exported has errors of its own. */
function isDiskError(error: unknown): error is NodeJS.ErrnoException {
  const { code, syscall } = (error ?? {}) as NodeJS.ErrnoException;
  return (
    typeof code === 'string' &&
    /^(?:open|mkdir|read|write|scandir|rename|link|unlink|f?stat|lstat|f?sync|rm)/.test(syscall ?? '')
  );
}

function unusableFolder({ code }: NodeJS.ErrnoException, { submits }: ToolDefinition): OpenFunnelError {
  const full = code === 'ENOSPC' ? 'the disk is full' : `it can't be used (${code})`;
  return new OpenFunnelError(
    'invalid_configuration',
    `The files of this server could not be read or written: ${full}. Ask the user to fix that, or to set OPENFUNNEL_STATE_DIR to a writable folder. Then call again.`,
    submits ? { submitted: 'unknown' } : {},
  );
}

/** What a model sends is recorded, shown and sent upstream: the API key is none of that. */
export function keyRefused(): OpenFunnelError {
  return invalidInput(
    'The arguments contain the API key, which belongs only in OPENFUNNEL_API_KEY. Leave it out.',
  );
}
