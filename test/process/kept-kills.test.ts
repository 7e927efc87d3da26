import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { cursorOf, json, pageOf, temporaryFolder, upstream } from '../harness.ts';
import { keptIn } from '../kept.ts';
import type { Rows } from '../real-rows.ts';
import { scaled } from '../scale.ts';
import { StdioServer } from '../stdio-server.ts';

const PAGES: Rows[] = Array.from({ length: 30 }, (_, page) =>
  Array.from({ length: 100 }, (_, row) => ({
    name: `Company ${page * 100 + row}`,
    domain: `c${page * 100 + row}.example`,
    description: 'what it does '.repeat(60),
  })),
);
const ROWS = 3_000;
/** What the whole file comes to, about. */
const BYTES = 2_600_000;

function sizeOf(path: string): number {
  try {
    return statSync(path).size;
  } catch {
    return -1;
  }
}

const KILLS = scaled(2);

/** Kills the server as soon as it has written so much of the file that it keeps, and says what stood there then. */
async function killedAt(url: string, state: string, bytes: number): Promise<string> {
  const server = new StdioServer({
    env: { OPENFUNNEL_API_KEY: 'of_test_key', OPENFUNNEL_BASE_URL: url, OPENFUNNEL_STATE_DIR: state },
  });
  await server.initialize();
  const answered = server.call('wait_and_collect', { job_id: 'job-1' }).then(
    () => true,
    () => false,
  );
  const folder = join(state, 'rows');
  let dead = false;
  void server.exited.then(() => {
    dead = true;
  });
  for (;;) {
    const names = existsSync(folder) ? readdirSync(folder) : [];
    const temporary = names.find((name) => name.endsWith('.tmp'));
    const written = temporary === undefined ? -1 : sizeOf(join(folder, temporary));
    if (written >= bytes || names.some((name) => name.endsWith('.rows')) || dead) break;
    await new Promise((resolve) => setImmediate(resolve));
  }
  server.process.kill('SIGKILL');
  await answered;
  await server.exited;
  const names = readdirSync(folder);
  const half = names.filter((name) => name.endsWith('.tmp'));
  if (names.some((name) => name.endsWith('.rows')))
    return half.length > 0 ? 'in place, temporary name left' : 'in place';
  return half.length > 0 ? 'while it was written' : 'before it was begun';
}

test(
  'a server killed while it keeps rows leaves a whole file or none',
  async () => {
    const { url } = await upstream(({ path }, res) => json(res, pageOf(PAGES, cursorOf(path))));
    const landed = new Map<string, number>();
    const kills = KILLS;
    for (let kill = 0; kill < kills; kill += 1) {
      const state = temporaryFolder();
      // Spread over the file, the last ones about its end.
      const where = await killedAt(url, state, Math.floor(((kill + Math.random()) / kills) * BYTES));
      landed.set(where, (landed.get(where) ?? 0) + 1);
      const { kept, damaged } = keptIn(join(state, 'rows'));
      const jobs = await kept.list();
      expect(damaged).toEqual([]);
      expect(jobs.map(({ companies }) => companies)).toEqual(where.startsWith('in place') ? [ROWS] : []);
      const job = await kept.open('job-1');
      if (job) expect((await job.row(ROWS))?.name).toBe(`Company ${ROWS - 1}`);
      await job?.close();
    }
    process.stderr.write(`kills while rows are kept: ${JSON.stringify(Object.fromEntries(landed))}\n`);
    expect(landed.get('while it was written') ?? 0).toBeGreaterThanOrEqual(Math.floor(kills / 2));
  },
  30_000 * KILLS,
);

test('what a killed server left half-done stops nobody', async () => {
  const { url } = await upstream(({ path }, res) => json(res, pageOf(PAGES, cursorOf(path))));
  const state = temporaryFolder();
  await killedAt(url, state, BYTES / 2);
  const server = new StdioServer({
    env: { OPENFUNNEL_API_KEY: 'of_test_key', OPENFUNNEL_BASE_URL: url, OPENFUNNEL_STATE_DIR: state },
  });
  await server.initialize();
  const { structuredContent } = await server.call('query_companies', {
    sql: 'SELECT count(*) FROM companies',
    job_ids: ['job-1'],
  });
  expect(structuredContent.rows).toEqual([[ROWS]]);
  await server.close();
});

test('two servers that keep the same job at the same time leave one whole file', async () => {
  const { url } = await upstream(({ path }, res) => json(res, pageOf(PAGES, cursorOf(path))));
  const state = temporaryFolder();
  const env = { OPENFUNNEL_API_KEY: 'of_test_key', OPENFUNNEL_BASE_URL: url, OPENFUNNEL_STATE_DIR: state };
  const servers = [new StdioServer({ env }), new StdioServer({ env })];
  await Promise.all(servers.map((server) => server.initialize()));
  const results = await Promise.all(
    servers.map((server) => server.call('wait_and_collect', { job_id: 'job-1' })),
  );
  for (const { structuredContent } of results) expect(structuredContent.complete).toBe(true);
  await Promise.all(servers.map((server) => server.close()));
  expect(readdirSync(join(state, 'rows'))).toEqual(['job-job-1.rows']);
  expect((await keptIn(join(state, 'rows')).kept.find('job-1'))?.companies).toBe(ROWS);
});
