import { renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { readExportedFile } from '../../src/files/exported-file.ts';
import { openImport } from '../../src/files/import-file.ts';
import { temporaryFolder } from '../upstream.ts';

/** A file of the export folder that is put in place and swapped for a link to one outside, by turns and without a gap. */
function swapping() {
  const [folder, elsewhere] = [temporaryFolder(), temporaryFolder()];
  writeFileSync(join(elsewhere, 'secret.csv'), 'outside');
  const path = join(folder, 'leads.csv');
  const next = join(folder, 'next');
  return {
    folder,
    path,
    put(what: 'file' | 'link') {
      if (what === 'file') writeFileSync(next, 'inside');
      else symlinkSync(join(elsewhere, 'secret.csv'), next);
      renameSync(next, path);
    },
  };
}

test('a file that is swapped for a link while it is read never brings what the link points at', async () => {
  const { folder, path, put } = swapping();
  const seen = { inside: 0, refused: 0 };
  for (let round = 0; round < 600; round += 1) {
    put('file');
    const reading = readExportedFile(folder, pathToFileURL(path).href).then(
      ({ text }) => text,
      () => 'refused',
    );
    for (let turn = 0; turn < round % 60; turn += 1) await new Promise(setImmediate);
    put('link');
    const text = await reading;
    expect(['inside', 'refused']).toContain(text);
    seen[text as keyof typeof seen] += 1;
  }
  put('link');
  await expect(readExportedFile(folder, pathToFileURL(path).href)).rejects.toThrow(/No such file/);
  expect(seen.inside).toBeGreaterThan(0);
});

test('an import that is swapped for a link while it is opened never brings what the link points at', async () => {
  const { folder, put } = swapping();
  for (let round = 0; round < 300; round += 1) {
    put('file');
    const opening = openImport(folder, 'leads.csv').then(
      async (file) => {
        await file.close();
        return file.start;
      },
      (error: Error) => error.message,
    );
    for (let turn = 0; turn < round % 60; turn += 1) await new Promise(setImmediate);
    put('link');
    expect(await opening).toMatch(/^inside$|is a link/);
  }
});
