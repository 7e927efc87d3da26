import { expect, test } from 'vitest';
import { SERVER_KEY } from '../../.build/install.ts';
import { TOOLS } from '../../src/tools/catalogue.ts';

/** What hosts put around a tool's name before a model gets it. `key` is the server's name in their configuration. */
const HOSTS: Readonly<Record<string, (key: string, tool: string) => string>> = {
  'Claude Code, Codex, LangChain': (key, tool) => `mcp__${key}__${tool}`,
  'Claude Code plugin': (key, tool) => `mcp__plugin_${key}_${key}__${tool}`,
  'Claude Desktop extension': (_key, tool) => `mcp__OpenFunnel_Lookalikes__${tool}`,
  'VS Code, Gemini CLI, Cursor': (key, tool) => `mcp_${key}_${tool}`,
  'Cline, Roo Code': (key, tool) => `mcp--${key}--${tool}`,
  'Goose, Continue': (key, tool) => `${key}__${tool}`,
  'opencode, Mastra': (key, tool) => `${key}_${tool}`,
  'Copilot CLI': (key, tool) => `${key}-${tool}`,
  LibreChat: (key, tool) => `${tool}_mcp_${key}`,
};
/** Several providers of models refuse a request in which the name of a tool is longer. Characters. */
const LONGEST = 64;

test.each(Object.entries(HOSTS))('%s: every provider accepts the name of every tool', (_host, named) => {
  const names = TOOLS.map(({ name }) => named(SERVER_KEY, name));
  expect(names.filter((name) => name.length > LONGEST || !/^[a-zA-Z0-9_-]+$/.test(name))).toEqual([]);
});
