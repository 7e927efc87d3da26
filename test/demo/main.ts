// A newcomer's first look: the built server over stdio, on its sandbox, driven as an agent would drive it.
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { styleText } from 'node:util';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { getDefaultEnvironment, StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { z } from 'zod';
import { exportBulkResults } from '../../src/tools/export-bulk-results.ts';
import { getBulkPage } from '../../src/tools/get-bulk-page.ts';
import { getBulkStatus } from '../../src/tools/get-bulk-status.ts';
import type { ToolDefinition } from '../../src/tools/parts/define-tool.ts';
import { queryCompanies } from '../../src/tools/query-companies.ts';
import { submitLookalikesBulk } from '../../src/tools/submit-lookalikes-bulk.ts';
import { waitAndCollect } from '../../src/tools/wait-and-collect.ts';
import { makeFolder } from '../temporary-folder.ts';
import { ProgressBar } from './progress.ts';
import { type Column, renderTable } from './table.ts';

const SERVER = fileURLToPath(new URL('../../dist/index.js', import.meta.url));
const CALL_TIMEOUT_MS = 120_000;
/** Waits of 45 s each: far more than the sandbox takes at its usual speed. */
const MAX_WAITS = 20;
/** A folder of its own for each run: a second one within 24 hours shows a job that runs, not the first one's. */
const FOLDER = makeFolder();
/** Of no use when the demo has ended, unlike the file. */
const STATE_FOLDER = join(FOLDER.path, 'state');

const SUBMIT_ARGUMENTS = {
  seed_domains: ['ramp.example', 'brex.example'],
  query: 'spend management for startups',
  limit: 250,
};

/** Wide columns where there is room; the narrow ones fit a terminal of 80. */
const ROOMY = (process.stdout.columns ?? 120) >= 115;

const COLUMNS: readonly Column[] = [
  { title: 'Company', field: 'name', width: ROOMY ? 30 : 20 },
  { title: 'Domain', field: 'domain', width: ROOMY ? 28 : 19 },
  { title: 'Headquarters', field: 'headquarters', width: ROOMY ? 24 : 14 },
  { title: 'Employees', field: 'employees', width: 9, align: 'right' },
  { title: 'Stage', field: 'funding_stage', width: ROOMY ? 14 : 8 },
];

/** Counted by SQL, where an agent would otherwise read and count rows. */
const QUESTION = (jobId: string) => ({
  sql: 'SELECT country, count(*) AS companies, round(avg(employees)) AS employees, name AS largest, max(employees) AS most FROM companies WHERE same_as IS NULL AND country IS NOT NULL GROUP BY country ORDER BY companies DESC LIMIT 5',
  job_ids: [jobId],
});

const COUNTRY_COLUMNS: readonly Column[] = [
  { title: 'Country', field: 'country', width: 20 },
  { title: 'Companies', field: 'companies', width: 9, align: 'right' },
  { title: 'Avg. employees', field: 'employees', width: 14, align: 'right' },
  { title: 'Largest', field: 'largest', width: ROOMY ? 30 : 20 },
  { title: 'Employees', field: 'most', width: 9, align: 'right' },
];

type Collected = z.output<typeof waitAndCollect.output>;
type Counts = NonNullable<Collected['summary']>['top_countries'];

/** A failure whose message is all that the user needs to see. */
class DemoError extends Error {}

const colour = process.stdout.isTTY === true && !process.env.NO_COLOR;
const bold = (text: string) => (colour ? styleText('bold', text) : text);
const dim = (text: string) => (colour ? styleText('dim', text) : text);
const accent = (text: string) => (colour ? styleText('cyan', text) : text);

const interruption = new AbortController();
const bar = new ProgressBar(process.stdout);
const client = new Client({ name: 'openfunnel-lookalikes-demo', version: '1.0.0' });

const inEvery = z.object({ next_step: z.string().default('') });

/** Makes a tool call, shows it, and hands back its structured content, checked against the tool's own schema. */
async function call<Input extends z.ZodObject, Output extends z.ZodObject>(
  { name, output }: ToolDefinition & { input: Input; output: Output },
  args: z.input<Input>,
): Promise<z.output<Output> & z.output<typeof inEvery>> {
  console.log(`\n${accent('→')} ${bold(name)} ${JSON.stringify(args)}`);
  try {
    const result = await client.callTool({ name, arguments: args }, undefined, {
      onprogress: (step) => bar.show(step),
      timeout: CALL_TIMEOUT_MS,
      resetTimeoutOnProgress: true,
      signal: interruption.signal,
    });
    if (result.isError === true) throw new DemoError(`${name} failed: ${textOf(result.content)}`);
    const parsed = output.safeParse(result.structuredContent);
    if (parsed.success) return { ...parsed.data, ...inEvery.parse(result.structuredContent) };
    throw new DemoError(`${name} answered in an unexpected shape:\n${z.prettifyError(parsed.error)}`);
  } finally {
    bar.clear();
  }
}

function textOf(content: unknown): string {
  const blocks = z.array(z.looseObject({ text: z.string().optional() })).safeParse(content);
  return blocks.success ? blocks.data.map((block) => block.text ?? '').join('\n') : 'no text';
}

function answer(text: string): void {
  console.log(`${accent('←')} ${text}`);
}

function note(text: string): void {
  console.log(`  ${dim(text)}`);
}

function list(values: Counts): string {
  return Object.entries(values)
    .slice(0, 5)
    .map(([value, count]) => `${value} ${count}`)
    .join(', ');
}

/** Shows the rows of a result, a list of cells each, under the titles of these columns. */
function table(shown: readonly Column[], { columns, rows }: { columns: string[]; rows: unknown[][] }): void {
  const missing = shown.filter(({ field }) => !columns.includes(field));
  if (missing.length > 0)
    throw new DemoError(`the rows have no ${missing.map(({ field }) => field).join(', ')}`);
  const records = rows.map((cells) => Object.fromEntries(columns.map((name, at) => [name, cells[at]])));
  console.log();
  for (const line of renderTable(shown, records)) console.log(`  ${line}`);
}

/** From the submit to the file; its path. */
async function converse(): Promise<string> {
  const job = await call(submitLookalikesBulk, SUBMIT_ARGUMENTS);
  answer(`job ${job.job_id} is ${job.status}; it costs ${job.max_credits} credits at most`);
  note(job.next_step);

  const look = await call(getBulkStatus, { job_id: job.job_id });
  answer(
    `${look.status}; stage: ${look.stage ?? 'not known yet'}; processed: ${look.processed ?? 'none yet'}`,
  );
  note(look.next_step);

  const { outcome, seconds, polls } = await waitForEnd(job.job_id);
  if (!outcome.complete) throw new DemoError(`the job is ${outcome.status}, and its list not complete`);
  answer(
    `${outcome.status} after ${Math.round(seconds)} s and ${polls} polls; pages read: ${outcome.pages.length}`,
  );
  note(outcome.next_step);
  showSummary(outcome);

  const page = await call(getBulkPage, { job_id: job.job_id, max_rows: 10 });
  answer(`the first ${page.rows.length} of ${page.row_count} companies on this page`);
  table(COLUMNS, page);

  const asked = await call(queryCompanies, QUESTION(job.job_id));
  answer(
    `a question of the list: companies by country, and the largest in each (${asked.row_count} countries)`,
  );
  table(COUNTRY_COLUMNS, asked);

  const file = await call(exportBulkResults, { job_id: job.job_id, exclude: ['duplicates'] });
  answer(
    `${file.rows} companies, each one once, in a ${file.format} file of ${Math.ceil(file.bytes / 1024)} kB`,
  );
  if (!existsSync(file.path)) throw new DemoError(`there is no file ${file.path}`);
  return file.path;
}

/** Waits as an agent should: time up is no error, the same call again goes on where the last one stopped. */
async function waitForEnd(jobId: string) {
  let seconds = 0;
  let polls = 0;
  for (let waits = 0; waits < MAX_WAITS; waits += 1) {
    const outcome = await call(waitAndCollect, { job_id: jobId, max_wait_seconds: 45 });
    seconds += outcome.waited_seconds;
    polls += outcome.polls;
    if (outcome.complete || outcome.terminal) return { outcome, seconds, polls };
    answer(`time is up, the job is still ${outcome.status}; nothing is lost`);
    note(outcome.next_step);
  }
  throw new DemoError(`job ${jobId} did not end within ${MAX_WAITS} waits`);
}

function showSummary({ summary, manifest }: Collected): void {
  if (summary === null) return;
  const facts: Array<[string, string]> = [
    ['Companies', `${summary.companies}`],
    [
      'Domains',
      `${summary.unique_domains} unique, ${summary.duplicate_domains} duplicates, ${summary.without_domain} companies without one`,
    ],
    ['Countries', list(summary.top_countries)],
    ['Employees', list(summary.employee_sizes)],
    ['Funding', list(summary.funding_stages)],
    ['Industries', list(summary.top_industries)],
    ['Credits', `${manifest?.credits_consumed ?? 'unknown'}`],
  ];
  console.log();
  for (const [title, text] of facts) console.log(`  ${bold(title.padEnd(11))} ${text}`);
}

/** Ends the server with the demo, quietly. */
function onSignal(exitCode: number): void {
  if (interruption.signal.aborted) process.exit(exitCode);
  interruption.abort();
  bar.clear();
  client
    .close()
    .catch(() => {})
    .finally(() => {
      FOLDER.remove();
      process.exit(exitCode);
    });
}

async function main(): Promise<void> {
  if (!existsSync(SERVER)) throw new DemoError('the server is not built yet: run `npm run build` first');
  console.log(bold('OpenFunnel lookalikes over MCP: a bulk job from submit to file'));
  note('Sandbox: no key is needed, nothing is billed, and every company below is made up.');
  const env = getDefaultEnvironment();
  env.OPENFUNNEL_STATE_DIR = STATE_FOLDER;
  env.OPENFUNNEL_EXPORT_DIR = join(FOLDER.path, 'exports');
  const speed = process.env.OPENFUNNEL_SANDBOX_SPEED;
  if (speed !== undefined) env.OPENFUNNEL_SANDBOX_SPEED = speed;
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [SERVER, '--sandbox'],
    env,
    stderr: process.env.DEMO_DEBUG ? 'inherit' : 'ignore',
  });
  await client.connect(transport, { signal: interruption.signal });
  const { tools } = await client.listTools(undefined, { signal: interruption.signal });
  note(`Tools: ${tools.map((tool) => tool.name).join(', ')}`);
  const path = await converse();
  console.log();
  note('These companies are made up. With a key in OPENFUNNEL_API_KEY and without --sandbox they are real;');
  note('the README says how to add the server to your client.');
  console.log(`\nThe list: ${path}`);
}

process.on('SIGINT', () => onSignal(130));
process.on('SIGTERM', () => onSignal(143));
// A reader that has seen enough (`npm run demo | head`) is no failure.
process.stdout.on('error', () => onSignal(0));

try {
  await main();
} catch (error) {
  if (!interruption.signal.aborted) {
    console.error(`\n${error instanceof Error ? error.message : String(error)}`);
    if (!(error instanceof DemoError) && !process.env.DEMO_DEBUG) {
      console.error("Set DEMO_DEBUG=1 to see the server's own messages.");
    }
    process.exitCode = 1;
  }
} finally {
  // After an interruption the handler closes and exits.
  if (!interruption.signal.aborted) {
    await client.close();
    if (process.exitCode === undefined) rmSync(STATE_FOLDER, { recursive: true, force: true });
    else FOLDER.remove();
  }
}
