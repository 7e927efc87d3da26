import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { pathToFileURL } from 'node:url';
import { systemClock } from '../../../src/lib/clock.ts';
import type { JobAtHand } from '../../../src/lists/query/messages.ts';
import { Queries } from '../../../src/lists/query/queries.ts';
import type { Row } from '../../../src/openfunnel/wire.ts';
import { keep, keptIn } from '../../kept.ts';
import { realPages } from '../../real-rows.ts';
import { syntheticPages } from '../../synthetic-rows.ts';
import { median, megabytes, milliseconds, times } from './measure.ts';
import type { BenchOptions, Figure } from './types.ts';

const JOBS = 10;
const FIRST = 6;
const NEXT = 0.1;
const TEN_JOBS = 8;
const RSS_BACK_MB = 40;
const COUNTRIES = 'SELECT country, count(*) AS n FROM companies GROUP BY country ORDER BY n DESC';
const LONG_TEXT = "SELECT count(*) FROM companies WHERE description LIKE '%software%'";
const WORKER = pathToFileURL(join(import.meta.dirname, '../../../dist/query-worker.js'));

/** Resident memory of this process in MB; null where the system doesn't tell. */
function rssMb(): number | null {
  try {
    return Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) / 1024;
  } catch {
    return null;
  }
}

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

/** Questions to kept jobs, the start of the engine included, against parsing the same rows in the same run. */
export async function benchQueries({ short }: BenchOptions): Promise<Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-queries-'));
  const { kept } = keptIn(join(folder, 'rows'));
  const count = short ? 500 : 10_000;
  const jobs = short ? 2 : JOBS;
  for (let job = 0; job < jobs; job += 1) await keep(kept, `job-${job}`, companies(count, job));
  const hand = (await kept.list()).map<JobAtHand>(({ job_id, version, path, status }) => ({
    job_id,
    version,
    source: { path },
    seeds: [],
    facts: {
      label: null,
      submitted_at: null,
      query: null,
      seed_domains: null,
      requested_limit: null,
      status,
      companies: count,
      credits: null,
    },
  }));
  const text = JSON.stringify(companies(count, 0));
  const queries = new Queries({ queryThread: WORKER, stateDirectory: folder, clock: systemClock });
  const ask = async (sql: string, of: readonly JobAtHand[]) => {
    const start = performance.now();
    await queries.run({ sql, jobs: of, maxRows: 50, signal: new AbortController().signal });
    return performance.now() - start;
  };
  const parse = () => {
    const start = performance.now();
    JSON.parse(text);
    return performance.now() - start;
  };
  const spent = { parse: [] as number[], first: [] as number[], next: [] as number[], long: [] as number[] };
  const before = rssMb();
  // One of each in turn, so that all meet the same weather; the first round only warms the disk's cache.
  for (let round = 0; round < (short ? 2 : 8); round += 1) {
    const parsed = [parse(), parse(), parse()];
    const first = await ask(COUNTRIES, hand.slice(0, 1));
    const next = await ask(COUNTRIES, hand.slice(0, 1));
    await queries.end();
    const long = await ask(LONG_TEXT, hand.slice(0, 1));
    await queries.end();
    if (round === 0) continue;
    spent.parse.push(median(parsed));
    spent.first.push(first);
    spent.next.push(next);
    spent.long.push(long);
  }
  const all: number[] = [];
  for (let round = 0; round < (short ? 1 : 3); round += 1) {
    all.push(await ask(COUNTRIES, hand));
    await queries.end();
  }
  const after = rssMb();
  rmSync(folder, { recursive: true, force: true });

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
  const freed = before === null || after === null ? null : after - before;
  return [
    figure(`first of ${count} kept companies`, median(spent.first), parsed, 'JSON.parse', FIRST),
    figure('the next one', median(spent.next), median(spent.first), 'the first', NEXT),
    figure('first, in long text', median(spent.long), parsed, 'JSON.parse', null),
    figure(`first of ${count * jobs} in ${jobs} jobs`, median(all), parsed * jobs, 'JSON.parse', TEN_JOBS),
    {
      area: 'queries',
      what: 'RSS above before, thread ended',
      ours: freed === null ? 'not known: no /proc here' : megabytes(freed),
      baseline: '',
      ratio: '',
      target: `≤ ${RSS_BACK_MB} MB`,
      met: freed === null ? null : freed <= RSS_BACK_MB,
    },
  ];
}
