import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { expect, onTestFinished, test } from 'vitest';
import { codeBlocks } from '../../.build/documents/check.ts';
import { ROOT } from '../../.build/package/project.ts';
import { runScript } from '../npm-script.ts';
import { shared, temporaryFolder } from '../upstream.ts';
import { findChromium } from './view/browser-host.ts';

// Scripts that write into the repository, done to a copy of it.

const FILES = execFileSync('git', ['ls-files', '-co', '--exclude-standard'], { cwd: ROOT, encoding: 'utf8' })
  .trim()
  .split('\n');
const copy = shared(async () => {
  const folder = temporaryFolder();
  for (const path of FILES) cpSync(join(ROOT, path), join(folder, path));
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'), 'junction');
  return folder;
});

const original = (path: string) => readFileSync(join(ROOT, path), 'utf8');
const copied = (path: string) => readFileSync(join(copy(), path), 'utf8');
const change = (path: string, from: string, to: string) => {
  expect(original(path)).toContain(from);
  writeFileSync(join(copy(), path), original(path).replace(from, to));
};

/** Fails the test where the script did. */
async function succeeds(ended: ReturnType<typeof runScript>): Promise<void> {
  const { code, stdout, stderr } = await ended;
  expect(code, stdout + stderr).toBe(0);
}

test('npm run format lays a file out as the others are', async () => {
  const path = 'test/scale.ts';
  change(path, '\n}', '\n\n\n    }');
  await succeeds(runScript('format', { cwd: copy() }));
  expect(copied(path)).toBe(original(path));
});

test('npm run documents writes what is generated anew, and leaves the rest', async () => {
  change('.github/CLIENTS.md', '| SDK 1 |', '| SDK one |');
  rmSync(join(copy(), '.github/TOOLS.md'));
  await succeeds(runScript('documents', { cwd: copy() }));
  for (const path of ['.github/CLIENTS.md', '.github/TOOLS.md']) expect(copied(path)).toBe(original(path));
});

test('npm run tokens measures the table anew', async () => {
  const path = 'src/lib/token-table.ts';
  change(path, 'export ', '// Measured by nobody.\nexport ');
  await succeeds(runScript('tokens', { cwd: copy() }));
  // Not to the last sign: what the tools say of themselves is measured too, and changes.
  const shape = (text: string) => text.replace(/'[^']{20,}'/g, "''");
  expect(shape(copied(path))).toBe(shape(original(path)));
});

test('npm run update writes every snapshot, and the documents made from them', async () => {
  rmSync(join(copy(), '.github/TOOLS.md'));
  const snapshots = FILES.filter((path) => path.startsWith('test/snapshots/'));
  const [first = ''] = snapshots;
  rmSync(join(copy(), first));
  // A snapshot that is missing is written by hand, not in CI.
  await succeeds(runScript('update', { cwd: copy(), env: { CI: '' } }));
  for (const path of [...snapshots, '.github/TOOLS.md']) expect(copied(path), path).toBe(original(path));
});

test("the README's package command, copied as it stands, is told in one line what to put in", async () => {
  const [command = ''] = codeBlocks(original('README.md'))
    .flatMap(({ code }) => code.split('\n'))
    .filter((line) => line.startsWith('npm run package -- '));
  const args = command.split(' ').slice('npm run package --'.split(' ').length);
  const owner = args[args.indexOf('--owner') + 1] ?? '';
  expect(owner).not.toBe('');
  const { code, stderr } = await runScript('package', { args, cwd: copy() });
  expect(code).toBe(2);
  expect(stderr).toContain(owner);
  expect(stderr.trimEnd().split('\n')).toHaveLength(1);
});

test.skipIf(findChromium() === null)('npm run pictures draws the pictures of the README anew', async () => {
  const pictures = ['table.png', 'decide.png', 'progress.png'].map((name) => join('.github', name));
  for (const path of pictures) rmSync(join(copy(), path));
  await succeeds(runScript('pictures', { cwd: copy() }));
  // The height stands behind the width, which is how wide the view is.
  const heights = pictures.map((path) => readFileSync(join(copy(), path)).readUInt32BE(20));
  expect(Math.min(...heights)).toBeGreaterThan(300);
});

test('npm run demo ends well, with the path of a file that has what it says', async () => {
  const { code, stdout, stderr } = await runScript('demo', { env: { OPENFUNNEL_SANDBOX_SPEED: '50' } });
  expect(code, stdout + stderr).toBe(0);
  const path = /\nThe list: (.+)\n$/.exec(stdout)?.[1] ?? '';
  expect(existsSync(path), stdout).toBe(true);
  const folder = dirname(dirname(path));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  // Of its own: nothing is left there but the file.
  expect(readdirSync(folder, { recursive: true })).toHaveLength(2);
  const rows: unknown[] = parse(readFileSync(path), { bom: true, columns: true });
  expect(stdout).toContain(`${rows.length} companies, each one once`);
});
