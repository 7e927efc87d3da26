// A long life with faults mixed in: what was done, what came back, and how the process was before and after.
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { startSandbox } from '../../../src/sandbox/serve.ts';
import { renderTable } from '../../demo/table.ts';
import { StdioServer } from '../../stdio-server.ts';
import { makeFolder } from '../../temporary-folder.ts';
import { KEY_OUT } from '../faults/outcome.ts';
import { WIRE_FAULTS } from '../faults/wire-faults.ts';
import { Life } from './life.ts';

/** Of what is in use once garbage is gone: what leaks, shows here first. */
const MAX_GROWTH_MB = 10;
/** Of RSS, in lives so long that the largest answers have come more than once before: the allocator keeps their room. */
const MAX_RSS_GROWTH_MB = 20;
const RSS_TELLS_AFTER_MS = 240_000;
const USERS = 12;
/** Share of all requests that meet a fault. */
const FAULTY = 0.1;
const KEY = 'of_soak_key_that_must_never_show';

interface Vitals {
  rssMb: number;
  inUseMb: number;
  handles: number;
  kinds: string[];
  delay: { p50: number; p99: number; max: number };
}

const { values } = parseArgs({ options: { minutes: { type: 'string', default: '1' } } });
const minutes = Number(values.minutes);
if (!(minutes > 0)) throw new Error('--minutes takes a number above 0');
const lifeMs = minutes * 60_000;
// What a process loads and learns at first is no leak; it has done all of it, and often, by then.
const warmUpMs = Math.min(lifeMs / 2, 120_000);

let faults = 0;
const sandbox = await startSandbox({
  apiKey: KEY,
  pageSize: 10,
  totalCredits: 1e9,
  durationMs: (limit) => 200 + limit * 20,
  intercept: (raw) => {
    const fault = WIRE_FAULTS[Math.floor(Math.random() * WIRE_FAULTS.length)];
    // Most of a life is not waiting for the faults that cost their whole timeout, or megabytes.
    const seldom = fault?.slow || fault?.heavy;
    const spared = Math.random() >= FAULTY || (seldom && Math.random() < 0.9);
    if (!fault || spared) return raw.respond();
    faults += 1;
    fault.misbehave(raw);
  },
});
const folder = makeFolder();
const vitalsFile = join(folder.path, 'vitals.json');
const server = new StdioServer({
  nodeArgs: ['--expose-gc', '--import', new URL('vitals.mjs', import.meta.url).href],
  env: { OPENFUNNEL_API_KEY: KEY, OPENFUNNEL_BASE_URL: sandbox.url, VITALS_FILE: vitalsFile },
});
await server.initialize();

const life = new Life(server, Math.random);
await live(warmUpMs);
const start = await vitals();
await live(lifeMs - warmUpMs);
const end = await vitals();

const leaked = server.output.some((text) => text.includes(KEY));
const bugs = server.output.filter((text) => text.includes('unexpected error')).length;
const code = await server.close();
await sandbox.close();
folder.remove();

const counts = (title: string, of: ReadonlyMap<string, number>) =>
  console.log(
    `${title}: ${[...of]
      .sort(([, a], [, b]) => b - a)
      .map(([what, count]) => `${what} ${count}`)
      .join(', ')}`,
  );
counts('done', life.done);
counts('came back', life.cameBack);
console.log(`requests upstream met ${faults} faults\n`);
const ms = (value: number) => `${value.toFixed(1)} ms`;
const line = (what: string, of: (vitals: Vitals) => string) => ({ what, start: of(start), end: of(end) });
const table = [
  line('memory in use', ({ inUseMb }) => `${inUseMb.toFixed(1)} MB`),
  line('RSS', ({ rssMb }) => `${rssMb.toFixed(1)} MB`),
  line('handles', ({ handles }) => String(handles)),
  line('event-loop delay p50', ({ delay }) => ms(delay.p50)),
  line('event-loop delay p99', ({ delay }) => ms(delay.p99)),
  line('event-loop delay max', ({ delay }) => ms(delay.max)),
];
const columns = [
  {
    title: `after ${Math.round(warmUpMs / 1000)} s and ${Math.round(lifeMs / 1000)} s`,
    field: 'what',
    width: 30,
  },
  { title: 'start', field: 'start', width: 12 },
  { title: 'end', field: 'end', width: 12 },
];
for (const text of renderTable(columns, table)) console.log(text);

const grewPast = (what: string, mb: number, most: number) =>
  mb > most ? [`${what} grew by ${mb.toFixed(1)} MB`] : [];
const wrong = [
  ...life.broken,
  ...grewPast('memory in use', end.inUseMb - start.inUseMb, MAX_GROWTH_MB),
  ...(lifeMs >= RSS_TELLS_AFTER_MS ? grewPast('RSS', end.rssMb - start.rssMb, MAX_RSS_GROWTH_MB) : []),
  ...(end.handles > start.handles + 10 ? [`handles grew: ${end.kinds.join(', ')}`] : []),
  ...(leaked ? [KEY_OUT] : []),
  ...(bugs > 0 ? [`${bugs} bugs were logged`] : []),
  ...(code === 0 ? [] : [`exit code ${code}`]),
];
for (const what of wrong) console.log(`WRONG: ${what}`);
console.log(
  `\n${[...life.done.values()].reduce((sum, count) => sum + count, 0)} calls, ${wrong.length} things wrong`,
);
process.exitCode = wrong.length === 0 ? 0 : 1;

/** Users run their errands for so long; resolves when the last one has come back. */
async function live(forMs: number): Promise<void> {
  const until = performance.now() + forMs;
  const user = async () => {
    while (performance.now() < until) {
      await life.errand();
      // Their words are searched for the key, and then forgotten: this process shall not grow either.
      const heard = server.output.splice(0);
      if (heard.some((text) => text.includes(KEY) || text.includes('unexpected error')))
        server.output.push(...heard);
    }
  };
  await Promise.all(Array.from({ length: USERS }, user));
}

/** How the server is, once it has nothing to do. */
async function vitals(): Promise<Vitals> {
  await sleep(1_500);
  rmSync(vitalsFile, { force: true });
  server.process.kill('SIGUSR2');
  while (!existsSync(vitalsFile)) await sleep(20);
  return JSON.parse(readFileSync(vitalsFile, 'utf8')) as Vitals;
}
