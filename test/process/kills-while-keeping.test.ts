import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { checkImage } from '../../src/sql/image.ts';
import { listsOver } from '../lists.ts';
import type { Rows } from '../real-rows.ts';
import { scaled } from '../scale.ts';
import { StdioServer } from '../stdio-server.ts';
import { cursorOf, json, pageOf, shared, temporaryFolder, upstream } from '../upstream.ts';

/** Some 10 MB in the end: the file is written at one go, so its writing has to take long enough to be met. */
const PAGES: Rows[] = Array.from({ length: 7 }, (_, page) =>
  Array.from({ length: 100 }, (_, row) => ({
    name: `Company ${page * 100 + row}`,
    domain: `c${page * 100 + row}.example`,
    description: 'what it does '.repeat(1_100),
  })),
);
const ROWS = 700;
const FILE = 'job-job-1.sqlite';
const KILLS = scaled(1);

/** `job-1` has all of it; `job-2` the first page, for whoever meets at the end of the file only. */
const job = shared(() =>
  upstream(({ path }, res) => {
    const small = path.includes('job-2');
    const answer = pageOf(small ? PAGES.slice(0, 1) : PAGES, cursorOf(path));
    json(res, { ...answer, job_id: small ? 'job-2' : 'job-1' });
  }),
);

function serverIn(state: string): StdioServer {
  return new StdioServer({
    env: { OPENFUNNEL_API_KEY: 'of_test_key', OPENFUNNEL_BASE_URL: job().url, OPENFUNNEL_STATE_DIR: state },
  });
}

/** Files of the folder and their sizes in bytes. */
function filesIn(folder: string): Map<string, number> {
  const sizes = new Map<string, number>();
  try {
    for (const name of readdirSync(folder)) sizes.set(name, statSync(join(folder, name)).size);
  } catch {
    // Not made yet, or a file that has gone since it was listed.
  }
  return sizes;
}

/** Size of the temporary file; -1 where there is none. */
function written(files: ReadonlyMap<string, number>): number {
  return [...files].find(([name]) => name.endsWith('.tmp'))?.[1] ?? -1;
}

/**
 * Kills a server as soon as it has written so many bytes of the file that it keeps, and `laterMs` after that; the
 * files that it left.
 */
async function killedAt(state: string, bytes: number, laterMs: number): Promise<Map<string, number>> {
  const server = serverIn(state);
  await server.initialize();
  let over = false;
  const end = () => {
    over = true;
  };
  const collecting = server.call('wait_and_collect', { job_id: 'job-1' }).then(end, end);
  while (!over) {
    const files = filesIn(join(state, 'lists'));
    if (files.has(FILE) || written(files) >= bytes) break;
    // Looking all the time would take the core that writes.
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  if (laterMs > 0) await new Promise((resolve) => setTimeout(resolve, laterMs));
  server.process.kill('SIGKILL');
  await collecting;
  await server.close();
  return filesIn(join(state, 'lists'));
}

/** Where a kill met the keeping of a file that is `whole` bytes in the end. */
function whereIn(files: ReadonlyMap<string, number>, whole: number): string {
  const temporary = written(files);
  if (files.has(FILE)) return temporary === -1 ? 'in place' : 'in place, temporary name left';
  if (temporary === -1) return 'before it was begun';
  if (temporary === 0) return 'with an empty file';
  return temporary < whole ? 'while it was written' : 'written, not in place yet';
}

/** Asks a job in a folder in which a server was killed, or two were at work; the size of its file. */
async function collectedIn(state: string, jobId = 'job-1', rows = ROWS): Promise<number> {
  const server = serverIn(state);
  await server.initialize();
  const { structuredContent } = await server.call('query_companies', {
    sql: 'SELECT count(*), count(DISTINCT name) FROM companies',
    job_ids: [jobId],
  });
  expect(structuredContent.rows).toEqual([[rows, rows]]);
  await server.close();
  const image = readFileSync(join(state, 'lists', `job-${jobId}.sqlite`));
  expect(() => checkImage(image)).not.toThrow();
  return image.length;
}

/**
 * Kills a server in a folder of its own and tells where, and how large the whole file is; fails unless a whole file or
 * none is there.
 */
async function leavesAWholeFileOrNone(bytes: number, laterMs: number) {
  const state = temporaryFolder();
  const left = await killedAt(state, bytes, laterMs);
  const { lists, store, damaged } = listsOver(state, {});
  const kept = await lists.kept('job-1', new AbortController().signal);
  expect(kept?.about.companies ?? null).toBe(left.has(FILE) ? ROWS : null);
  expect((await store.all()).length).toBe(left.has(FILE) ? 1 : 0);
  expect(damaged).toEqual([]);
  // What it left stops nobody.
  const size = await collectedIn(state);
  return { where: whereIn(left, size), size };
}

test(
  'a server killed while it keeps a list leaves a whole file or none, and what it left stops nobody',
  async () => {
    const landed = new Map<string, number>();
    let whole = 0;
    const kill = async (bytes: number, laterMs: number) => {
      const { where, size } = await leavesAWholeFileOrNone(bytes, laterMs);
      landed.set(where, (landed.get(where) ?? 0) + 1);
      whole = size;
    };
    for (let kills = 0; kills < KILLS; kills += 1)
      // In the midst of the bytes; then anywhere from the first byte to what follows the last one.
      if (kills % 2 === 0) await kill(1, 0);
      else await kill(Math.floor(Math.random() * whole), Math.random() * 30);
    // Nothing holds the server up there: a kill that comes late is counted as what it was, and another is sent.
    for (let more = 0; more < 10 && !landed.has('while it was written'); more += 1) await kill(1, 0);
    process.stderr.write(`kills while a list is kept: ${JSON.stringify(Object.fromEntries(landed))}\n`);
    expect(landed.get('while it was written')).toBeGreaterThan(0);
  },
  60_000 * (KILLS + 1),
);

test('two servers that keep the same job at the same time leave one whole file', async () => {
  const state = temporaryFolder();
  const servers = [serverIn(state), serverIn(state)];
  await Promise.all(servers.map((server) => server.initialize()));
  const results = await Promise.all(
    servers.map((server) => server.call('wait_and_collect', { job_id: 'job-2' })),
  );
  for (const { structuredContent } of results)
    expect(structuredContent).toMatchObject({ complete: true, summary: { companies: 100 } });
  await Promise.all(servers.map((server) => server.close()));
  expect(readdirSync(join(state, 'lists'))).toEqual(['job-job-2.sqlite']);
  const requests = job().requests.length;
  await collectedIn(state, 'job-2', 100);
  expect(job().requests).toHaveLength(requests);
});
