import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { ROOT } from '../../.build/package/project.ts';
import packageJson from '../../package.json' with { type: 'json' };
import { startScript } from '../npm-script.ts';

const SCRIPTS: Readonly<Record<string, string>> = packageJson.scripts;

/** Scripts that a command line of npm's runs, and those that these run in turn. */
function scriptsIn(command: string): string[] {
  const named = [...command.matchAll(/\bnpm (?:run (?:--silent )?([\w:]+)|(test)\b)/g)];
  const names = named.map((match) => match[1] ?? match[2] ?? '');
  // The one that npm runs by itself after an installation.
  if (/\bnpm ci\b/.test(command)) names.push('prepare');
  return names.flatMap((name) => [name, ...scriptsIn(SCRIPTS[name] ?? '')]);
}

test.skipIf(process.platform === 'win32')(
  'every npm script is run by CI, or started by a test; CI runs the commands of the README',
  () => {
    const commands = execFileSync('bash', ['.ci/run', '--list'], { cwd: ROOT, encoding: 'utf8' });
    expect(scriptsIn(commands)).toEqual(expect.arrayContaining(['demo', 'test', 'lint', 'typecheck']));
    const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');
    const shown = [...readme.matchAll(/^npm ci && .*$/gm)].map(([command]) => command);
    expect(commands.split('\n').slice(0, 2)).toEqual(shown);

    const tests = readdirSync(join(ROOT, 'test'), { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.ts') && !path.includes('node_modules'))
      .map((path) => readFileSync(join(ROOT, 'test', path), 'utf8'))
      .join('\n');
    const started = [...tests.matchAll(/\b(?:run|start)Script\('([\w:]+)'/g)].map(([, name = '']) => name);
    const run = new Set(scriptsIn([commands, ...started.map((name) => `npm run ${name}`)].join('\n')));
    expect(Object.keys(SCRIPTS).filter((name) => !run.has(name))).toEqual([]);
    expect([...run].filter((name) => !(name in SCRIPTS))).toEqual([]);
  },
);

test('npm run sandbox serves the simulator', async () => {
  const script = startScript('sandbox', { args: ['0'] });
  onTestFinished(async () => void (await script.stop()));
  const [, url, key = ''] = await script.says(/"url":"([^"]+)","api_key":"([^"]+)"/);
  const answer = await fetch(`${url}/api/v1/credits/balance`, { headers: { 'x-api-key': key } });
  expect(answer.status).toBe(200);
});
