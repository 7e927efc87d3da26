import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { startSandbox } from '../../../src/sandbox/serve.ts';
import { scaled } from '../../scale.ts';
import { StdioServer } from '../../stdio-server.ts';
import { makeFolder } from '../../temporary-folder.ts';
import { codeOf, joined } from './outcome.ts';
import type { Finding } from './types.ts';

const KILLS = 25;
const PAIRS = 10;
const LIMIT = 40;
/** How long after upstream has taken a POST its server is killed: the answer is held that long at least. Milliseconds. */
const KILL_WITHIN_MS = 20;

/** Longer than a submit's answer is waited for. Milliseconds. */
const ASLEEP_MS = 27_000;

/** What could cost money twice: servers killed or asleep while a submit is out, and two servers with one search. */
export const moneyRuns: ReadonlyArray<() => Promise<Finding[]>> = [killedWhileOut, asleepWhileOut, twoAtOnce];

/** An upstream that counts the POSTs of each search, and a folder of state for any number of servers. */
async function house(onSubmit: (query: string, respond: () => void) => void) {
  const posts = new Map<string, number>();
  const sandbox = await startSandbox({
    apiKey: 'of_key_of_the_money_faults',
    totalCredits: 1_000_000,
    // What was taken is taken, whether or not its answer gets through.
    intercept: ({ req, res, respond }) => {
      if (req.method !== 'POST') return respond();
      let body = '';
      req.on('data', (chunk) => {
        body += chunk;
      });
      req.on('end', () => {
        const { query } = JSON.parse(body) as { query: string };
        posts.set(query, (posts.get(query) ?? 0) + 1);
        const answer = JSON.stringify({ job_id: `job-of-${query}`, status: 'pending' });
        onSubmit(query, () => {
          res.writeHead(200, { 'content-type': 'application/json' });
          res.end(answer);
        });
      });
    },
  });
  const folder = makeFolder();
  const open = async () => {
    const server = new StdioServer({
      env: {
        OPENFUNNEL_API_KEY: sandbox.apiKey,
        OPENFUNNEL_BASE_URL: sandbox.url,
        OPENFUNNEL_STATE_DIR: folder.path,
      },
    });
    await server.initialize();
    return server;
  };
  const close = async () => {
    await sandbox.close();
    folder.remove();
  };
  return { posts, open, close, ledger: join(folder.path, 'jobs.jsonl') };
}

const submit = (server: StdioServer, query: string) =>
  server.call('submit_lookalikes_bulk', { query, limit: LIMIT });

/** `kill -9` while a POST is out, again and again; then another server is asked for the same searches. */
async function killedWhileOut(): Promise<Finding[]> {
  const kills = scaled(KILLS);
  let took = (_query: string) => {};
  const { posts, open, close, ledger } = await house((query, respond) => {
    took(query);
    // Now and then the answer is on its way already when the server is killed.
    setTimeout(respond, KILL_WITHIN_MS - 4);
  });
  const searches = Array.from({ length: kills }, (_, index) => `search-${index}`);
  for (const [index, query] of searches.entries()) {
    const server = await open();
    const taken = new Promise<void>((resolve) => {
      took = () => resolve();
    });
    submit(server, query).catch(() => {});
    await taken;
    await new Promise((resolve) => setTimeout(resolve, (index * KILL_WITHIN_MS) / kills));
    server.process.kill('SIGKILL');
    await server.exited;
    await server.close();
  }
  const traces = readFileSync(ledger, 'utf8');
  const untraced = searches.filter((query) => !traces.includes(`"query":"${query}"`));
  const hit = searches.filter((query) => posts.get(query) === 1 && !traces.includes(`"job-of-${query}"`));
  const next = await open();
  const again = await Promise.all(searches.map((query) => submit(next, query)));
  const unknown = again.filter((result) => codeOf(result) === 'submit_outcome_unknown').length;
  const found = again.filter(({ structuredContent: data }) => data.already_submitted === true).length;
  const second = searches.filter((query) => posts.get(query) !== 1);
  await next.close();
  await close();
  return [
    {
      done: 'kill -9 while a POST is out, and the same search from the next process',
      where: `submit, ${hit.length} kills hit an accepted POST, ${kills - hit.length} came after its record`,
      often: String(kills),
      cameBack: `${unknown} submit_outcome_unknown, ${found} already_submitted`,
      lost: `${untraced.length} submits without a trace, ${second.length} second POSTs`,
      wrong: joined([
        hit.length > kills / 2 ? null : `only ${hit.length} of ${kills} kills hit an accepted POST`,
        untraced.length === 0 ? null : `no trace of ${untraced}`,
        second.length === 0 ? null : `sent again: ${second}`,
        unknown === hit.length && found === kills - hit.length
          ? null
          : `of ${hit.length} unknown, ${unknown} said so`,
      ]),
    },
  ];
}

