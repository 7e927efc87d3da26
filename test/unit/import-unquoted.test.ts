import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { openImport } from '../../src/files/import-file.ts';
import { readRows } from '../../src/files/import-rows.ts';
import { scaled } from '../scale.ts';
import { temporaryFolder } from '../upstream.ts';

const PARTS = ['a', 'é', '日', 'b,c', ',', ';', ' ', '\n', '\r\n', '\r', '\ufeff', 'Company,Website'];

test('a table without quotes has the rows that the CSV library finds in it, wherever its pieces end', async () => {
  const folder = temporaryFolder();
  const text = fc.array(fc.constantFrom(...PARTS), { minLength: 1, maxLength: 40 });
  await fc.assert(
    fc.asyncProperty(text, fc.integer({ min: 1, max: 9 }), async (parts, size) => {
      const bytes = Buffer.from(parts.join(''));
      writeFileSync(join(folder, 'a.csv'), bytes);
      const file = await openImport(folder, 'a.csv');
      expect(file.unquoted).toBe(true);
      const pieces = async function* () {
        for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
      };
      const rowsOf = async (read: typeof file) => {
        const rows: Array<readonly string[]> = [];
        await readRows(read, { cells: (cells) => rows.push(cells), value: () => {}, headersIn: () => 0 });
        return rows;
      };
      expect(await rowsOf({ ...file, pieces })).toEqual(await rowsOf({ ...file, unquoted: false }));
      await file.close();
    }),
    { numRuns: scaled(150) },
  );
});
