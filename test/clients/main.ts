import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { AGENTS } from './agents.ts';
import { runConformance } from './conformance.ts';
import { STEPS } from './conversation.ts';
import { HERE, install, MODULES, nodeOf } from './install.ts';
import { startProvider } from './provider.ts';
import { type ClientRow, RESULTS_FILE, type Results } from './results.ts';
import { bare, inHome, ROOT, run, serverIn } from './run.ts';

// Runs the built server with clients that others wrote. `npm run clients` runs all and rewrites the table's data;
// with --ci, only those that CI runs, and nothing is written. Names choose some.
/** Name of an adapter, an agent or the suite, the package whose version counts, and what to call it. */
const CLIENTS = [
  {
    id: 'conformance',
    title: 'Conformance suite',
    package: '@modelcontextprotocol/conformance',
    ci: true,
  },
  { id: 'sdk-1', title: 'SDK 1', package: '@modelcontextprotocol/sdk', ci: true },
  { id: 'sdk-2', title: 'SDK 2', package: '@modelcontextprotocol/client', ci: true },
  { id: 'inspector', title: 'Inspector', package: '@modelcontextprotocol/inspector', ci: true },
  { id: 'codex', title: 'Codex', package: '@openai/codex', ci: true },
  { id: 'claude-code', title: 'Claude Code', package: '@anthropic-ai/claude-code', ci: false },
  {
    id: 'claude-code-plugin',
    title: 'Claude Code, plugin',
    package: '@anthropic-ai/claude-code',
    ci: false,
  },
  { id: 'gemini-cli', title: 'Gemini CLI', package: '@google/gemini-cli', ci: false },
  { id: 'opencode', title: 'opencode', package: 'opencode-ai', ci: false },
  { id: 'cline', title: 'Cline', package: 'cline', ci: false },
  { id: 'ai-sdk', title: 'AI SDK', package: '@ai-sdk/mcp', ci: false },
  { id: 'langchain', title: 'LangChain', package: '@langchain/mcp-adapters', ci: false },
  { id: 'mastra', title: 'Mastra', package: '@mastra/mcp', ci: false },
  { id: 'mcp-use', title: 'mcp-use', package: 'mcp-use', ci: false },
  { id: 'mcporter', title: 'mcporter', package: 'mcporter', ci: false },
  { id: 'openai-agents', title: 'OpenAI Agents', package: '@openai/agents', ci: false },
] as const;

const { values, positionals } = parseArgs({
  options: { ci: { type: 'boolean' } },
  allowPositionals: true,
});
const chosen = CLIENTS.filter(
  ({ id, ci }) => (positionals.length === 0 || positionals.includes(id)) && (ci || !values.ci),
);
install(chosen.every(({ ci }) => ci));
/** New enough for every client; on platforms without it, the one that runs this. */
const NODE = nodeOf('24') ?? process.execPath;

const rows: ClientRow[] = [];
for (const { id, title, package: name } of chosen) {
  const version = JSON.parse(readFileSync(join(MODULES, name, 'package.json'), 'utf8')).version;
  const started = Date.now();
  const row: ClientRow = { id, title, version, ...(await runClient(id)) };
  rows.push(row);
  const failed = Object.entries(row.steps).filter(([, outcome]) => outcome !== true);
  process.stdout.write(
    `${failed.length === 0 ? 'ok    ' : 'failed'}  ${title} ${version}: ${Object.keys(row.steps).join(', ')} (${Date.now() - started} ms)\n`,
  );
  for (const [step, outcome] of failed) process.stdout.write(`        ${step}: ${outcome}\n`);
}
const failures = rows.filter(({ steps }) => Object.values(steps).some((outcome) => outcome !== true));
if (!values.ci) save(rows);
process.stdout.write(`${rows.length - failures.length} passed, ${failures.length} failed\n`);
process.exitCode = failures.length === 0 ? 0 : 1;

function runClient(id: string): Promise<Pick<ClientRow, 'steps'>> {
  if (id === 'conformance') return inHome(runConformance);
  return id in AGENTS ? runAgent(id) : runAdapter(id);
}

async function runAdapter(id: string): Promise<Pick<ClientRow, 'steps'>> {
  return inHome(async (home) => {
    const env = { ...bare(home), CLIENTS_SERVER: JSON.stringify(serverIn(home)) };
    const { output, code } = await run(NODE, [join(HERE, `adapters/${id}.ts`)], env, HERE);
    const last = output
      .trim()
      .split('\n')
      .findLast((line) => line.startsWith('{"steps"'));
    return last
      ? { steps: JSON.parse(last).steps }
      : { steps: { connect: `exit code ${code}: ${output.slice(-600)}` } };
  });
}

async function runAgent(id: string): Promise<Pick<ClientRow, 'steps'>> {
  const provider = await startProvider();
  try {
    return await inHome(async (home) => {
      const agent = AGENTS[id]?.({
        home,
        modules: MODULES,
        node: NODE,
        provider: provider.url,
        server: serverIn(home),
      });
      if (!agent) throw new Error(`no agent ${id}`);
      const env = { ...bare(home), ...agent.env };
      for (const [command = '', ...args] of agent.before ?? []) {
        const { output, code } = await run(command, args, env, home);
        if (code !== 0) return { steps: { connect: `${args.join(' ')}: ${output.slice(-600)}` } };
      }
      const { output, code } = await run(agent.command, agent.args, env, home);
      const conversation = provider.conversation();
      if (!conversation) return { steps: { connect: `exit code ${code}: ${output.slice(-600)}` } };
      return { steps: { connect: true, list: true, ...conversation.outcome() } };
    });
  } finally {
    await provider.close();
  }
}

/** Puts these rows in the place of older ones of the same clients. */
function save(newRows: readonly ClientRow[]): void {
  const path = join(ROOT, RESULTS_FILE);
  const before: Results = existsSync(path)
    ? JSON.parse(readFileSync(path, 'utf8'))
    : { steps: [], clients: [] };
  const clients = CLIENTS.flatMap(
    ({ id }) => newRows.find((row) => row.id === id) ?? before.clients.find((row) => row.id === id) ?? [],
  );
  const steps = ['connect', 'list', ...STEPS, 'resources', 'prompts'];
  const results: Results = {
    steps: steps.filter((step) => clients.some((row) => step in row.steps)),
    clients,
  };
  writeFileSync(path, `${JSON.stringify(results, null, 2)}\n`);
}
