import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { SERVER } from '../stdio-server.ts';
import { json, temporaryFolder, upstream } from '../upstream.ts';

const KEY = 'of_0123456789abcdef';

interface Visit {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** Runs `doctor` with nothing in its environment but what is given, in a home of its own. */
function doctor(env: Record<string, string>, ...args: string[]): Promise<Visit> {
  const home = env.HOME ?? temporaryFolder();
  const child = spawn(process.execPath, [SERVER, 'doctor', ...args], {
    env: {
      PATH: process.env.PATH ?? '',
      HOME: home,
      USERPROFILE: home,
      LOCALAPPDATA: join(home, 'local'),
      ...env,
    },
  });
  const visit: Visit = { code: null, stdout: '', stderr: '' };
  child.stdout.on('data', (chunk) => {
    visit.stdout += chunk;
  });
  child.stderr.on('data', (chunk) => {
    visit.stderr += chunk;
  });
  return new Promise((resolve) => child.on('close', (code) => resolve({ ...visit, code })));
}

/** The findings of `doctor --json` by their check. */
async function findings(env: Record<string, string>, ...args: string[]) {
  const { code, stdout } = await doctor(env, '--json', ...args);
  const report = JSON.parse(stdout);
  // biome-ignore lint/suspicious/noExplicitAny: findings of every kind are looked into
  const byCheck: Record<string, any> = Object.fromEntries(
    report.findings.map((finding: { check: string }) => [finding.check, finding]),
  );
  return { code, ok: report.ok, byCheck, stdout };
}

describe('doctor', () => {
  test('all is well: exit code 0, credits told to the person, nothing private in the JSON form', async () => {
    const { url } = await upstream((_, res) =>
      json(res, { total_credits: 200, credits_used: 37.5, credits_left: 162.5 }),
    );
    const env = {
      OPENFUNNEL_API_KEY: KEY,
      OPENFUNNEL_BASE_URL: url,
      OPENFUNNEL_EXPORT_DIR: temporaryFolder(),
    };
    const text = await doctor(env);
    expect(text).toMatchObject({ code: 0, stderr: '' });
    expect(text.stdout).toContain('162.5 credits left');
    expect(text.stdout).not.toContain(KEY);

    const report = await findings(env);
    expect(report).toMatchObject({ code: 0, ok: true });
    expect(report.byCheck.api).toMatchObject({ verdict: 'ok', accepted: true, has_credits: true });
    for (const secret of [KEY, '0123456789', '162.5', env.OPENFUNNEL_EXPORT_DIR, '127.0.0.1'])
      expect(report.stdout).not.toContain(secret);
  });

  test('no key: exit code 1, and what to do', async () => {
    const { code, stdout } = await doctor({});
    expect(code).toBe(1);
    expect(stdout).toMatch(
      /problem\s+api_key\s+No API key is set, .*\n\s+→ Put your key into OPENFUNNEL_API_KEY/,
    );
  });

  test('an unknown argument ends with exit code 2', async () => {
    expect(await doctor({}, '--jsn')).toMatchObject({ code: 2, stdout: '' });
  });
});
