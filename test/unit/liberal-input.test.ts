import fc from 'fast-check';
import { expect, test } from 'vitest';
import * as z from 'zod';
import { type Guards, understand } from '../../src/tools/parts/liberal-input.ts';

const schema = z.strictObject({
  job_id: z.string(),
  limit: z.int().min(1).default(100),
  ratio: z.number().optional(),
  max_employees: z.int().optional(),
  sure: z.boolean().default(false),
  format: z.enum(['csv', 'jsonl', 'very_long']).default('csv'),
  seeds: z.array(z.string()).optional(),
  counts: z.array(z.int()).optional(),
  items: z.array(z.strictObject({ row: z.int(), why: z.string().optional() })).optional(),
  query: z.string().trim().min(1).optional(),
});
const of = (given: unknown, guards: Guards | null = null) => understand(schema, given, guards);
const parsed = (given: Record<string, unknown>) => schema.parse(of({ job_id: 'j', ...given }).input);
const defaults = { job_id: 'j', limit: 100, sure: false, format: 'csv' };

test.each([null, '', ' ', [], 'null', 'undefined', [''], [null], undefined])(
  '%j on an optional parameter is no value',
  (nothing) => {
    const names = Object.keys(schema.shape).filter((name) => name !== 'job_id');
    expect(parsed(Object.fromEntries(names.map((name) => [name, nothing])))).toEqual(defaults);
  },
);

test.each([
  [{ limit: '250' }, { limit: 250 }],
  [{ limit: ' 250.0 ' }, { limit: 250 }],
  [{ ratio: '-0.5' }, { ratio: -0.5 }],
  [{ sure: 'true' }, { sure: true }],
  [{ sure: 'False' }, { sure: false }],
  [{ sure: 1 }, { sure: true }],
  [{ format: 'CSV' }, { format: 'csv' }],
  [{ format: 'Very long' }, { format: 'very_long' }],
  [{ seeds: 'a.com' }, { seeds: ['a.com'] }],
  [{ seeds: 'a.com, b.com' }, { seeds: ['a.com', 'b.com'] }],
  [{ seeds: '["a.com","b.com"]' }, { seeds: ['a.com', 'b.com'] }],
  [{ seeds: "['a.com', 'b.com']" }, { seeds: ['a.com', 'b.com'] }],
  [{ seeds: 'a.com\nb.com;c.com' }, { seeds: ['a.com', 'b.com', 'c.com'] }],
  [{ query: ['fintech'] }, { query: 'fintech' }],
  [{ seeds: ['a.com', null, ''] }, { seeds: ['a.com'] }],
  [
    {
      seeds: [
        { domain: 'a.com', name: 'A' },
        { domain: '', name: 'B' },
      ],
    },
    { seeds: ['a.com', 'B'] },
  ],
  [{ seeds: '[]' }, {}],
  [{ counts: '1, 2' }, { counts: [1, 2] }],
  [{ counts: 3 }, { counts: [3] }],
  [{ counts: ['1', 2] }, { counts: [1, 2] }],
  [{ items: { row: '1', why: null } }, { items: [{ row: 1 }] }],
  [{ items: '[{"row":1,"why":"x"}]' }, { items: [{ row: 1, why: 'x' }] }],
  [{ items: '{"row":1}' }, { items: [{ row: 1 }] }],
  [{ items: ['{"row":"2"}'] }, { items: [{ row: 2 }] }],
  [{ job_id: 42 }, { job_id: '42' }],
] as Array<[Record<string, unknown>, Record<string, unknown>]>)('%j is understood', (given, meant) => {
  expect(parsed(given)).toEqual({ ...defaults, ...meant });
});

test.each([
  [{ limit: '12px' }, 'limit'],
  [{ limit: '1,000' }, 'limit'],
  [{ limit: '0x10' }, 'limit'],
  [{ limit: '1e3' }, 'limit'],
  [{ limit: true }, 'limit'],
  [{ limit: [5] }, 'limit'],
  [{ sure: 'maybe' }, 'sure'],
  [{ format: 'xlsx' }, 'format'],
  [{ counts: 'a' }, 'counts'],
  [{ items: 'x' }, 'items'],
  [{ job_id: null }, 'job_id'],
] as Array<[Record<string, unknown>, string]>)('%j stays, for the schema to refuse', (given, name) => {
  const { success, error } = schema.safeParse(of({ job_id: 'j', ...given }).input);
  expect(success).toBe(false);
  expect(error?.issues[0]?.path[0]).toBe(name);
});

test('unknown parameters are ignored and named, once', () => {
  const { input, notices } = of({ job_id: 'j', wait_for_previous: true, limt: 5, items: [{ row: 1, x: 1 }] });
  expect(input).toEqual({ job_id: 'j', items: [{ row: 1 }] });
  expect(notices).toHaveLength(1);
  for (const named of ['"wait_for_previous"', '"limt" (did you mean limit?)', '"x"'])
    expect(notices[0]).toContain(named);
  expect(of({ job_id: 'j' }).notices).toEqual([]);
  expect(of(null)).toEqual({ input: {}, notices: [] });
  const many = of(Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`parameter_${index}`, 1])));
  expect(many.notices[0]).toContain('and 40 more');
});

const guarded: Guards = { limit: 'maxresults' };
test.each([
  ['limt', 'limit'],
  ['Limit', 'limit'],
  ['limitt', 'limit'],
  ['maxEmployees', 'max_employees'],
  ['max-employees', 'max_employees'],
  ['max_employes', 'max_employees'],
  ['max_results', 'limit'],
  ['maxResults', 'limit'],
  ['max_resultss', 'limit'],
  ['dry_run', 'cannot do what it asks for'],
  ['dry-runs', 'cannot do what it asks for'],
])('a tool that spends refuses %s', (name, said) => {
  expect(() => of({ job_id: 'j', [name]: 5 }, guarded)).toThrow(said);
  expect(() => of({ job_id: 'j', [name]: 5 }, guarded)).toThrow(JSON.stringify(name));
  // Without a value it changes nothing.
  expect(of({ job_id: 'j', [name]: null }, guarded).notices).toHaveLength(1);
});

test.each([
  'wait_for_previous',
  'task_progress',
  'toolCallId',
  'sessionId',
  'action',
  'chatInput',
  '__proto__',
])('a tool that spends ignores %s', (name) => {
  const given = JSON.parse(`{"job_id":"j",${JSON.stringify(name)}:"x"}`);
  expect(of(given, guarded)).toEqual({ input: { job_id: 'j' }, notices: [expect.stringContaining(name)] });
});

test('what is right already is not touched, whatever it holds', () => {
  fc.assert(
    fc.property(
      fc.record({ job_id: fc.string({ minLength: 1 }), limit: fc.integer({ min: 1 }), sure: fc.boolean() }),
      (given) => {
        expect(of(given)).toEqual({ input: given, notices: [] });
      },
    ),
  );
  fc.assert(
    fc.property(fc.anything(), (given) => {
      of(given);
    }),
  );
});

test('names by the hundred are refused at once, and a value without end stays a text', () => {
  const names = Object.fromEntries(Array.from({ length: 20_000 }, (_, at) => [`limt${at}`, 1]));
  expect(() => of(names)).toThrow(/More than 200 names are not parameters/);
  const deep = `${'['.repeat(90_000)}${']'.repeat(90_000)}`;
  expect((of({ job_id: 'j', items: deep }).input as { items: unknown }).items).not.toBeInstanceOf(Array);
});
