import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { link, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { forgetFiles, type WriteOnceOptions, writeOnce } from '../../src/disk/write-once.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { temporaryFolder } from '../upstream.ts';

const noLinks = async () => {
  throw Object.assign(new Error('EPERM'), { code: 'EPERM' });
};
const options = (directory: string, over: Partial<WriteOnceOptions> = {}): WriteOnceOptions => ({
  directory,
  stem: 'list',
  fileName: () => 'list.db',
  clock: systemClock,
  ...over,
});

test.each([
  ['with links', link],
  ['without links', noLinks],
])('a file is put in place whole, for its owner alone, and never over another one, %s', async (_, how) => {
  const directory = join(temporaryFolder(), 'new');
  const write = (text: string) =>
    writeOnce(options(directory, { linking: how }), async (append) => {
      await append(text.slice(0, 2));
      expect(readdirSync(directory)).not.toContain('none.db');
      await append(Buffer.from(text.slice(2)));
    });
  expect(await write('first')).toBe(true);
  expect(await write('second')).toBe(false);
  expect(readFileSync(join(directory, 'list.db'), 'utf8')).toBe('first');
  expect(readdirSync(directory)).toEqual(['list.db']);
  if (process.platform !== 'win32') {
    expect(statSync(join(directory, 'list.db')).mode & 0o777).toBe(0o600);
    expect(statSync(directory).mode & 0o777).toBe(0o700);
  }
});

test('what fails on the way leaves nothing', async () => {
  const directory = temporaryFolder();
  const failing = writeOnce(options(directory), async (append) => {
    await append('x');
    throw new Error('no');
  });
  await expect(failing).rejects.toThrow('no');
  const unnamed = writeOnce(
    options(directory, { fileName: () => Promise.reject(new Error('taken')) }),
    async () => {},
  );
  await expect(unnamed).rejects.toThrow('taken');
  expect(readdirSync(directory)).toEqual([]);
});

test('what processes left when they died is removed, what others are writing stays', async () => {
  const directory = temporaryFolder();
  const writer = { host: 'here', pid: 10, isAlive: (pid: number) => pid === 11 };
  const old = ['.list.away-9-00000003.tmp', '.list.here-11-00000004.tmp'];
  const left = ['.list.here-12-00000001.tmp', '.my list.v1.here-12-00000002.tmp', ...old];
  const stay = [
    '.list.here-11-00000005.tmp',
    '.list.here-10-00000006.tmp',
    '.list.away-9-00000007.tmp',
    '.else.tmp',
  ];
  for (const name of [...left, ...stay]) writeFileSync(join(directory, name), 'x');
  for (const name of old) await utimes(join(directory, name), new Date(0), new Date(0));
  await writeOnce(options(directory, { writer }), async (append) => append('x'));
  expect(readdirSync(directory).sort()).toEqual([...stay, 'list.db'].sort());
  // Where a list is forgotten, its own go in any case.
  writeFileSync(join(directory, 'li-other.db'), 'x');
  const names = { start: 'li', ending: /\.db$/ };
  expect(await forgetFiles(directory, names, ['ST'])).toEqual({ forgotten: ['st'], bytes: 4 });
  expect(readdirSync(directory).sort()).toEqual(['.else.tmp', 'li-other.db']);
});

test('of many that write the same name at once one is in place', async () => {
  for (const how of [link, noLinks]) {
    const directory = temporaryFolder();
    const all = await Promise.all(
      Array.from({ length: 12 }, (_, index) =>
        writeOnce(options(directory, { linking: how }), (append) => append(`text ${index}`)),
      ),
    );
    expect(all.filter(Boolean)).toHaveLength(1);
    expect(readFileSync(join(directory, 'list.db'), 'utf8')).toBe(`text ${all.indexOf(true)}`);
  }
});
