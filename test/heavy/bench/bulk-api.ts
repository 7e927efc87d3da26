// A local API in a process of its own, so that its work and memory don't count as the server's.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pageName, pageNumber } from '../../../src/reading/read-ahead.ts';
import { inventCompany } from '../../../src/sandbox/companies.ts';
import { realPages } from '../../real-rows.ts';

/** What it has been asked so far. */
export interface ApiStats {
  requests: number;
  /** Requests in flight at the most. */
  peak: number;
  /** Requests in the busiest second. */
  busiestSecond: number;
}

const DELAY_MS = Number(process.argv[2] ?? 0);
const stats: ApiStats = { requests: 0, peak: 0, busiestSecond: 0 };
const seconds = new Map<number, number>();
const firstSeen = new Map<string, number>();
let inFlight = 0;

/** Job `done-<pages>` has ended; `running-<ms>-<n>` runs so long from its first look on. */
function answer(url: URL): Record<string, unknown> {
  const job_id = url.pathname.split('/').at(-1) ?? '';
  const [kind, size] = job_id.split('-');
  if (kind === 'running') {
    const since = firstSeen.get(job_id) ?? Date.now();
    firstSeen.set(job_id, since);
    if (Date.now() - since < Number(size)) {
      return { ...SHELL, job_id, status: 'running', progress_message: 'qualifying_companies', processed: 50 };
    }
  }
  const pages = kind === 'running' ? 1 : Number(size);
  const number = pageNumber(url.searchParams.get('cursor') ?? 'page_0000') ?? 0;
  const rows = rowsOf(number);
  return {
    ...SHELL,
    job_id,
    status: 'completed',
    manifest: { count: pages * 100, pages, page_size: 100, credits_consumed: pages * 100, partial: false },
    rows,
    page: pageName(number),
    next_cursor: number + 1 < pages ? pageName(number + 1) : null,
    count: rows.length,
    processed: pages * 100,
    progress_message: 'completed',
  };
}

const SHELL = { manifest: null, error_message: null, rows: [], page: null, next_cursor: null, count: 0 };

/** Recorded rows, or made-up ones where there are none; each with its number, so that their order shows. */
function rowsOf(page: number): Array<Record<string, unknown>> {
  const recorded = realPages?.[page % realPages.length];
  const round = Math.floor(page / (realPages?.length ?? 1));
  return Array.from({ length: 100 }, (_, index) => ({
    ...(recorded?.[index]
      ? another(recorded[index], round)
      : inventCompany({ seed: 1, topic: 'expense software' }, page * 100 + index)),
    bench_row: page * 100 + index,
  }));
}

/** The same row about another company: pages that come twice would be no list, and are told as that. */
function another(row: Record<string, unknown>, round: number): Record<string, unknown> {
  if (round === 0) return row;
  const { name, domain, linkedin_url } = row;
  return {
    ...row,
    name: `${name} ${round}`,
    ...(domain ? { domain: `${round}.${domain}` } : {}),
    ...(linkedin_url ? { linkedin_url: `${linkedin_url}-${round}` } : {}),
  };
}

// Made once: an API that is busy making JSON would slow both sides.
const bodies = new Map<string, string>();
function bodyOf(url: URL): string {
  const path = url.pathname + url.search;
  const kept = bodies.get(path);
  if (kept !== undefined) return kept;
  const body = JSON.stringify(answer(url));
  if (path.includes('/done-')) bodies.set(path, body);
  return body;
}

const server = createServer((req, res) => {
  const second = Math.floor(Date.now() / 1000);
  seconds.set(second, (seconds.get(second) ?? 0) + 1);
  stats.requests += 1;
  inFlight += 1;
  stats.peak = Math.max(stats.peak, inFlight);
  res.once('close', () => {
    inFlight -= 1;
  });
  const body = bodyOf(new URL(req.url ?? '', 'http://x'));
  setTimeout(() => {
    res.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) });
    res.end(body);
  }, DELAY_MS);
});
server.listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as AddressInfo).port }));
process.on('message', () => {
  process.send?.({ ...stats, busiestSecond: Math.max(0, ...seconds.values()) });
  Object.assign(stats, { requests: 0, peak: 0 });
  seconds.clear();
});
process.on('disconnect', () => process.exit());
