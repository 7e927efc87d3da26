import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { openServices } from '../../src/compose.ts';
import { readConfig } from '../../src/config/config.ts';
import { temporaryFolder } from '../upstream.ts';

/** The ids of the jobs that a server with this environment lists. */
async function listed(env: Record<string, string>, home: string): Promise<string[]> {
  const config = readConfig([], { OPENFUNNEL_API_KEY: 'of_x', ...env }, { platform: 'linux', home });
  const services = openServices(config, '0.0.0', () => {});
  onTestFinished(() => services.close());
  const { jobs } = await services.jobs.list(null, { signal: new AbortController().signal });
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
