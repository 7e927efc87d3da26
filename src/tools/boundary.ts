import type * as z from 'zod';
import { oneLine } from '../lib/text.ts';
import { OpenFunnelError } from '../openfunnel/errors.ts';
import { failure, invalidInput, type ToolResult } from '../results/result.ts';
import type { Services, ToolCall, ToolDefinition } from './define-tool.ts';

/** Said in every result of sandbox mode. */
export const SANDBOX_NOTICE = 'SANDBOX: these companies are made up, and no real credits are spent.';

/** Reported when a handler fails in a way that it should not; the message must carry no key, query or row. */
export type OnBug = (tool: string, error: unknown) => void;

/**
 * The one place where input is checked and failures become results. Never rejects but with the signal's
 * reason, when the client has cancelled.
 */
export async function callTool(
  tool: ToolDefinition,
  input: unknown,
  services: Services,
  call: ToolCall,
  onBug: OnBug,
): Promise<ToolResult> {
  const result = await run(tool, input, services, call, onBug);
  if (!services.sandbox) return result;
  const notices = (result.structuredContent.notices as string[] | undefined) ?? [];
  return {
    ...result,
    content: result.content.map((part) =>
      part.type === 'text' ? { type: 'text', text: `${SANDBOX_NOTICE}\n${part.text}` } : part,
    ),
    structuredContent: { ...result.structuredContent, notices: [SANDBOX_NOTICE, ...notices] },
  };
}

async function run(
  tool: ToolDefinition,
  input: unknown,
  services: Services,
  call: ToolCall,
  onBug: OnBug,
): Promise<ToolResult> {
  try {
    if (services.holdsKey(JSON.stringify(input ?? {}))) throw keyRefused();
    const opened = tool.open(input ?? {});
    if ('issues' in opened) throw invalidInput(describe(tool, opened.issues));
    return await opened.run(services, call);
  } catch (error) {
    if (call.signal.aborted) throw call.signal.reason;
    if (error instanceof OpenFunnelError) return failure(error);
    onBug(tool.name, error);
    return failure(
      new OpenFunnelError(
        'upstream_invalid_response',
        'Something unexpected went wrong inside this server while it handled the call. See its log on stderr.',
        tool.submits ? { submitted: 'unknown' } : {},
      ),
    );
  }
}

/** What a model sends is recorded, shown and sent upstream: the API key is none of that. */
export function keyRefused(): OpenFunnelError {
  return invalidInput(
    'The arguments hold the API key, which belongs in OPENFUNNEL_API_KEY alone: leave it out.',
  );
}

function describe(tool: ToolDefinition, issues: readonly z.core.$ZodIssue[]): string {
  const known = Object.keys(tool.input.shape).join(', ');
  const said = issues.slice(0, 5).map((issue) => {
    if (issue.code === 'unrecognized_keys') {
      const names = issue.keys.slice(0, 10).map((key) => `"${oneLine(key, 60)}"`);
      return `unknown parameter ${names.join(', ')} (known: ${known})`;
    }
    const path = issue.path.map(String).join('.');
    return `${path === '' ? 'the arguments' : oneLine(path, 80)}: ${oneLine(issue.message, 300)}`;
  });
  return `Invalid input for ${tool.name}: ${said.join('; ')}.`;
}
