import type { Server } from '@modelcontextprotocol/sdk/server/index.js';
import { ElicitResultSchema, ErrorCode, McpError } from '@modelcontextprotocol/sdk/types.js';
import type { Answered } from '../spending/confirm.ts';
import type { ToolCall } from '../tools/parts/define-tool.ts';

/** A person gets this long to answer a form. Milliseconds. */
const FORM_MS = 10 * 60 * 1000;

/** `ToolCall.ask` over a client's forms (MCP, "Elicitation"). */
export function askBy(server: Server, signal: AbortSignal): ToolCall['ask'] {
  return async (question) => {
    // A client that names only the other mode has no forms.
    if (!server.getClientCapabilities()?.elicitation?.form) return 'unavailable';
    try {
      const params = {
        mode: 'form',
        message: question,
        requestedSchema: {
          type: 'object',
          // No default: a client that sends defaults back would say yes for a person who said nothing.
          properties: { confirm: { type: 'boolean', title: 'Spend the credits', description: question } },
          required: ['confirm'],
        },
      } as const;
      // Whatever the client sends for it is looked into here, and not by the SDK, which refuses a text.
      const asked = { method: 'elicitation/create', params } as const;
      const { action, content } = await server.request(asked, ElicitResultSchema, {
        signal,
        timeout: FORM_MS,
      });
      return meaningOf(action, content?.confirm);
    } catch (error) {
      signal.throwIfAborted();
      const none = error instanceof McpError && error.code === ErrorCode.MethodNotFound;
      return none ? 'unavailable' : 'unanswered';
    }
  };
}

/** Only what can't be meant otherwise is a yes or a no. */
function meaningOf(action: string, confirm: unknown): Answered {
  if (action === 'decline') return 'no';
  if (action !== 'accept') return 'unanswered';
  const word = typeof confirm === 'string' ? confirm.trim().toLowerCase() : confirm;
  if (word === true || word === 1 || word === 'true' || word === 'yes' || word === '1') return 'yes';
  if (word === undefined || word === null || word === '') return 'unanswered';
  return 'no';
}
