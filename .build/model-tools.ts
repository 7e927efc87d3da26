import { listTools } from '../src/protocol/listing.ts';
import { TOOLS } from '../src/tools/catalogue.ts';

/** A tool as clients list it, so far as documents and packages show it. */
export interface ModelTool {
  name: string;
  title: string;
  description: string;
  inputSchema: { properties?: Record<string, unknown>; required?: string[] };
  outputSchema: { properties?: Record<string, unknown> };
  annotations: Record<string, unknown>;
  /** Whether only clients that show MCP Apps list it. */
  needsView: boolean;
}

/** Every tool that a model can be given; tools that only the view calls are left out. */
export function modelTools(): ModelTool[] {
  const views = new Map(TOOLS.map(({ name, view }) => [name, view]));
  return listTools()
    .map((tool) => tool as unknown as ModelTool)
    .filter(({ name }) => views.get(name) !== 'only')
    .map((tool) => ({ ...tool, needsView: views.get(tool.name) === 'opens' }));
}
