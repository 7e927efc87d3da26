import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { linksIn } from '../../src/companies/keys.ts';
import { cellsOf, readTable } from '../../src/files/table.ts';
import { scaled } from '../scale.ts';

const PARTS = [
  'a',
  'é',
  '日',
  '"',
  '"',
  '""',
  '"b,c"',
  ',',
  ';',
  '§',
  ' ',
  '\n',
  '\r\n',
  '\r',
  '\ufeff',
  'Name,Site',
];

/** The rows of a table that comes in pieces of so many bytes. */
async function rowsIn(text: string, delimiter: string, size: number) {
  const bytes = Buffer.from(text);
  const pieces = async function* () {
    for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
  };
  const rows: Array<{ cells: string[]; line: number }> = [];
  await readTable(pieces(), delimiter, (row) => rows.push({ cells: cellsOf(row), line: row.line }));
  return rows;
}

test('a table has the rows that csv-parse finds in it, wherever its pieces end', async () => {
  const text = fc.array(fc.constantFrom(...PARTS), { minLength: 1, maxLength: 40 });
  const delimiters = fc.constantFrom(',', ';', '§');
  await fc.assert(
    fc.asyncProperty(text, delimiters, fc.integer({ min: 1, max: 9 }), async (parts, delimiter, size) => {
      let expected: string[][] | null = null;
      try {
        expected = parse(Buffer.from(parts.join('')), {
          bom: true,
          delimiter,
          record_delimiter: ['\r\n', '\n', '\r'],
          relax_quotes: true,
          relax_column_count: true,
        });
      } catch {}
      const found = rowsIn(parts.join(''), delimiter, size);
      if (expected === null) await expect(found).rejects.toThrow(/A quote .* is opened .* never closed/);
      else expect((await found).map(({ cells }) => cells)).toEqual(expected);
    }),
    { numRuns: scaled(1_000) },
  );
});

test('a row has the number of the line that it begins in', async () => {
  const rows = await rowsIn('a,"b\nc\r\nd"\r\n\ne\rf', ',', 3);
  expect(rows.map(({ line }) => line)).toEqual([1, 4, 5, 6]);
});

test('a link in its usual spelling is the one that it is among other words', () => {
  const label = fc.stringMatching(/^[a-z0-9-]{1,8}$/);
  const path = fc.stringMatching(/^(?:\/[\w.%~-]{0,6}){0,3}$/);
  const start = fc.constantFrom(
    '',
    'http://',
    'https://',
    'www.',
    'https://www.',
    'www2.',
    'http://https://',
  );
  fc.assert(
    fc.property(start, label, label, path, (scheme, name, sub, rest) => {
      const link = `${scheme}${sub}.${name}.com${rest}`;
      expect(linksIn(` ${link}`)).toMatchObject(linksIn(link));
    }),
    { numRuns: scaled(300) },
  );
});
