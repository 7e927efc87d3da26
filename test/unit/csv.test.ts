import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DELIMITERS, neutralizeCell, openCsvWriter, restoreCell } from '../../src/files/csv.ts';
import { cleanText } from '../../src/lib/text.ts';
import { anyText } from '../untrusted-text.ts';

const csvLines = await openCsvWriter();

const hostile = fc.oneof(
  anyText(),
  fc.constantFrom(
    '=cmd()',
    '+1',
    '-1',
    '@x',
    "'=x",
    "''=x",
    "'quoted'",
    '\t=1',
    ' =1',
    '\n=1',
    '"',
    'a"b,c;d\r\ne',
    '\u202e=x',
    '\ud800',
    '＝1',
    'x'.repeat(10_000),
  ),
);

test('any cell can be restored, and none starts a formula', () => {
  fc.assert(
    fc.property(hostile, (text) => {
      const cell = neutralizeCell(text);
      expect(restoreCell(cell)).toBe(text);
      expect(cell.trimStart()).not.toMatch(/^[=+\-@＝＋－＠]/);
    }),
  );
});

test('hostile names come back through CSV as they were cleaned', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(hostile, hostile), { minLength: 1, maxLength: 20 }), (rows) => {
      const clean = rows.map((row) => row.map(cleanText));
      const back = parse(csvLines(clean), { relax_column_count: false }) as string[][];
      expect(back.map((row) => row.map(restoreCell))).toEqual(clean);
    }),
  );
});

test('numbers stay numbers, lists are joined', () => {
  expect(csvLines([[-5, ['a', 'b'], null, { x: 1 }, '-5']])).toBe(
    '-5,"a; b",,"{""x"":1}",\'-5\r\n'.replace("'-5", '"\'-5"'),
  );
});

test.each(DELIMITERS)(
  'with %j as delimiter, hostile cells come back whole and none starts a formula',
  async (delimiter) => {
    const lines = await openCsvWriter(delimiter);
    fc.assert(
      fc.property(fc.array(fc.tuple(hostile, hostile), { minLength: 1, maxLength: 20 }), (rows) => {
        const clean = rows.map((row) => row.map(cleanText));
        const back = parse(lines(clean), { delimiter }) as string[][];
        expect(back.map((row) => row.map(restoreCell))).toEqual(clean);
        for (const cell of back.flat()) expect(cell.trimStart()).not.toMatch(/^[=+\-@]/);
      }),
    );
    // What is a delimiter to another program stays inside quotes, and begins no cell of its own there.
    for (const other of DELIMITERS) {
      const text = `a${other}=1+1`;
      expect(lines([['x', text]])).toBe(`x${delimiter}"${text}"\r\n`);
    }
  },
);