/** Processes that stand still, as on a suspended laptop, while the answer to their submit comes. */
async function asleepWhileOut(): Promise<Finding[]> {
  if (process.platform === 'win32') return [];
  const took = new Map<string, () => void>();
  const { posts, open, close } = await house((query, respond) => {
    took.get(query)?.();
    setTimeout(respond, 800);
  });
  const searches = ['asleep-1', 'asleep-2', 'asleep-3', 'asleep-4'];
  const codes = await Promise.all(
    searches.map(async (query) => {
      const server = await open();
      const taken = new Promise<void>((resolve) => took.set(query, resolve));
      const answer = submit(server, query);
      await taken;
      server.process.kill('SIGSTOP');
      await new Promise((resolve) => setTimeout(resolve, ASLEEP_MS));
      server.process.kill('SIGCONT');
      const result = await answer;
      await server.close();
      return result.structuredContent.job_id === `job-of-${query}` ? codeOf(result) : 'no job_id';
    }),
  );
  await close();
  const lost = codes.filter((code) => code !== 'ok');
  return [
    {
      done: `asleep for ${ASLEEP_MS / 1000} s while a submit is answered`,
      where: 'submit',
      often: String(searches.length),
      cameBack: 'the job_id on waking',
      lost: `${lost.length} job ids`,
      wrong: joined([
        lost.length === 0 ? null : `on waking: ${lost}`,
        [...posts.values()].every((count) => count === 1) ? null : 'sent again',
      ]),
    },
  ];
}

/** Two servers on one folder are asked for the same search in the same moment, as by a client that starts all twice. */
async function twoAtOnce(): Promise<Finding[]> {
  const pairs = scaled(PAIRS);
  const { posts, open, close } = await house((_, respond) => setTimeout(respond, 50));
  const servers = await Promise.all([open(), open()]);
  const wrong: string[] = [];
  for (let pair = 0; pair < pairs; pair += 1) {
    const query = `pair-${pair}`;
    const both = await Promise.all(servers.map((server) => submit(server, query)));
    const ids = new Set(both.map(({ structuredContent: data }) => data.job_id));
    const reused = both.filter(({ structuredContent: data }) => data.already_submitted === true).length;
    if (posts.get(query) !== 1) wrong.push(`${query}: ${posts.get(query)} POSTs`);
    if (!ids.has(`job-of-${query}`) || ids.size !== 1) wrong.push(`${query}: answered with ${[...ids]}`);
    if (reused !== 1) wrong.push(`${query}: ${reused} of 2 said already_submitted`);
  }
  for (const server of servers) await server.close();
  await close();
  const second = [...posts.values()].filter((count) => count !== 1).length;
  return [
    {
      done: 'two servers on one folder, the same search at the same moment',
      where: 'submit',
      often: `${pairs} pairs`,
      cameBack: 'one job for both',
      lost: `${second} second POSTs`,
      wrong: joined(wrong),
    },
  ];
}
