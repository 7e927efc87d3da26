import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { systemClock } from '../../../src/lib/clock.ts';
import type { CollectedList } from '../../../src/lists/collected-list.ts';
import type { Row } from '../../../src/openfunnel/wire.ts';
import { SqlThread } from '../../../src/sql/thread.ts';
import { listsOver, type TestJob } from '../../lists.ts';
import { realPages } from '../../real-rows.ts';
import { SQL_THREAD } from '../../sql-thread.ts';
import { StdioServer } from '../../stdio-server.ts';
import { syntheticPages } from '../../synthetic-rows.ts';
import { makeFolder } from '../../temporary-folder.ts';
import { median, megabytes, milliseconds, times } from './measure.ts';
import type { BenchOptions, Figure } from './types.ts';

const JOBS = 10;
const FIRST = 1.5;
const WITH_START = 3;
const NEXT = 0.2;
const TEN_JOBS = 8;
const RSS_BACK_MB = 40;
/** By then a server has loaded all of its program, asked or not. Milliseconds. */
const LOADED_MS = 3_000;
const LATER_MS = 120_000;
const COUNTRIES = 'SELECT country, count(*) AS n FROM companies GROUP BY country ORDER BY n DESC';
const LONG_TEXT = "SELECT count(*) FROM companies WHERE description LIKE '%software%'";

/** Companies of one job: the recorded rows where they are at hand, each company another one. */
function companies(count: number, job: number): Row[] {
  const base = (realPages ?? syntheticPages(12, 100)).flat();
  return Array.from({ length: count }, (_, index) => {
    const row = base[(index + job * 7) % base.length] ?? {};
    const number = job * count + index;
    const domain = typeof row.domain === 'string' && row.domain !== '' ? `c${number}.${row.domain}` : '';
    return { ...row, domain, linkedin_url: `https://www.linkedin.com/company/c${number}` };
  });
}

/** Questions to kept lists against parsing the same rows in the same run. */
export async function benchQueries({ short }: BenchOptions): Promise<Figure[]> {
  const folder = makeFolder();
  const count = short ? 500 : 10_000;
  const { signal } = new AbortController();
  const thread = new SqlThread({ file: SQL_THREAD, clock: systemClock });
  const jobs: Record<string, TestJob> = {};
  const { lists } = listsOver(folder.path, jobs, { thread });
  const hand: CollectedList[] = [];
  for (let job = 0; job < (short ? 2 : JOBS); job += 1) {
    const rows = companies(count, job);
    jobs[`job-${job}`] = { rows, request: { query: 'q', seed_domains: ['brex.com'], limit: count } };
    hand.push(await lists.get(`job-${job}`, { signal }));
    delete jobs[`job-${job}`];
  }
  const text = JSON.stringify(companies(count, 0));
  const timed = async (work: () => unknown) => {
    const start = performance.now();
    await work();
    return performance.now() - start;
  };
  const ask = (sql: string, of: readonly CollectedList[]) =>
    timed(() => lists.ask(of, [{ sql, maxRows: 50 }], { signal }));
  const engineUp = async () => {
    await thread.end();
    await ask('SELECT 1', []);
  };
  const spent = { parse: [] as number[], first: [] as number[], next: [] as number[] };
  const more = { cold: [] as number[], long: [] as number[], all: [] as number[] };
  const one = hand.slice(0, 1);
  // One of each in turn, so that all meet the same weather; the first round only warms the disk's cache.
  for (let round = 0; round < (short ? 2 : 9); round += 1) {
    const parsed = [];
    for (let time = 0; time < 3; time += 1) parsed.push(await timed(() => JSON.parse(text)));
    await engineUp();
    const first = await ask(COUNTRIES, one);
    const next = await ask(COUNTRIES, one);
    await thread.end();
    const cold = await ask(COUNTRIES, one);
    await engineUp();
    const long = await ask(LONG_TEXT, one);
    await engineUp();
    const all = await ask(COUNTRIES, hand);
    if (round === 0) continue;
    spent.parse.push(median(parsed));
    spent.first.push(first);
    spent.next.push(next);
    more.cold.push(cold);
    more.long.push(long);
    more.all.push(all);
  }
  await thread.end();
  const rss = await rssAfterQuestions(folder.path, short ? 1_000 : LATER_MS);
  folder.remove();

  const parsed = median(spent.parse);
  const figure = (what: string, ms: number, baseMs: number, base: string, target: number | null): Figure => ({
    area: 'queries',
    what,
    ours: milliseconds(ms),
    baseline: `${milliseconds(baseMs)} (${base})`,
    ratio: times(ms / baseMs),
    target: target === null ? '' : `≤ × ${target}`,
    met: target === null ? null : ms / baseMs <= target,
  });
  const first = median(spent.first);
  return [
    figure(`first of ${count} kept companies, engine up`, first, parsed, 'JSON.parse', FIRST),
    figure('first, with the start of the engine', median(more.cold), parsed, 'JSON.parse', WITH_START),
    figure('the next one', median(spent.next), parsed, 'JSON.parse', NEXT),
    figure('first, in long text', median(more.long), parsed, 'JSON.parse', null),
    figure(
      `first of ${count * hand.length} in ${hand.length} jobs`,
      median(more.all),
      first,
      'the first of one',
      short ? null : TEN_JOBS,
    ),
    {
      area: 'queries',
      what: `RSS of the server above before, ${short ? '1 s' : '2 min'} later`,
      ours: rss === null ? 'not known: no /proc here' : megabytes(rss.later),
      baseline: rss === null ? '' : `${megabytes(rss.peak)} (just after)`,
      ratio: '',
      target: short ? '' : `≤ ${RSS_BACK_MB} MB`,
      met: rss === null || short ? null : rss.later <= RSS_BACK_MB,
    },
  ];
}

/** What a server holds more than before it was asked about all kept lists: just after that, and later. MB. */
async function rssAfterQuestions(
  state: string,
  laterMs: number,
): Promise<{ peak: number; later: number } | null> {
  const server = new StdioServer({ env: { OPENFUNNEL_API_KEY: 'of_bench', OPENFUNNEL_STATE_DIR: state } });
  try {
    await server.initialize();
    await server.request('tools/list');
    await sleep(LOADED_MS);
    const before = server.rssMb();
    const { isError } = await server.call('query_companies', { sql: COUNTRIES });
    if (isError) throw new Error('the kept lists could not be asked');
    const after = server.rssMb();
    await sleep(laterMs);
    const later = server.rssMb();
    return before === null || after === null || later === null
      ? null
      : { peak: after - before, later: later - before };
  } finally {
    await server.close();
  }
}
