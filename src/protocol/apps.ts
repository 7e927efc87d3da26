import type { ClientCapabilities, Implementation, Tool } from '@modelcontextprotocol/sdk/types.js';
import { isRecord } from '../lib/json.ts';
import type { ViewRole } from '../tools/parts/define-tool.ts';

// The view inside the chat (MCP Apps, specification 2026-01-26): who is told of it, and how.

/** Where the table of companies is read. */
export const VIEW_URI = 'ui://openfunnel-lookalikes/companies.html';
const MIME_TYPE = 'text/html;profile=mcp-app';
const EXTENSION = 'io.modelcontextprotocol/ui';

/** A tool's `_meta` by its role. */
export function viewMeta(role: ViewRole): Record<string, unknown> {
  if (role === 'only') return { ui: { visibility: ['app'] } };
  if (role === 'never') return { ui: { visibility: ['model'] } };
  // Older hosts read the flat, deprecated key.
  return { ui: { resourceUri: VIEW_URI }, 'ui/resourceUri': VIEW_URI };
}

/** Whether the client shows views: it announces the extension and the type, or is VS Code, which may not announce it. */
export function showsViews(
  capabilities: ClientCapabilities | undefined,
  client: Implementation | undefined,
): boolean {
  if (client?.name.startsWith('Visual Studio Code')) return true;
  const extension: unknown = capabilities?.extensions?.[EXTENSION];
  return (
    isRecord(extension) && (!Array.isArray(extension.mimeTypes) || extension.mimeTypes.includes(MIME_TYPE))
  );
}

/** The tools as this client may see them: one that shows no views sees no trace of them. */
export function toolsFor(tools: readonly Tool[], views: boolean): Tool[] {
  if (views) return [...tools];
  return tools.flatMap(({ _meta, ...tool }) => {
    const ui = _meta?.ui as { resourceUri?: string; visibility?: string[] } | undefined;
    return ui?.resourceUri !== undefined || ui?.visibility?.includes('model') === false ? [] : [tool];
  });
}

export const VIEW_RESOURCE = {
  uri: VIEW_URI,
  name: 'companies-view',
  title: 'Table of companies',
  description: 'The table that show_companies opens in clients that show MCP Apps.',
  mimeType: MIME_TYPE,
};

/** The view as `resources/read` answers it. It asks for the clipboard, to copy a path, and for nothing else. */
export function viewContents(html: string) {
  return {
    uri: VIEW_URI,
    mimeType: MIME_TYPE,
    text: html,
    _meta: { ui: { permissions: { clipboardWrite: {} }, prefersBorder: true } },
  };
}
