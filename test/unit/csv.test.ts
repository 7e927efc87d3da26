import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  DELIMITERS,
  neutralizeCell,
  neutralizeParts,
  openCsvWriter,
  restoreCell,
} from '../../src/files/csv.ts';
import { cleanText } from '../../src/lib/text.ts';
import { scaled } from '../scale.ts';
import { anyText } from '../untrusted-text.ts';

/** The text that `neutralizeParts` was given. */
const restoreParts = (text: string) =>
  text.replace(/[,;\t\r\n][\s'",;]*[=+\-@＝＋－＠]/g, (run) => run.replace(/([,;\t\r\n])'/g, '$1'));

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
    'a,=1;+2\t-3\r\n@4',
    'a, "=1+1"; \'=2',
    ',;\n=1',
    ', ; a,',
    '; b,',
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

test('any text is got back from between its parts', () => {
  const parts = fc.string({ unit: fc.constantFrom(',', ';', '\t', '\n', ' ', "'", '"', '=', '-', 'a') });
  fc.assert(
    fc.property(fc.oneof(hostile, parts), (text) => {
      expect(restoreParts(neutralizeParts(text))).toBe(text);
    }),
    { numRuns: scaled(500) },
  );
});

test.each(DELIMITERS)('with %j as delimiter, hostile cells come back whole', async (delimiter) => {
  const lines = await openCsvWriter(delimiter);
  const restored = (cell: string) =>
    delimiter === ',' ? restoreCell(cell) : restoreParts(restoreCell(cell));
  fc.assert(
    fc.property(fc.array(fc.tuple(hostile, hostile), { minLength: 1, maxLength: 20 }), (rows) => {
      const clean = rows.map((row) => row.map(cleanText));
      const back = parse(lines(clean), { delimiter }) as string[][];
      expect(back.map((row) => row.map(restored))).toEqual(clean);
      for (const cell of back.flat()) expect(cell.trimStart()).not.toMatch(/^[=+\-@]/);
    }),
  );
});

test.each([';', '\t'] as const)(
  'with %j as delimiter, no cell begins with a formula whatever the cells are parted by',
  async (delimiter) => {
    const lines = await openCsvWriter(delimiter);
    const formulas = fc.string({
      unit: fc.constantFrom(',', ';', '\t', '\n', '\r', ' ', "'", '"', '=1', '-2', '+3', '@a', '＝', 'a'),
    });
    fc.assert(
      fc.property(fc.array(fc.tuple(formulas, formulas), { minLength: 1, maxLength: 5 }), (rows) => {
        const text = lines([['name', 'a,=1'], ...rows]);
        for (const other of DELIMITERS) {
          // As a program reads it that looks for another delimiter: with quotes only where they begin a cell of its
          // own, or not at all.
          const settings = { delimiter: other, relax_quotes: true, relax_column_count: true } as const;
          for (const cell of (parse(text, { ...settings, quote: null }) as string[][]).flat())
            expect(cell.trimStart()).not.toMatch(/^[=+\-@＝＋－＠]/);
          for (const cell of read(() => parse(text, settings)).flat())
            expect(cell.trimStart()).not.toMatch(/^[=+\-@＝＋－＠]/);
        }
      }),
      { numRuns: scaled(300) },
    );
  },
);

/** The cells, or none where the quotes make no sense by that delimiter. */
function read(parsing: () => unknown): string[][] {
  try {
    return parsing() as string[][];
  } catch {
    return [];
  }
}
