import { readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { link, open } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { toFileName, withExtension } from '../../src/files/export-format.ts';
import { putInPlace } from '../../src/files/row-export.ts';
import { temporaryFolder } from '../upstream.ts';

function folder(files: Record<string, string>): string {
  const path = temporaryFolder();
  for (const [name, text] of Object.entries(files)) writeFileSync(join(path, name), text);
  return path;
}

/** A file as whoever has written it holds it. */
async function finished(directory: string, name: string) {
  const path = join(directory, name);
  const file = await open(path, 'r');
  onTestFinished(() => file.close());
  return { path, file };
}

const failing = (code: string) => async () => {
  throw Object.assign(new Error(code), { code });
};

test.each(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EACCES', 'EMLINK', null])(
  'a file system whose links fail with %s gets the file under a free name, and no file is replaced',
  async (code) => {
    const path = folder({ 'ready.tmp': 'new', 'a.csv': 'old' });
    const linking = code === null ? link : failing(code);
    expect(await putInPlace(await finished(path, 'ready.tmp'), path, 'a.csv', linking)).toBe(
      join(path, 'a-2.csv'),
    );
    expect(readFileSync(join(path, 'a-2.csv'), 'utf8')).toBe('new');
    expect(readFileSync(join(path, 'a.csv'), 'utf8')).toBe('old');
  },
);

test('where the finished file can’t be renamed either, the name is free again', async () => {
  const path = folder({ 'nothing.tmp': '' });
  const ready = await finished(path, 'nothing.tmp');
  rmSync(ready.path);
  await expect(putInPlace(ready, path, 'a.csv', failing('EPERM'))).rejects.toMatchObject({
    code: 'ENOENT',
  });
  expect(readdirSync(path)).toEqual([]);
});

test('many at once get a name each', async () => {
  for (const linking of [link, failing('EPERM')]) {
    const names = Array.from({ length: 20 }, (_, index) => `${index}.tmp`);
    const path = folder(Object.fromEntries(names.map((name) => [name, name])));
    const ready = await Promise.all(names.map((name) => finished(path, name)));
    const got = await Promise.all(ready.map((each) => putInPlace(each, path, 'a.csv', linking)));
    expect(new Set(got).size).toBe(20);
    expect(new Set(got.map((each) => readFileSync(each, 'utf8')))).toEqual(new Set(names));
  }
});

const name = (given: string) => withExtension(toFileName(given), 'csv');

test.each([
  ['AUX', 'device'],
  ['con.csv', 'device'],
  ['Nul.tar', 'device'],
  ['COM1', 'device'],
  ['lpt9.csv', 'device'],
  ['COM¹.csv', 'device'],
  ['x'.repeat(201), '201 bytes'],
  ['é'.repeat(101), '202 bytes'],
  ['😀'.repeat(60), '240 bytes'],
  ['a/b', 'folder'],
  ['..\\b', 'folder'],
  ['C:x', 'drive'],
  ['.hidden', 'dot'],
  ['..', 'dot'],
  ['a.', 'dot'],
  ['a*', 'characters'],
  ['a\u202eb', 'characters'],
  ['a\ud800', 'characters'],
  ['a\nb', 'characters'],
])('the name %j is refused: %s', (given, said) => {
  expect(() => name(given)).toThrow(/^filename /);
  expect(() => name(given)).toThrow(said);
});

test.each([
  ['leads', 'leads.csv'],
  ['leads.CSV', 'leads.csv'],
  ['auxiliary', 'auxiliary.csv'],
  ['COM10', 'COM10.csv'],
  ['10.-12. Mai', '10.-12. Mai.csv'],
  ['東京の会社', '東京の会社.csv'],
  ['é'.repeat(100), `${'é'.repeat(100)}.csv`],
])('the name %j becomes %j', (given, expected) => {
  expect(name(given)).toBe(expected);
  const longest = withExtension(toFileName(given), 'jsonl', 'not-compared');
  expect(Buffer.byteLength(longest.replace(/\.jsonl$/, '-1000.jsonl'))).toBeLessThanOrEqual(255);
});

test('a finished file that is swapped before it gets its name is no export, and nothing of it stays', async () => {
  const path = folder({ 'ready.tmp': 'new', outside: 'a secret' });
  const ready = await finished(path, 'ready.tmp');
  const swap: typeof link = async (existing, to) => {
    rmSync(existing);
    symlinkSync(join(path, 'outside'), existing);
    await link(existing, to);
  };
  await expect(putInPlace(ready, path, 'a.csv', swap)).rejects.toThrow(/replaced by another/);
  expect(readdirSync(path).sort()).toEqual(['outside', 'ready.tmp']);
});
