import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { AGENTS, type ServerLaunch } from './agents.ts';
import { STEPS } from './conversation.ts';
import { HERE, install, MODULES, nodeOf } from './install.ts';
import { startProvider } from './provider.ts';
import { type ClientRow, RESULTS_FILE, type Results } from './results.ts';

// Runs the built server with clients that others wrote. `npm run clients` runs all and rewrites the table's data;
// with --ci, only those that CI runs, and nothing is written. Names choose some.
const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** No run takes longer, whatever a client waits for. Milliseconds. */
const LONGEST_RUN_MS = 180_000;

/** Name of an adapter or agent, the package whose version counts, and what to call it. */
const CLIENTS = [
  { id: 'sdk-1', title: 'SDK 1', package: '@modelcontextprotocol/sdk', ci: true },
  { id: 'sdk-2', title: 'SDK 2', package: '@modelcontextprotocol/client', ci: true },
  { id: 'inspector', title: 'Inspector', package: '@modelcontextprotocol/inspector', ci: true },
  { id: 'codex', title: 'Codex', package: '@openai/codex', ci: true },
  { id: 'claude-code', title: 'Claude Code', package: '@anthropic-ai/claude-code', ci: false },
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
const NODE = nodeOf(24) ?? process.execPath;

const rows: ClientRow[] = [];
for (const { id, title, package: name } of chosen) {
  const version = JSON.parse(readFileSync(join(MODULES, name, 'package.json'), 'utf8')).version;
  const started = Date.now();
  const row: ClientRow = { id, title, version, ...(await (id in AGENTS ? runAgent(id) : runAdapter(id))) };
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

/** A server on the sandbox, with folders of its own. */
function serverIn(home: string): ServerLaunch {
  return {
    command: process.execPath,
    args: [join(ROOT, 'dist/index.js')],
    env: {
      PATH: process.env.PATH ?? '',
      OPENFUNNEL_SANDBOX: '1',
      OPENFUNNEL_SANDBOX_SPEED: '20',
      OPENFUNNEL_STATE_DIR: join(home, 'state'),
      OPENFUNNEL_EXPORT_DIR: join(home, 'exports'),
    },
  };
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
      const { output, code } = await run(agent.command, agent.args, { ...bare(home), ...agent.env }, home);
      const conversation = provider.conversation();
      if (!conversation) return { steps: { connect: `exit code ${code}: ${output.slice(-600)}` } };
      return { steps: { connect: true, list: true, ...conversation.outcome() } };
    });
  } finally {
    await provider.close();
  }
}

/** An environment in which no client finds the settings of the person who runs this. */
function bare(home: string): Record<string, string> {
  return {
    PATH: process.env.PATH ?? '',
    HOME: home,
    USERPROFILE: home,
    XDG_CONFIG_HOME: join(home, '.config'),
    XDG_DATA_HOME: join(home, '.data'),
    XDG_CACHE_HOME: join(home, '.cache'),
    NO_COLOR: '1',
  };
}

async function inHome<T>(use: (home: string) => Promise<T>): Promise<T> {
  const home = mkdtempSync(join(tmpdir(), 'client-'));
  try {
    return await use(home);
  } finally {
    rmSync(home, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** Runs a client to its end, at most so long; what it printed, both streams together. */
function run(command: string, args: string[], env: Record<string, string>, cwd: string) {
  return new Promise<{ code: number | null; output: string }>((resolve) => {
    // A group of its own, so that nothing that the client started outlives it.
    const child = spawn(command, args, {
      cwd,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: process.platform !== 'win32',
    });
    let output = '';
    const endGroup = () => {
      try {
        if (child.pid) process.kill(process.platform === 'win32' ? child.pid : -child.pid, 'SIGKILL');
      } catch {
        // All of it has ended.
      }
    };
    const timer = setTimeout(endGroup, LONGEST_RUN_MS);
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk) => {
        output += chunk;
      });
    child.on('error', (error) => resolve({ code: null, output: `${error}` }));
    child.on('exit', (code) => {
      clearTimeout(timer);
      endGroup();
      resolve({ code, output });
    });
  });
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
