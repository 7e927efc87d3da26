import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { openServices } from '../../src/compose.ts';
import { readConfig } from '../../src/config/config.ts';
import { notedJobs } from '../../src/lists/noted-jobs.ts';
import type { Services } from '../../src/tools/parts/define-tool.ts';
import { market } from '../market.ts';
import { temporaryFolder } from '../upstream.ts';

/** A server with this environment. */
function server(env: Record<string, string>, home: string): Services {
  const config = readConfig([], { OPENFUNNEL_API_KEY: 'of_x', ...env }, { platform: 'linux', home });
  const services = openServices(config, { version: '0.0.0', log: () => {} });
  onTestFinished(() => services.close());
  return services;
}

/** The ids of the jobs that a server with this environment lists. */
async function listed(env: Record<string, string>, home: string): Promise<string[]> {
  const services = server(env, home);
  const { jobs } = await notedJobs(services.ledger);
  return jobs.map(({ job_id }) => job_id).sort();
}

/** A job in the ledger of a state folder; twice where it is there already. */
function note(stateHome: string, jobId: string): void {
  const folder = join(stateHome, 'openfunnel-lookalikes-mcp');
  mkdirSync(folder, { recursive: true });
  const record = {
    type: 'submit',
    account: 'another',
    job_id: jobId,
    at: new Date().toISOString(),
    request: { query: 'x', limit: 5 },
    status: 'pending',
  };
  const future = { type: 'of-a-later-version', account: 'another' };
  writeFileSync(join(folder, 'jobs.jsonl'), `\n${JSON.stringify(record)}\n${JSON.stringify(future)}`, {
    flag: 'a',
  });
}

test('a job is found again when a client adds or strips the variable that moves the ledger', async () => {
  const [home, xdg, chosen] = [temporaryFolder(), temporaryFolder(), temporaryFolder()];
  note(join(home, '.local', 'state'), 'in-home');
  expect(await listed({}, home)).toEqual(['in-home']);
  // Added: the usual folder is read as well.
  expect(await listed({ XDG_STATE_HOME: xdg }, home)).toEqual(['in-home']);
  note(xdg, 'in-xdg');
  expect(await listed({ XDG_STATE_HOME: xdg }, home)).toEqual(['in-home', 'in-xdg']);
  // Stripped: the usual folder knows where it was moved to.
  expect(await listed({}, home)).toEqual(['in-home', 'in-xdg']);
  // A folder of the user's own choice stands alone.
  expect(await listed({ OPENFUNNEL_STATE_DIR: chosen }, home)).toEqual([]);
});

test('what can’t be read elsewhere takes nothing away from the own ledger', async () => {
  const [home, xdg] = [temporaryFolder(), temporaryFolder()];
  writeFileSync(join(home, '.local'), 'a file where a folder should be');
  note(xdg, 'in-xdg');
  expect(await listed({ XDG_STATE_HOME: xdg }, home)).toEqual(['in-xdg']);
});

test.each([
  ['adds the variable', true],
  ['strips the variable', false],
])('what another client submits that %s, and starts later, is found at the next submit', async (_, added) => {
  const { env: api, ...upstream } = await market();
  const { OPENFUNNEL_STATE_DIR: _own, ...env } = api;
  const [home, xdg] = [temporaryFolder(), temporaryFolder()];
  const moved = { XDG_STATE_HOME: xdg };
  const run = async ({ submits }: Services, query: string) => {
    const { signal } = new AbortController();
    const request = { body: { query, limit: 5 }, label: null, allowDuplicate: false };
    const cleared = await submits.clear(request, signal);
    if ('job' in cleared) return cleared.job.job_id;
    return (await submits.send(request, cleared, signal)).job.job_id;
  };
  const first = server({ ...env, ...(added ? {} : moved) }, home);
  expect(await run(first, 'one')).toBe('job-1');
  // Neither its folder nor the note of it was there before.
  const second = server({ ...env, ...(added ? moved : {}) }, home);
  expect(await run(second, 'two')).toBe('job-2');
  expect(await run(first, 'two')).toBe('job-2');
  expect(await run(second, 'one')).toBe('job-1');
  expect(upstream.requests.filter(({ method }) => method === 'POST')).toHaveLength(2);
});
