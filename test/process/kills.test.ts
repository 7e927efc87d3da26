import { spawn } from 'node:child_process';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'csv-parse/sync';
import { build } from 'esbuild';
import { expect, test } from 'vitest';
import type { Rows } from '../real-rows.ts';
import { scaled } from '../scale.ts';
import { StdioServer } from '../stdio-server.ts';
import { cursorOf, json, pageOf, shared, temporaryFolder, upstream } from '../upstream.ts';

const PAGES: Rows[] = Array.from({ length: 12 }, (_, page) =>
  Array.from({ length: 100 }, (_, row) => ({
    name: `Company ${page * 100 + row}`,
    domain: `c${page * 100 + row}.example`,
    // Long enough for the writing of the rows to be met.
    description: 'what it does '.repeat(800),
  })),
);
const ROWS = 1_200;
/** What is being done when a kill is sent. */
type Moment = 'a page is served' | 'rows are written';
const WRITING = 'while rows were written';

/** How many kills landed where, for people to read. */
function tell(title: string, landed: ReadonlyMap<string, number>): void {
  const counts = [...landed].map(([where, count]) => `${count} ${where}`).join(', ');
  process.stderr.write(`${title}: ${counts}\n`);
}

function count(landed: Map<string, number>, where: string, by = 1): void {
  landed.set(where, (landed.get(where) ?? 0) + by);
}

/** Where the server was when it died, as its folder tells: sizes of temporary files, and whole files. */
function whereIn(folder: string): string {
  const names = readdirSync(folder);
  const temporary = names.filter((name) => name.endsWith('.tmp'));
  if (temporary.length < names.length) return 'after the file had its name';
  if (temporary.some((name) => (statSync(join(folder, name), { throwIfNoEntry: false })?.size ?? 0) > 0))
    return WRITING;
  return temporary.length > 0 ? 'with an empty temporary file' : 'before there was a file';
}

test('a server killed while it reads and writes leaves a whole file or none', async () => {
  const landed = new Map<string, number>();
  const rounds = scaled(1);
  for (const served of Array.from({ length: rounds }, (_, round) => (round * 7 + 5) % PAGES.length))
    count(landed, await killedDuringExport('a page is served', served));
  // Nothing stops the server there: a kill that comes late is counted as what it was, and another is sent.
  for (let round = 0; round < 10 * rounds && (landed.get(WRITING) ?? 0) < rounds; round += 1)
    count(landed, await killedDuringExport('rows are written'));
  tell('kills during an export', landed);
  expect(landed.get(WRITING)).toBe(rounds);
}, 120_000);

/** Kills a server in the middle of an export and tells where it was; fails where half a file has a name. */
async function killedDuringExport(moment: Moment, served = 0): Promise<string> {
  const folder = temporaryFolder();
  let kill = () => {};
  const { url } = await upstream(({ path }, res) => {
    const cursor = cursorOf(path);
    const index = cursor === null ? 0 : Number(cursor.slice(5));
    if (moment === 'a page is served' && index === served) kill();
    else json(res, pageOf(PAGES, cursor));
  });
  const server = new StdioServer({
    env: { OPENFUNNEL_API_KEY: 'of_x', OPENFUNNEL_BASE_URL: url, OPENFUNNEL_EXPORT_DIR: folder },
  });
  kill = () => void server.process.kill('SIGKILL');
  await server.initialize();
  let over = false;
  const end = () => {
    over = true;
  };
  const exporting = server.call('export_bulk_results', { job_id: 'job-1' }).then(end, end);
  while (!over) {
    if (moment === 'rows are written' && whereIn(folder) === WRITING) break;
    // Looking all the time would take the core that writes.
    await new Promise((next) => setTimeout(next, 1));
  }
  kill();
  await exporting;
  await server.exited;
  const where = whereIn(folder);
  for (const name of readdirSync(folder)) {
    if (name.endsWith('.tmp')) continue;
    expect(parse(readFileSync(join(folder, name)), { bom: true, columns: true })).toHaveLength(ROWS);
  }
  await server.close();
  return where;
}

test('two processes write records at once, and none is lost', async () => {
  const folder = temporaryFolder();
  const program = bundledWriter();
  const records = scaled(80);
  await Promise.all(['a', 'b'].map((name) => ledgerWriter(program, folder, name, records).done));
  expect(new Set(recorded(folder)).size).toBe(2 * records);
});

test('a process killed while it records loses nothing that it reported as written', async () => {
  const folder = temporaryFolder();
  const program = bundledWriter();
  const landed = new Map<string, number>();
  const rounds = scaled(3);
  for (let round = 0; round < rounds; round += 1) {
    // It does nothing but record, one after the other: wherever it dies, it dies in the writing.
    const writer = ledgerWriter(program, folder, `r${round}`, 100_000);
    await writer.until(1 + 7 * (round % 5));
    writer.kill();
    const reported = await writer.done;
    const kept = recorded(folder).filter((id) => id.startsWith(`r${round}-`));
    expect(kept).toEqual(expect.arrayContaining(reported));
    count(
      landed,
      kept.length > reported.length ? 'between writing and reporting' : 'before or within a write',
    );
  }
  tell('kills during recording', landed);
  expect([...landed.values()].reduce((sum, each) => sum + each, 0)).toBe(rounds);
}, 120_000);

/** The writer as one file, made once: 100 processes do not each compile TypeScript. */
const bundledWriter = shared(async () => {
  const outfile = join(temporaryFolder(), 'ledger-writer.mjs');
  await build({
    entryPoints: [fileURLToPath(new URL('./ledger-writer.ts', import.meta.url))],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    logLevel: 'warning',
  });
  return outfile;
});

/** A process that records submits and prints each id once it is written. */
function ledgerWriter(program: string, folder: string, name: string, submits: number) {
  const child = spawn(process.execPath, [program, folder, name, String(submits)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  const waiting: Array<() => void> = [];
  child.stdout.on('data', (chunk) => {
    output += chunk;
    for (const wake of waiting.splice(0)) wake();
  });
  const lines = () => output.split('\n').slice(0, -1);
  return {
    kill: () => child.kill('SIGKILL'),
    until: async (written: number) => {
      while (lines().length < written) await new Promise<void>((wake) => waiting.push(wake));
    },
    done: new Promise<string[]>((resolve) => child.on('close', () => resolve(lines()))),
  };
}

function recorded(folder: string): string[] {
  return readFileSync(join(folder, 'jobs.jsonl'), 'utf8')
    .split('\n')
    .flatMap((line) => {
      try {
        return [JSON.parse(line).job_id as string];
      } catch {
        return [];
      }
    });
}
