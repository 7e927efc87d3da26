import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { createInterface } from 'node:readline';
import { realPages } from '../../real-rows.ts';
import { StdioServer } from '../../stdio-server.ts';
import { type ApiProcess, BENCH_KEY, serverEnv, startApi } from './api-process.ts';
import { median, megabytes, milliseconds, times } from './measure.ts';
import type { BenchOptions, Figure } from './types.ts';

const PAGE_DELAY_MS = 100;
const TARGET_RATIO = 6;
const TARGET_IN_FLIGHT = 8;
const TARGET_GROWTH_MB = 80;
const SAMPLE_EVERY_MS = 20;

/** "Completed" to list in hand: a finished job whose pages each take 100 ms, against following next_cursor. */
export async function benchCollection({ short }: BenchOptions): Promise<Figure[]> {
  const pages = short ? 8 : 100;
  const api = await startApi(PAGE_DELAY_MS);
  const job = `done-${pages}`;
  const serial: number[] = [];
  const waited: number[] = [];
  const exported: number[] = [];
  const growth: number[] = [];
  let peak = 0;
  let same = true;
  try {
    await serialLoop(api, job);
    for (let run = 0; run < (short ? 1 : 3); run += 1) {
      const start = performance.now();
      const expected = await serialLoop(api, job);
      serial.push(performance.now() - start);
      await api.stats();
      const server = new StdioServer({ env: serverEnv(api) });
      await server.initialize();
      await server.call('get_bulk_status', { job_id: job });
      const rss = watchRss(server);
      waited.push(await timed(() => server.call('wait_and_collect', { job_id: job })));
      let path = '';
      exported.push(
        await timed(async () => {
          const { structuredContent } = await server.call('export_bulk_results', {
            job_id: job,
            format: 'jsonl',
          });
          path = structuredContent.path;
        }),
      );
      const grown = rss.stop();
      if (grown !== null) growth.push(grown);
      peak = Math.max(peak, (await api.stats()).peak);
      same &&= (await hashOfFile(path)) === expected;
      await server.close();
    }
  } finally {
    api.stop();
  }
  const rows = realPages ? 'recorded rows' : 'made-up rows: the recorded ones are not here';
  const line = (what: string, ours: number[]): Figure => {
    const ratio = median(serial) / median(ours);
    return {
      area: 'collection',
      what: `${what}: ${pages * 100} ${rows}, ${PAGE_DELAY_MS} ms a page`,
      ours: milliseconds(median(ours)),
      baseline: `${milliseconds(median(serial))} (next_cursor loop)`,
      ratio: times(ratio),
      target: `≥ × ${TARGET_RATIO}`,
      met: ratio >= TARGET_RATIO,
    };
  };
  const fact = (what: string, ours: string, target: string, met: boolean | null): Figure => {
    return { area: 'collection', what, ours, baseline: '', ratio: '', target, met };
  };
  const grown = growth.length === 0 ? null : median(growth);
  return [
    line('wait_and_collect', waited),
    line('export_bulk_results to jsonl', exported),
    fact('requests in flight, peak', String(peak), `≤ ${TARGET_IN_FLIGHT}`, peak <= TARGET_IN_FLIGHT),
    fact(
      'RSS growth over both, peak',
      grown === null ? 'not known: no /proc here' : megabytes(grown),
      `< ${TARGET_GROWTH_MB} MB`,
      grown === null ? null : grown < TARGET_GROWTH_MB,
    ),
    fact('same rows in the same order as the loop', same ? 'yes' : 'NO', 'yes', same),
  ];
}

/** The loop that everyone writes, made right: it only serves to compare. A hash of all rows in order. */
async function serialLoop(api: ApiProcess, job: string): Promise<string> {
  const hash = createHash('sha256');
  let cursor: string | null = null;
  do {
    const query: string = cursor === null ? '' : `?cursor=${cursor}`;
    const answer = await fetch(`${api.url}/api/v1/account/search-lookalikes-bulk/${job}${query}`, {
      headers: { 'x-api-key': BENCH_KEY },
    });
    const page = (await answer.json()) as { rows: unknown[]; next_cursor: string | null };
    for (const row of page.rows) hash.update(canonical(row));
    cursor = page.next_cursor;
  } while (cursor !== null);
  return hash.digest('hex');
}

async function hashOfFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const line of createInterface({ input: createReadStream(path) }))
    hash.update(canonical(JSON.parse(line)));
  return hash.digest('hex');
}

/** Fields that have the same name in rows and files. */
const FIELDS = [
  'name',
  'linkedin_url',
  'funding_stage',
  'industries',
  'match_reason',
  'tagline',
  'description',
];

/** A row's fields without what exports clean away: the two sides may space their texts anew. */
function canonical(row: unknown): string {
  const fields = row as Record<string, unknown>;
  return JSON.stringify(
    FIELDS.map((name) => fields[name] ?? null),
    (_, value) => (typeof value === 'string' ? value.normalize('NFC').replace(/[^\p{L}\p{N}]/gu, '') : value),
  );
}

async function timed(action: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await action();
  return performance.now() - start;
}

/** Watches the server's memory; `stop` gives its growth at the peak, in MB. */
function watchRss(server: StdioServer): { stop(): number | null } {
  const before = server.rssMb();
  let peak = before ?? 0;
  const timer = setInterval(() => {
    peak = Math.max(peak, server.rssMb() ?? 0);
  }, SAMPLE_EVERY_MS);
  return {
    stop() {
      clearInterval(timer);
      return before === null ? null : peak - before;
    },
  };
}
