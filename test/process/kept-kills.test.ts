import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { keptIn } from '../kept.ts';
import type { Rows } from '../real-rows.ts';
import { scaled } from '../scale.ts';
import { StdioServer } from '../stdio-server.ts';
import { cursorOf, json, pageOf, temporaryFolder, upstream } from '../upstream.ts';

const PAGES: Rows[] = Array.from({ length: 12 }, (_, page) =>
  Array.from({ length: 100 }, (_, row) => ({
    name: `Company ${page * 100 + row}`,
    domain: `c${page * 100 + row}.example`,
    description: 'what it does '.repeat(60),
  })),
);
const ROWS = 1_200;
/** What the whole file comes to, about. */
const BYTES = 1_040_000;

const KILLS = scaled(1);

function sizeOf(path: string): number {
  try {
    return statSync(path).size;
  } catch {
    return -1;
  }
}

/** A job whose pages come one after the other up to `held`, which comes never. */
async function jobUpTo(held = PAGES.length): Promise<string> {
  const { url } = await upstream(({ path }, res) => {
    const cursor = cursorOf(path);
    if (cursor === null || Number(cursor.slice(5)) < held) json(res, pageOf(PAGES, cursor));
  });
  return url;
}

function serverAt(url: string, state: string): StdioServer {
  return new StdioServer({
    env: { OPENFUNNEL_API_KEY: 'of_test_key', OPENFUNNEL_BASE_URL: url, OPENFUNNEL_STATE_DIR: state },
  });
}

/** Kills the server as soon as it has written so much of the file that it keeps, and says what stood there then. */
async function killedAt(url: string, state: string, bytes: number): Promise<string> {
  const server = serverAt(url, state);
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
    // What is looked for grows page by page; looking all the time would take the core that writes it.
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  server.process.kill('SIGKILL');
  await answered;
  await server.close();
  const names = readdirSync(folder);
  const half = names.filter((name) => name.endsWith('.tmp'));
  if (names.some((name) => name.endsWith('.rows')))
    return half.length > 0 ? 'in place, temporary name left' : 'in place';
  return half.length > 0 ? 'while it was written' : 'before it was begun';
}

test(
  'a server killed while it keeps rows leaves a whole file or none, and what it left stops nobody',
  async () => {
    const landed = new Map<string, number>();
    for (let kill = 0; kill < KILLS; kill += 1) {
      const state = temporaryFolder();
      // In the middle for sure, as the rest of the job never comes; then anywhere about the end.
      const middle = kill % 2 === 0;
      const where = middle
        ? await killedAt(await jobUpTo(PAGES.length - 2), state, BYTES / 2)
        : await killedAt(await jobUpTo(), state, Math.floor(BYTES * (0.8 + Math.random() / 4)));
      if (middle) expect(where).toBe('while it was written');
      landed.set(where, (landed.get(where) ?? 0) + 1);
      const { kept, damaged } = keptIn(join(state, 'rows'));
      const jobs = await kept.list();
      expect(damaged).toEqual([]);
      expect(jobs.map(({ companies }) => companies)).toEqual(where.startsWith('in place') ? [ROWS] : []);
      const job = await kept.open('job-1');
      if (job) expect((await job.row(ROWS))?.name).toBe(`Company ${ROWS - 1}`);
      await job?.close();
      const server = serverAt(await jobUpTo(), state);
      await server.initialize();
      const { structuredContent } = await server.call('query_companies', {
        sql: 'SELECT count(*) FROM companies',
        job_ids: ['job-1'],
      });
      expect(structuredContent.rows).toEqual([[ROWS]]);
      await server.close();
    }
    process.stderr.write(`kills while rows are kept: ${JSON.stringify(Object.fromEntries(landed))}\n`);
  },
  30_000 * KILLS,
);

test('two servers that keep the same job at the same time leave one whole file', async () => {
  const url = await jobUpTo();
  const state = temporaryFolder();
  const servers = [serverAt(url, state), serverAt(url, state)];
  await Promise.all(servers.map((server) => server.initialize()));
  const results = await Promise.all(
    servers.map((server) => server.call('wait_and_collect', { job_id: 'job-1' })),
  );
  for (const { structuredContent } of results) expect(structuredContent.complete).toBe(true);
  await Promise.all(servers.map((server) => server.close()));
  expect(readdirSync(join(state, 'rows'))).toEqual(['job-job-1.rows']);
  expect((await keptIn(join(state, 'rows')).kept.find('job-1'))?.companies).toBe(ROWS);
});
