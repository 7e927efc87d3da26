import { chmodSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { KnownLists } from '../../src/disk/known-lists.ts';
import { Marks } from '../../src/disk/marks.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { connect, examined } from '../harness.ts';
import { listsOver } from '../lists.ts';
import { refusingPort } from '../refusing-port.ts';
import { json, temporaryFolder, upstream } from '../upstream.ts';

const KEY = 'of_0123456789abcdef';

interface Visit {
  env?: Record<string, string>;
  args?: string[];
}

/** The findings by their check in a home of its own, and how many are problems: in both forms, which must agree. */
async function visit({ env = {}, args = [] }: Visit) {
  const home = temporaryFolder();
  const machine = { platform: process.platform, home, temporary: home };
  const { text, ok } = await examined(env, args, machine);
  const json = await examined(env, ['--json', ...args], machine);
  const report = JSON.parse(json.text);
  const problems = text.split('\n').filter((line) => line.startsWith('problem ')).length;
  expect(text).toContain(
    problems === 0 ? 'No problems found.' : `${problems} problem${problems === 1 ? '' : 's'} found.`,
  );
  expect([json.ok, report.ok, report.problems]).toEqual([ok, ok, problems]);
  expect(ok).toBe(problems === 0);
  // biome-ignore lint/suspicious/noExplicitAny: findings of every kind are looked into
  const byCheck: Record<string, any> = Object.fromEntries(
    report.findings.map((finding: { check: string }) => [finding.check, finding]),
  );
  return { code: ok ? 0 : 1, byCheck, text, problems };
}

const findings = (env: Record<string, string>, ...args: string[]) => visit({ env, args });

/** An upstream that answers every request with this. */
async function answering(status: number, body: unknown): Promise<string> {
  return (await upstream((_, res) => json(res, body, status))).url;
}

describe('doctor', () => {
  test.each([
    [401, { detail: 'Invalid API key' }, 'unauthorized'],
    [403, { detail: 'no' }, 'forbidden'],
    [503, '<html>', 'upstream_unavailable'],
    [200, { hello: 1 }, 'upstream_invalid_response'],
  ])('an answer of %i is reported with its code', async (status, body, expected) => {
    const { code, byCheck } = await findings({
      OPENFUNNEL_API_KEY: KEY,
      OPENFUNNEL_BASE_URL: await answering(status, body),
    });
    expect(code).toBe(1);
    expect(byCheck.api).toMatchObject({ verdict: 'problem', reached: true, code: expected });
    expect(byCheck.api.advice).toBeTruthy();
  });

  test('an account without credits is a problem', async () => {
    const { code, byCheck } = await findings({
      OPENFUNNEL_API_KEY: KEY,
      OPENFUNNEL_BASE_URL: await answering(200, { total_credits: 5, credits_used: 5, credits_left: 0 }),
    });
    expect({ code, verdict: byCheck.api.verdict }).toEqual({ code: 1, verdict: 'problem' });
  });

  test('a refused connection is distinguished from a bad key', async () => {
    const nobody = await refusingPort();
    const { byCheck } = await findings({
      OPENFUNNEL_API_KEY: KEY,
      OPENFUNNEL_BASE_URL: nobody.url,
    });
    await nobody.close();
    expect(byCheck.api).toMatchObject({ reached: false, code: 'network', fault: 'refused' });
  });

  test('names every invalid variable at once', async () => {
    const { code, byCheck } = await findings({
      OPENFUNNEL_EXPORT_DIR: 'lists',
      OPENFUNNEL_CONFIRM_ABOVE: 'often',
      HTTPS_PROXY: 'socks5://127.0.0.1:1',
    });
    expect(code).toBe(1);
    for (const name of ['OPENFUNNEL_EXPORT_DIR', 'OPENFUNNEL_CONFIRM_ABOVE', 'HTTPS_PROXY'])
      expect(byCheck[name], name).toMatchObject({ verdict: 'problem', usable: false });
  });

  test('sandbox: needs no key, and asks nothing of the API', async () => {
    const { code, byCheck } = await findings({}, '--sandbox');
    expect(code).toBe(0);
    expect(byCheck.sandbox).toMatchObject({ on: true });
    expect(byCheck.api).toBeUndefined();
  });

  test('folders: a file instead of one, damaged lines, and nothing left behind', async () => {
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

  test('reports kept lists that are damaged anywhere, and leaves them unchanged', async () => {
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
    // A list without a ledger: it was lost.
    const { byCheck: lost } = await findings(env, '--sandbox');
    expect(lost.ledger).toMatchObject({ verdict: 'problem', lost: 1 });
    expect(lost.kept_lists).toMatchObject({ kept: 1, damaged: 0 });
    const at = new Date().toISOString();
    for (const [job_id, ledger] of [
      ['job-2', { verdict: 'note', lost: 1 }],
      ['job-1', { verdict: 'ok' }],
    ] as const) {
      const record = { type: 'seen', account: 'a', job_id, at, status: 'completed', processed: null };
      writeFileSync(join(state, 'sandbox', 'jobs.jsonl'), `\n${JSON.stringify(record)}`);
      expect((await findings(env, '--sandbox')).byCheck.ledger).toMatchObject(ledger);
    }

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
  test.skipIf(process.getuid?.() === 0 || process.platform === 'win32')(
    'a folder without the right to write',
    async () => {
      const locked = join(temporaryFolder(), 'locked');
      mkdirSync(locked);
      chmodSync(locked, 0o500);
      const { byCheck } = await findings({ OPENFUNNEL_STATE_DIR: locked });
      expect(byCheck.state_folder).toMatchObject({ verdict: 'problem', refusal: 'EACCES' });
    },
  );

  test('an address without an API is reported as a wrong address, by name', async () => {
    const url = await answering(404, { detail: 'Not Found' });
    const { byCheck, text } = await findings({ OPENFUNNEL_API_KEY: KEY, OPENFUNNEL_BASE_URL: url });
    expect(byCheck.api).toMatchObject({ verdict: 'problem', http_status: 404 });
    expect(text).toMatch(/there is no OpenFunnel API there \(HTTP 404\).*\n.*Correct OPENFUNNEL_BASE_URL/);
    expect(text).not.toMatch(/Ask the user|job_id/);
  });

  test('a mistyped setting is named, with the intended one; unrelated ones are only noted', async () => {
    const { byCheck, text, problems } = await visit({
      env: { OPENFUNNEL_EXPORTDIR: '/x', OPENFUNNEL_OTHER_PRODUCT_TOKEN: 'secret' },
      args: ['--sandbox'],
    });
    expect(problems).toBe(1);
    expect(text).toMatch(/problem +unknown_variable +OPENFUNNEL_EXPORTDIR is not a setting/);
    expect(text).toContain('Did you mean OPENFUNNEL_EXPORT_DIR?');
    expect(text).toMatch(/note +unknown_variable +OPENFUNNEL_OTHER_PRODUCT_TOKEN/);
    expect(byCheck.configuration.from_environment).toBe('');
    expect(text).not.toContain('secret');
  });

  test.each([
    ['is not there', null, 'ENOENT'],
    ['holds no certificate', 'hello', 'not_pem'],
  ])('a file of certificates that %s', async (_, content, refusal) => {
    const path = join(temporaryFolder(), 'ca.pem');
    if (content !== null) writeFileSync(path, content);
    const { byCheck } = await findings({ NODE_EXTRA_CA_CERTS: path });
    expect(byCheck.certificates).toMatchObject({ verdict: 'problem', refusal });
  });

  test('an unreachable proxy is reported as the proxy, and NO_PROXY is respected', async () => {
    const nobody = await refusingPort();
    const env = { OPENFUNNEL_API_KEY: KEY, OPENFUNNEL_BASE_URL: 'https://api.test', HTTPS_PROXY: nobody.url };
    const { text } = await findings(env);
    await nobody.close();
    expect(text).toMatch(/problem +api +The proxy 127\.0\.0\.1:\d+ \(HTTPS_PROXY\) refuses the connection/);
    const direct = await findings({ HTTPS_PROXY: nobody.url, NO_PROXY: 'openfunnel.dev' });
    expect(direct.byCheck.route).toMatchObject({ proxy: false });
  });

  test.each([
    ['holds characters that no key has', 'of_ä'],
    ['is a placeholder', 'your-key-here'],
  ])('a key that %s is one problem, and nothing is asked', async (_, key) => {
    const { problems, byCheck, text } = await findings({ OPENFUNNEL_API_KEY: key });
    expect(problems).toBe(1);
    expect(byCheck.api_key).toMatchObject({ verdict: 'problem', set: true, usable: false });
    expect(byCheck.api).toMatchObject({ verdict: 'note', asked: false });
    expect(text).not.toContain(key);
  });

  test('with an invalid address or proxy, nothing is asked', async () => {
    const { url, requests } = await upstream((_, res) => json(res, {}));
    const { byCheck, problems } = await visit({
      env: { OPENFUNNEL_API_KEY: KEY, OPENFUNNEL_BASE_URL: url, HTTPS_PROXY: 'socks5://127.0.0.1:1' },
    });
    expect({ problems, asked: byCheck.api.asked, requests }).toEqual({
      problems: 1,
      asked: false,
      requests: [],
    });
  });

  test.each([
    ['lists', 'kept_lists'],
    ['known', 'known_lists'],
    ['marks', 'marks'],
  ])('a file instead of the folder %s', async (name, check) => {
    const state = temporaryFolder();
    mkdirSync(join(state, 'sandbox'));
    writeFileSync(join(state, 'sandbox', name), '');
    const { problems, byCheck, text } = await findings({ OPENFUNNEL_STATE_DIR: state }, '--sandbox');
    expect(problems).toBe(1);
    expect(byCheck[check]).toMatchObject({ verdict: 'problem', blocked_by: 'file' });
    expect(text).toContain('is a file, not a folder');
  });

  test('a known list and marks that are damaged', async () => {
    const state = temporaryFolder();
    const [known, marks] = [join(state, 'sandbox', 'known'), join(state, 'sandbox', 'marks')];
    await new KnownLists({ directory: known, clock: systemClock }).write('crm', null, [
      { keys: ['domain:a.example'], name: 'A' },
    ]);
    await new Marks({ directory: marks, clock: systemClock }).add('job-1', [{ rows: [1], verdict: 'keep' }]);
    const env = { OPENFUNNEL_STATE_DIR: state };
    const sound = await findings(env, '--sandbox');
    expect(sound.byCheck).toMatchObject({
      known_lists: { readable: 1, damaged: 0 },
      marks: { jobs: 1, damaged: 0 },
    });

    const file = join(known, readdirSync(known)[0] ?? '');
    writeFileSync(file, readFileSync(file, 'utf8').replace('a.example', 'b.example'));
    const marked = join(marks, readdirSync(marks)[0] ?? '');
    writeFileSync(marked, `${readFileSync(marked, 'utf8')}\n[]\n1`);
    const { problems, byCheck, text } = await findings(env, '--sandbox');
    expect(problems).toBe(2);
    expect(byCheck.known_lists).toMatchObject({ verdict: 'problem', readable: 0, damaged: 1 });
    expect(byCheck.marks).toMatchObject({ verdict: 'problem', damaged: 1 });
    expect(text).toContain('“crm” (it was changed after it was written)');
  });

  test('an unreadable ledger is reported with what it protects', async () => {
    const state = temporaryFolder();
    mkdirSync(join(state, 'jobs.jsonl'));
    const { byCheck, text } = await findings({ OPENFUNNEL_STATE_DIR: state });
    expect(byCheck.ledger).toMatchObject({ verdict: 'problem', readable: false });
    expect(text).toContain('keeps the same search from being billed twice');
  });

  test('an occupied port of the sandbox', async () => {
    const { url } = await upstream((_, res) => json(res, {}));
    const { problems, byCheck } = await findings({}, '--serve-sandbox', new URL(url).port);
    expect(problems).toBe(1);
    expect(byCheck.port).toMatchObject({ verdict: 'problem', refusal: 'EADDRINUSE' });
    expect((await findings({}, '--serve-sandbox', '0')).problems).toBe(0);
  });

  test('a chosen folder that does not exist yet is noted, a default one is not', async () => {
    const { byCheck } = await findings(
      { OPENFUNNEL_EXPORT_DIR: join(temporaryFolder(), 'new') },
      '--sandbox',
    );
    expect(byCheck.export_folder).toMatchObject({ verdict: 'note', exists: false });
    expect(byCheck.state_folder).toMatchObject({ verdict: 'ok', exists: false });
  });

  test.each([
    ['variables', [], /OPENFUNNEL_CONFIRM_ABOVE where the MCP client sets it/],
    ['fields of the form', ['--form'], /“Ask me above this many credits” in this extension's form/],
  ])('the prompt gives the same findings in the chat, in words of %s', async (_, args, expected) => {
    const client = await connect(
      {
        OPENFUNNEL_API_KEY: KEY,
        OPENFUNNEL_CONFIRM_ABOVE: 'often',
        OPENFUNNEL_BASE_URL: await answering(200, { total_credits: 5, credits_used: 1, credits_left: 4 }),
      },
      args,
    );
    const { messages } = await client.getPrompt({ name: 'doctor' });
    const text = messages[0]?.content.type === 'text' ? messages[0].content.text : '';
    expect(text).toMatch(/^1 problem found\.$/m);
    expect(text).toMatch(expected);
    expect(text).not.toContain(KEY);
  });
});
