import * as z from 'zod';
import { TOOLS } from '../tools/catalogue.ts';
import { RULE, type ToolDefinition } from '../tools/define-tool.ts';

/** Every tool as `tools/list` shows it, in JSON. */
export function listTools(): Array<Record<string, unknown>> {
  return TOOLS.map(listing);
}

function listing(tool: ToolDefinition): Record<string, unknown> {
  return {
    name: tool.name,
    title: tool.title,
    description: `${tool.description} ${RULE}`,
    inputSchema: inputJsonSchema(tool.input),
    outputSchema: outputJsonSchema(tool.output),
    annotations: { title: tool.title, ...tool.annotations },
  };
}

function inputJsonSchema(schema: z.ZodObject): Record<string, unknown> {
  const json = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as Record<string, unknown>;
  delete json.$schema;
  return json;
}

/** A result has either every field of a success, or `error` (with what is known of the job beside it). */
function outputJsonSchema(schema: z.ZodObject): Record<string, unknown> {
  const { properties, required } = z.toJSONSchema(schema, { io: 'output', unrepresentable: 'any' }) as {
    properties: Record<string, unknown>;
    required?: string[];
  };
  return {
    type: 'object',
    properties: { ...properties, notices: NOTICES, error: ERROR },
    anyOf: [{ required: required ?? [] }, { required: ['error'] }],
  };
}

const NOTICES = { type: 'array', items: { type: 'string' } };
const ERROR = {
  type: 'object',
  properties: {
    code: { type: 'string' },
    message: { type: 'string' },
    http_status: { type: ['integer', 'null'] },
    retryable: { type: 'boolean' },
    retry_after_seconds: { type: ['number', 'null'] },
    submitted: { type: 'string', enum: ['no', 'unknown'] },
  },
  required: ['code', 'message', 'http_status', 'retryable', 'retry_after_seconds', 'submitted'],
};
