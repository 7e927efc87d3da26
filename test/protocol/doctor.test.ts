import { chmodSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runDoctor } from '../../src/doctor/doctor.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { HttpTransport } from '../../src/openfunnel/http.ts';
import { listsOver } from '../lists.ts';
import { refusingPort } from '../refusing-port.ts';
import { json, temporaryFolder, upstream } from '../upstream.ts';

const KEY = 'of_0123456789abcdef';

/** The findings of `doctor --json` by their check, in a home of its own, and its exit code. */
async function findings(env: Record<string, string>, ...args: string[]) {
  const home = temporaryFolder();
  const { text, ok } = await runDoctor({
    args: ['--json', ...args],
    env,
    machine: { platform: process.platform, home, temporary: home },
    version: '0.0.0-test',
    node: { version: '20.20.2', needed: '>=20.18.1' },
    platform: 'linux-x64',
    openSend: (config) => new HttpTransport(systemClock, config),
  });
  const report = JSON.parse(text);
  // biome-ignore lint/suspicious/noExplicitAny: findings of every kind are looked into
  const byCheck: Record<string, any> = Object.fromEntries(
    report.findings.map((finding: { check: string }) => [finding.check, finding]),
  );
  return { code: ok ? 0 : 1, byCheck };
}

/** An upstream that answers every request with this. */
async function answering(status: number, body: unknown): Promise<string> {
  return (await upstream((_, res) => json(res, body, status))).url;
}

describe('doctor', () => {
  it.each([
    [401, { detail: 'Invalid API key' }, 'unauthorized'],
    [403, { detail: 'no' }, 'forbidden'],
    [503, '<html>', 'upstream_unavailable'],
    [200, { hello: 1 }, 'upstream_invalid_response'],
  ])('an answer of %i is told by its code', async (status, body, expected) => {
    const { code, byCheck } = await findings({
      OPENFUNNEL_API_KEY: KEY,
      OPENFUNNEL_BASE_URL: await answering(status, body),
    });
    expect(code).toBe(1);
    expect(byCheck.api).toMatchObject({ verdict: 'problem', reached: true, code: expected });
    expect(byCheck.api.advice).toBeTruthy();
  });

  it('an account without credits is a problem', async () => {
    const { code, byCheck } = await findings({
      OPENFUNNEL_API_KEY: KEY,
      OPENFUNNEL_BASE_URL: await answering(200, { total_credits: 5, credits_used: 5, credits_left: 0 }),
    });
    expect({ code, verdict: byCheck.api.verdict }).toEqual({ code: 1, verdict: 'problem' });
  });

  it('an address that refuses is told apart from a bad key', async () => {
    const nobody = await refusingPort();
    const { byCheck } = await findings({
      OPENFUNNEL_API_KEY: KEY,
      OPENFUNNEL_BASE_URL: nobody.url,
    });
    await nobody.close();
    expect(byCheck.api).toMatchObject({ reached: false, code: 'network', fault: 'refused' });
  });

  it('names every variable that can’t be used, in one look', async () => {
    const { code, byCheck } = await findings({
      OPENFUNNEL_EXPORT_DIR: 'lists',
      OPENFUNNEL_CONFIRM_ABOVE: 'often',
      HTTPS_PROXY: 'socks5://127.0.0.1:1',
    });
    expect(code).toBe(1);
    for (const name of ['OPENFUNNEL_EXPORT_DIR', 'OPENFUNNEL_CONFIRM_ABOVE', 'HTTPS_PROXY'])
      expect(byCheck[name], name).toMatchObject({ verdict: 'problem', usable: false });
  });

  it('sandbox: needs no key, asks nobody', async () => {
    const { code, byCheck } = await findings({}, '--sandbox');
    expect(code).toBe(0);
    expect(byCheck.sandbox).toMatchObject({ on: true });
    expect(byCheck.api).toBeUndefined();
  });

  it('folders: a file in the place of one, damaged lines, and nothing left behind', async () => {
    const state = temporaryFolder();
    const at = new Date().toISOString();
    const record = { type: 'seen', account: 'a', job_id: 'j', at, status: 'running', processed: null };
    writeFileSync(join(state, 'jobs.jsonl'), `\n${JSON.stringify(record)}\n{"type":"sta\n[]\n{"type":"new"}`);
    const notAFolder = join(temporaryFolder(), 'file');
    writeFileSync(notAFolder, '');
    const before = readdirSync(state);
    const { code, byCheck } = await findings({
      OPENFUNNEL_STATE_DIR: state,
      OPENFUNNEL_EXPORT_DIR: notAFolder,
    });
    expect(code).toBe(1);
    expect(byCheck.ledger).toMatchObject({ verdict: 'problem', records: 1, damaged: 3 });
    expect(byCheck.state_folder).toMatchObject({ verdict: 'ok', writable: true, chosen: true });
    expect(byCheck.export_folder).toMatchObject({ verdict: 'problem', refusal: 'ENOTDIR' });
    expect(readdirSync(state)).toEqual(before);
  });

  it('tells kept lists that are damaged anywhere, and leaves them as they are', async () => {
    const state = temporaryFolder();
    const folder = join(state, 'sandbox', 'lists');
    const rows = Array.from({ length: 30 }, (_, row) => ({
      name: `Bakery ${row}`,
      domain: `b${row}.example`,
    }));
    const { signal } = new AbortController();
    await listsOver(state, { 'job-1': { rows } }).lists.get('job-1', { signal });
    mkdirSync(join(state, 'sandbox'));
    renameSync(join(state, 'lists'), folder);
    const env = { OPENFUNNEL_STATE_DIR: state };
    expect((await findings(env, '--sandbox')).byCheck.kept_lists).toMatchObject({ kept: 1, damaged: 0 });

    const path = join(folder, readdirSync(folder)[0] ?? '');
    const bytes = readFileSync(path);
    const middle = Math.floor(bytes.length / 2);
    bytes.writeUInt8(bytes.readUInt8(middle) ^ 1, middle);
    writeFileSync(path, bytes);
    const { code, byCheck } = await findings(env, '--sandbox');
    expect({ code, ...byCheck.kept_lists }).toMatchObject({ code: 0, verdict: 'note', kept: 0, damaged: 1 });
    expect(readFileSync(path)).toEqual(bytes);
  });

  // Root may write everywhere, and Windows has no such modes.
  it.skipIf(process.getuid?.() === 0 || process.platform === 'win32')(
    'a folder without the right to write',
    async () => {
      const locked = join(temporaryFolder(), 'locked');
      mkdirSync(locked);
      chmodSync(locked, 0o500);
      const { byCheck } = await findings({ OPENFUNNEL_STATE_DIR: locked });
      expect(byCheck.state_folder).toMatchObject({ verdict: 'problem', refusal: 'EACCES' });
    },
  );
});
