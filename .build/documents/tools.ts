import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROMPTS } from '../../src/prompts/prompts.ts';
import { CORE_TOOLS } from '../../src/tools/catalogue.ts';
import { type ModelTool, modelTools } from '../model-tools.ts';
import { ROOT } from '../package/project.ts';

/** The parts of a JSON Schema that are shown. */
interface Schema {
  type?: string | string[];
  description?: string;
  enum?: unknown[];
  items?: Schema;
  properties?: Record<string, Schema>;
  required?: string[];
}

/** The state of each tool that is shown as its example, where it is not the first that is no error. */
const EXAMPLES: Readonly<Record<string, string>> = {
  submit_lookalikes_bulk: 'submitted',
  wait_and_collect: 'completed',
  get_bulk_status: 'running',
  get_bulk_page: 'default',
  list_bulk_jobs: 'one',
  export_bulk_results: 'written',
};
/** Lines of a result that are shown. */
const EXAMPLE_LINES = 30;
const SNAPSHOTS = join(ROOT, 'test/snapshots');

/** TOOLS.md: every tool and prompt from its definition, with an example from the checked-in results. */
export function toolsDocument(): string {
  const tools = modelTools();
  return `# Tools and prompts

Written by \`npm run documents\` from the definitions that clients get; don't edit it. The rule in all of them:
**completion is read from \`status\`, never from a null \`next_cursor\`.** Every result stands in text and, the same facts,
in structured content. The examples' companies are made up. \`OPENFUNNEL_TOOLS=core\` serves the first ${CORE_TOOLS} alone.

${tools.map(({ name, title }) => `- [\`${name}\`](#${name}): ${title}`).join('\n')}

${tools.map(toolSection).join('\n')}
## Prompts

${PROMPTS.map(promptSection).join('\n')}`;
}

function toolSection({
  name,
  description,
  inputSchema,
  outputSchema,
  annotations,
  needsView,
}: ModelTool): string {
  return `## ${name}

${escaped(description)}

_${behaviour(annotations)}${needsView ? '; only in clients that show MCP Apps' : ''}_

${parameters(inputSchema as Schema)}
${example(name)}
<details><summary>Fields of the result</summary>

${fields(outputSchema as Schema)}

</details>
`;
}

/** What the tool's annotations promise, in words. */
function behaviour({
  readOnlyHint,
  destructiveHint,
  idempotentHint,
  openWorldHint,
}: Record<string, unknown>): string {
  return [
    readOnlyHint === true
      ? 'Changes nothing'
      : destructiveHint === true
        ? 'Changes things for good'
        : 'Adds something',
    ...(readOnlyHint !== true && idempotentHint === true ? ['calling it again changes nothing more'] : []),
    openWorldHint === false ? 'stays on this machine' : 'asks OpenFunnel',
  ].join('; ');
}

function parameters({ properties = {}, required = [] }: Schema): string {
  const rows = Object.entries(properties);
  if (rows.length === 0) return 'No parameters.\n';
  return `| Parameter | Type | |
| --- | --- | --- |
${rows
  .map(
    ([name, schema]) =>
      `| \`${name}\`${required.includes(name) ? '' : '?'} | ${typeOf(schema)} | ${cell(schema.description ?? '')} |`,
  )
  .join('\n')}
`;
}

function fields({ properties = {} }: Schema): string {
  return Object.entries(properties)
    .map(
      ([name, schema]) =>
        `- \`${name}\` (${typeOf(schema)})${schema.description ? `: ${escaped(schema.description)}` : ''}`,
    )
    .join('\n');
}

function typeOf({ type, enum: values, items }: Schema): string {
  if (values) return values.map((value) => `\`${value}\``).join(', ');
  if (type === 'array') return `list of ${items ? typeOf(items) : 'anything'}`;
  return Array.isArray(type) ? type.join(' or ') : (type ?? 'anything');
}

/** A call and its text from the checked-in results, shortened. */
function example(tool: string): string {
  const folder = join(SNAPSHOTS, tool);
  if (!existsSync(folder)) return '';
  const states = readdirSync(folder).filter((file) => file.endsWith('.md'));
  const wanted = `${EXAMPLES[tool]}.md`;
  const candidates = states.includes(wanted) ? [wanted] : states;
  for (const file of candidates) {
    const snapshot = readFileSync(join(folder, file), 'utf8');
    const [, call = '{}'] = /^# \w+ (\{.*\})$/m.exec(snapshot) ?? [];
    const [, text = ''] = /^```text\n([\s\S]*?)\n```$/m.exec(snapshot) ?? [];
    if (text.includes('ERROR') && candidates.length > 1) continue;
    const lines = text.split('\n');
    const shown = lines
      .slice(0, EXAMPLE_LINES)
      .map((line) => (line.length > 400 ? `${line.slice(0, 400)} …` : line));
    const more = lines.length > EXAMPLE_LINES ? `\n… ${lines.length - EXAMPLE_LINES} lines more` : '';
    return `Example: \`${call}\`\n\n\`\`\`text\n${shown.join('\n')}${more}\n\`\`\`\n`;
  }
  return '';
}

function promptSection({ name, description, arguments: given }: (typeof PROMPTS)[number]): string {
  const list = given.map(
    (argument) => `- \`${argument.name}\`${argument.required ? '' : '?'}: ${escaped(argument.description)}`,
  );
  return `### ${name}\n\n${escaped(description)}\n\n${list.join('\n')}\n`;
}

function escaped(text: string): string {
  return text.replaceAll('<', '&lt;').replaceAll('*', '\\*');
}

function cell(text: string): string {
  return escaped(text).replaceAll('|', '\\|').replaceAll('\n', ' ');
}
