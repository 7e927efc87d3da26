import { afterAll, expect, test } from 'vitest';
import * as z from 'zod';
import { type PlainSchema, plainSchema } from '../../src/protocol/listing.ts';
import { inMemory } from '../in-memory.ts';
import { temporaryFolder } from '../upstream.ts';

const folder = temporaryFolder(afterAll);
const { client } = await inMemory(folder, async () => {
  throw new Error('nothing is sent');
});
const { tools } = await client.listTools();

const TYPES = ['object', 'array', 'string', 'integer', 'number', 'boolean'];
const SUBSET = {
  object: ['type', 'description', 'properties', 'required'],
  array: ['type', 'description', 'items', 'maxItems', 'default'],
  string: ['type', 'description', 'enum', 'default'],
  integer: ['type', 'description', 'minimum', 'maximum', 'default'],
  number: ['type', 'description', 'minimum', 'maximum', 'default'],
  boolean: ['type', 'description', 'default'],
} as Record<string, string[]>;

/** Holds a schema against the subset; a result's field may also be null. */
function hold(path: string, schema: PlainSchema, nullable: boolean): void {
  // A cell of a table is any value: a schema without a word.
  if (nullable && Object.keys(schema).length === 0) return;
  const [type = '', ...more] = [schema.type ?? []].flat();
  expect([path, TYPES.includes(type)]).toEqual([path, true]);
  expect([path, more]).toEqual([path, nullable && more.length > 0 ? ['null'] : []]);
  const strange = Object.keys(schema).filter((word) => !SUBSET[type]?.includes(word));
  expect([path, strange]).toEqual([path, []]);
  for (const [name, each] of Object.entries(schema.properties ?? {})) hold(`${path}.${name}`, each, nullable);
  for (const name of schema.required ?? []) expect(schema.properties).toHaveProperty(name);
  if (type === 'array') {
    expect([path, schema.items]).toEqual([path, expect.any(Object)]);
    // A cell of a row can be anything.
    const cells = nullable && Object.keys(schema.items ?? {}).length === 0;
    if (schema.items && !cells) hold(`${path}[]`, schema.items, nullable);
  }
}

test.each(tools.map((tool) => [tool.name, tool] as const))('%s has plain schemas', (name, tool) => {
  hold(`${name}.input`, tool.inputSchema as PlainSchema, false);
  hold(`${name}.output`, tool.outputSchema as PlainSchema, true);
  expect(tool.outputSchema).not.toHaveProperty('required');
});

test.each(tools.map((tool) => [tool.name, tool] as const))(
  '%s describes each field of its result',
  (_, tool) => {
    const fields = Object.entries((tool.outputSchema?.properties ?? {}) as Record<string, PlainSchema>);
    expect(fields.length).toBeGreaterThan(0);
    expect(fields.filter(([, { description = '' }]) => description === '').map(([name]) => name)).toEqual([]);
  },
);

const parameters = tools.flatMap((tool) =>
  Object.entries((tool.inputSchema.properties ?? {}) as Record<string, PlainSchema>).map(
    ([name, schema]) => [`${tool.name}.${name}`, schema] as const,
  ),
);

test.each(parameters)('%s says its bounds and default in words, and they agree', (_, schema) => {
  const said = schema.description ?? '';
  const bounds = [
    [schema.minimum, schema.maximum],
    [undefined, schema.maxItems],
  ].flatMap(([min, max]) => (max === undefined || max >= 1_000_000 ? [] : [{ min, max }]));
  for (const { min, max } of bounds) {
    expect(said).toContain(min === undefined ? `at most ${max}` : `${min} to ${max}`);
  }
  if (schema.default !== undefined) {
    const bare = String(schema.default);
    expect(said).toContain(`default ${/^\w+$/.test(bare) ? bare : JSON.stringify(bare)}`);
  }
  // Every range in the prose is one of the schema; what stands in quotes is an example of a value.
  for (const [, min, max] of said
    .replaceAll(/"[^"]*"/g, '')
    .matchAll(/(\d[\d,]*)\s*(?:-|–|to)\s*(\d[\d,]*)/g)) {
    const number = (text = '') => Number(text.replaceAll(',', ''));
    expect(bounds).toContainEqual({ min: number(min), max: number(max) });
  }
  for (const [, max] of said.matchAll(/(?:at most|up to|under|below) (\d[\d,]*)/g))
    expect(bounds).toContainEqual({ min: undefined, max: Number(max?.replaceAll(',', '')) });
});

test('what can’t be said plainly does not get into a schema', () => {
  const json = (type: z.ZodType) => plainSchema(z.toJSONSchema(type));
  expect(() => json(z.union([z.string(), z.number()]))).toThrow('union');
  const kind = (name: string) => z.object({ kind: z.literal(name) });
  expect(() => json(z.discriminatedUnion('kind', [kind('a'), kind('b')]))).toThrow();
  expect(json(z.literal('a'))).toEqual({ type: 'string', enum: ['a'] });
  expect(json(z.enum(['a', 'b']).nullable())).toEqual({ type: ['string', 'null'], enum: ['a', 'b', null] });
  expect(json(z.int().min(1))).toEqual({ type: 'integer', minimum: 1 });
  expect(json(z.int())).toEqual({ type: 'integer' });
  expect(json(z.string().regex(/^a/))).toEqual({ type: 'string' });
  expect(json(z.record(z.string(), z.unknown()))).toEqual({ type: 'object' });
});
