import * as z from 'zod';
import { TOOLS } from '../tools/catalogue.ts';
import { RULE, type ToolDefinition } from '../tools/parts/define-tool.ts';
import { viewMeta } from './apps.ts';

/** A schema in the few words of JSON Schema that every client understands. */
export interface PlainSchema {
  type?: string | string[];
  description?: string;
  properties?: Record<string, PlainSchema>;
  required?: string[];
  items?: PlainSchema;
  enum?: unknown[];
  default?: unknown;
  minimum?: number;
  maximum?: number;
  maxItems?: number;
}

/**
 * How long a text may be, and that a list has an item, is checked at the call alone: nobody meets the one bound, and a
 * list without items is taken for none.
 */
const KEPT = ['description', 'enum', 'default', 'maxItems'] as const;

let made: Array<Record<string, unknown>> | undefined;

/** Every tool as `tools/list` shows it, in JSON; made once. */
export function listTools(): Array<Record<string, unknown>> {
  made ??= TOOLS.map(listing);
  return made;
}

function listing(tool: ToolDefinition): Record<string, unknown> {
  return {
    name: tool.name,
    title: tool.title,
    description: `${tool.description} ${RULE}`,
    inputSchema: inputJsonSchema(tool.input),
    outputSchema: outputJsonSchema(tool.output),
    annotations: { title: tool.title, ...tool.annotations },
    ...(tool.view === undefined ? {} : { _meta: viewMeta(tool.view) }),
  };
}

function inputJsonSchema(schema: z.ZodObject): PlainSchema {
  const json = plainSchema(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }));
  for (const parameter of Object.values(json.properties ?? {})) {
    const said = [parameter.description, boundsOf(parameter)].filter(Boolean).join(' ');
    if (said !== '') parameter.description = said;
  }
  return json;
}

/** A result has every field of a success, or `error` and what is known of the job beside it: so none is required. */
function outputJsonSchema(schema: z.ZodObject): PlainSchema {
  const { properties } = plainSchema(z.toJSONSchema(schema, { io: 'output', unrepresentable: 'any' }));
  return { type: 'object', properties: { ...properties, notices: NOTICES, error: ERROR } };
}

/**
 * The same schema without what many clients drop, or fail at: unions (but a `null` beside a type), constants,
 * patterns, and rules about properties that are not named.
 *
 * @throws {Error} where it says what can't be said without them.
 */
export function plainSchema(schema: z.core.JSONSchema._JSONSchema): PlainSchema {
  if (typeof schema === 'boolean') return {};
  if (schema.anyOf) {
    const others = schema.anyOf.filter((each) => typeof each === 'boolean' || each.type !== 'null');
    const [only, ...more] = others;
    if (only === undefined || more.length > 0) throw new Error(`a union: ${JSON.stringify(schema)}`);
    const plain = plainSchema(only);
    if (plain.type === undefined || Array.isArray(plain.type)) return plain;
    const options = plain.enum && { enum: [...plain.enum, null] };
    return { ...plain, type: [plain.type, 'null'], ...options, ...pick(schema, ['description', 'default']) };
  }
  for (const word of ['oneOf', 'allOf', 'not', '$ref'] as const)
    if (schema[word] !== undefined) throw new Error(`${word}: ${JSON.stringify(schema)}`);
  const plain: PlainSchema = {};
  const types = [schema.type ?? []].flat();
  if (types.filter((type) => type !== 'null').length > 1)
    throw new Error(`a union: ${JSON.stringify(schema)}`);
  if (schema.type !== undefined) plain.type = schema.type;
  Object.assign(plain, pick(schema, KEPT));
  if (schema.const !== undefined) plain.enum = [schema.const];
  // Bounds that are never reached are left out.
  if (Math.abs(schema.minimum ?? ENDLESS) < ENDLESS) plain.minimum = schema.minimum as number;
  if (Math.abs(schema.maximum ?? ENDLESS) < ENDLESS) plain.maximum = schema.maximum as number;
  if (schema.properties) {
    const entries = Object.entries(schema.properties);
    plain.properties = Object.fromEntries(entries.map(([name, each]) => [name, plainSchema(each)]));
    if (schema.required && schema.required.length > 0) plain.required = schema.required;
  }
  if (schema.items !== undefined && !Array.isArray(schema.items)) {
    const { description: _, ...items } = plainSchema(schema.items);
    // What plain values are, their list says already.
    plain.items = items.properties === undefined ? items : plainSchema(schema.items);
  }
  if (plain.items?.properties === undefined && (plain.maxItems ?? 0) >= ENDLESS_LIST) delete plain.maxItems;
  return plain;
}

function pick(
  schema: z.core.JSONSchema.BaseSchema,
  words: readonly (typeof KEPT)[number][],
): Partial<PlainSchema> {
  return Object.fromEntries(
    words.flatMap((word) => (schema[word] === undefined ? [] : [[word, schema[word]]])),
  );
}

function shown(value: unknown): string {
  return typeof value === 'string' && !/^\w+$/.test(value) ? JSON.stringify(value) : String(value);
}

/** A bound this high is never reached. */
const ENDLESS = 1_000_000;
/** Nor is one of so many plain values: it is checked at the call. */
const ENDLESS_LIST = 40;

/** Bounds and default once more in words: several clients show a model nothing but the description. */
function boundsOf(schema: PlainSchema): string {
  const said: string[] = [];
  const range = (min: number | undefined, max: number | undefined, unit: string) => {
    if (min !== undefined && max !== undefined) said.push(`${min} to ${max}${unit}`);
    else if (max !== undefined) said.push(`at most ${max}${unit}`);
    else if (min !== undefined) said.push(`at least ${min}${unit}`);
  };
  range(schema.minimum, schema.maximum, '');
  range(undefined, schema.maxItems, ' items');
  if (schema.default !== undefined) said.push(`default ${shown(schema.default)}`);
  return said.length === 0 ? '' : `(${said.join('; ')})`;
}

const NOTICES: PlainSchema = {
  type: 'array',
  items: { type: 'string' },
  description: 'Warnings, and what was left out.',
};
const ERROR: PlainSchema = {
  type: 'object',
  description: 'Only in a failure.',
  properties: {
    code: { type: 'string' },
    message: { type: 'string', description: 'What failed and what to do.' },
    http_status: { type: ['integer', 'null'] },
    retryable: {
      type: 'boolean',
      description: 'Whether the same call may succeed later.',
    },
    retry_after_seconds: { type: ['number', 'null'] },
    submitted: {
      type: 'string',
      enum: ['no', 'unknown'],
      description: 'unknown: a job may run and be billed, so do not submit again.',
    },
  },
  required: ['code', 'message', 'http_status', 'retryable', 'retry_after_seconds'],
};
