import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { TableMarks } from '../../src/lists/table/table-marks.ts';
import { listsOver } from '../lists.ts';
import { temporaryFolder } from '../upstream.ts';

const JOB = 'job-1';
const call = { signal: new AbortController().signal };

const ROWS = ['Ramp', 'Pleo', 'Brex', 'Spendesk'].map((name) => ({
  name,
  domain: `${name.toLowerCase()}.com`,
}));

function marksIn(folder: string) {
  const { lists, marks } = listsOver(folder, { [JOB]: { rows: ROWS } });
  const table = new TableMarks({ lists, marks });
  const verdicts = async () =>
    Object.fromEntries([...(await marks.of(JOB))].map(([row, { verdict, by }]) => [row, `${verdict} ${by}`]));
  return { marks, table, verdicts };
}

test('one call marks once, however often it comes, and is taken back as one', async () => {
  const { marks, table, verdicts } = marksIn(temporaryFolder());
  await marks.add(JOB, [{ rows: [2], verdict: 'keep', reason: 'a peer', role: 'peer', score: 9 }]);
  expect(await table.mark(JOB, 'a', { rows: [1, 2, 3] }, 'drop', call)).toBe(3);
  await marks.add(JOB, [{ rows: [3], verdict: 'maybe' }]);
  expect(await table.mark(JOB, 'a', { rows: [1, 2, 3] }, 'drop', call)).toBe(3);
  expect(await verdicts()).toEqual({ 1: 'drop user', 2: 'drop user', 3: 'maybe model' });
  // What somebody marked since stays.
  expect(await table.undo(JOB, 'a', call)).toBe(2);
  expect(await verdicts()).toEqual({ 2: 'keep model', 3: 'maybe model' });
  expect((await marks.of(JOB)).get(2)).toMatchObject({ reason: 'a peer', role: 'peer', score: 9 });
  expect(await table.undo(JOB, 'a', call)).toBe(0);
  await expect(table.undo(JOB, 'never made', call)).rejects.toThrow(/too long ago/);
});

test('calls are taken back one after the other, also those about the same company', async () => {
  const { table, verdicts } = marksIn(temporaryFolder());
  await table.mark(JOB, 'a', { rows: [1] }, 'keep', call);
  await table.mark(JOB, 'b', { rows: [1] }, 'drop', call);
  expect(await table.undo(JOB, 'b', call)).toBe(1);
  expect(await verdicts()).toEqual({ 1: 'keep user' });
  expect(await table.undo(JOB, 'a', call)).toBe(1);
  expect(await verdicts()).toEqual({});
});

test('rows that are confirmed with the same mark are one entry of the record on the disk', async () => {
  const folder = temporaryFolder();
  const { marks, table, verdicts } = marksIn(folder);
  await marks.add(JOB, [{ rows: [1, 2, 3], verdict: 'keep', reason: 'a peer' }]);
  await marks.add(JOB, [{ rows: [4], verdict: 'drop' }]);
  expect(await table.mark(JOB, 'yes', { rows: [1, 2, 3, 4] }, 'confirm', call)).toBe(4);
  expect(await verdicts()).toEqual({ 1: 'keep user', 2: 'keep user', 3: 'keep user', 4: 'drop user' });
  const [name = ''] = readdirSync(folder, { encoding: 'utf8', recursive: true }).filter((each) =>
    /marks-.*\.jsonl$/.test(each),
  );
  const records = readFileSync(join(folder, name), 'utf8').trim().split('\n');
  expect(JSON.parse(records.at(-1) ?? '').marks.map(({ rows }: { rows: number[] }) => rows)).toEqual([
    [1, 2, 3],
    [4],
  ]);
});

test('a call that comes again while it is at work is one call', async () => {
  const { table, verdicts } = marksIn(temporaryFolder());
  const twice = [1, 2].map(() => table.mark(JOB, 'a', { rows: [1, 2] }, 'keep', call));
  expect(await Promise.all(twice)).toEqual([2, 2]);
  expect(await table.undo(JOB, 'a', call)).toBe(2);
  expect(await verdicts()).toEqual({});
});

test("the model's verdicts are confirmed with their reasons, and only those", async () => {
  const { marks, table, verdicts } = marksIn(temporaryFolder());
  await marks.add(JOB, [
    { rows: [1, 2], verdict: 'drop', reason: 'a bank' },
    { rows: [3], verdict: 'keep', reason: 'a peer' },
  ]);
  await table.mark(JOB, 'own', { rows: [2] }, 'keep', call);
  expect(await table.mark(JOB, 'yes', { rows: [1, 2, 3, 4] }, 'confirm', call)).toBe(2);
  expect(await verdicts()).toEqual({ 1: 'drop user', 2: 'keep user', 3: 'keep user' });
  expect((await marks.of(JOB)).get(1)?.reason).toBe('a bank');
});
