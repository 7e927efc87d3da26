import * as mcp from '@modelcontextprotocol/sdk/types.js';
import { isRecord, isTooDeep, jsonIn, MAX_LEVELS } from '../lib/json.ts';
import { oneLine } from '../lib/text.ts';
import { describeIssues } from '../tools/parts/input-errors.ts';

type Fields = Record<string, unknown>;

/** Describes work under way that this server does not have; a malformed one would leave the request unanswered. */
const RELATED_TASK = 'io.modelcontextprotocol/related-task';

/** Requests that can lack something. The SDK would answer with a dump of zod, as for a fault of this server. */
const REQUESTS = [
  mcp.InitializeRequestSchema,
  mcp.CallToolRequestSchema,
  mcp.ReadResourceRequestSchema,
  mcp.GetPromptRequestSchema,
  mcp.CompleteRequestSchema,
];

export interface Refusal {
  code: number;
  why: string;
}

/** What a client sent, in the form that the SDK insists on: without nulls and what it would drop, parameters in their types. */
export function understood(value: unknown): mcp.JSONRPCMessage | Refusal {
  const invalid = (why: string) => ({ code: mcp.ErrorCode.InvalidRequest, why: `Invalid request: ${why}` });
  if (isTooDeep(value)) return invalid(`nested deeper than ${MAX_LEVELS} levels`);
  const { data: message } = mcp.JSONRPCMessageSchema.safeParse(isRecord(value) ? tolerant(value) : value);
  if (!message) return invalid('not a JSON-RPC 2.0 message with a text or a whole number as its id');
  const method = 'method' in message ? message.method : '';
  const schema = REQUESTS.find(({ shape }) => shape.method.value === method);
  const error = schema?.safeParse(message, { reportInput: true }).error;
  if (!error) return message;
  return { code: mcp.ErrorCode.InvalidParams, why: oneLine(describeIssues(method, error.issues), 300) };
}

/** A message's id, or null where it has none that JSON-RPC allows. */
export function idOf(value: unknown): string | number | null {
  const id = (value as { id?: unknown } | null)?.id;
  return typeof id === 'string' || typeof id === 'number' ? id : null;
}

/** The message without the "MCP error -32602:" that clients put before an error again. */
export function inPlainWords(message: mcp.JSONRPCMessage): mcp.JSONRPCMessage {
  if (!('error' in message)) return message;
  const text = message.error.message.replace(/^(?:MCP error -?\d+: ?)+/, '');
  return { ...message, error: { ...message.error, message: text } };
}

function tolerant(message: Fields): Fields {
  const { jsonrpc, id, method, params, result, error } = message;
  const answered = id === undefined ? {} : { id };
  if (typeof method !== 'string')
    return { jsonrpc, ...answered, ...(isRecord(error) ? { error } : { result }) };
  // Refused as no message: nobody knows what such parameters were to say.
  if (params !== undefined && params !== null && !isRecord(params))
    return { jsonrpc, ...answered, method, params };
  const given = params ?? {};
  const { _meta, arguments: args, ...rest } = withoutNulls(given, method === 'initialize' ? 3 : 0);
  const meta = asMeta(_meta);
  const kept: Fields = {
    ...(method === 'initialize' ? asInitialize(rest) : rest),
    ...(meta && { _meta: meta }),
  };
  if (typeof args === 'string') kept.arguments = parsed(args);
  else if (method === 'prompts/get' && isRecord(args)) kept.arguments = asTexts(args);
  else if (args !== undefined) kept.arguments = args;
  return { jsonrpc, ...answered, method, ...(Object.keys(kept).length > 0 && { params: kept }) };
}

function asInitialize({ capabilities, clientInfo, ...rest }: Fields): Fields {
  return {
    protocolVersion: '',
    ...rest,
    capabilities: isRecord(capabilities) ? capabilities : {},
    clientInfo: { name: 'unknown', version: 'unknown', ...(isRecord(clientInfo) ? clientInfo : {}) },
  };
}

function asMeta(meta: unknown): Fields | undefined {
  if (!isRecord(meta)) return undefined;
  const { [RELATED_TASK]: _, progressToken, ...rest } = meta;
  const usable = typeof progressToken === 'string' || Number.isInteger(progressToken);
  const kept = usable ? { ...rest, progressToken } : rest;
  return Object.keys(kept).length > 0 ? kept : undefined;
}

function asTexts(given: Fields): Fields {
  const entries = Object.entries(withoutNulls(given));
  return Object.fromEntries(
    entries.map(([name, value]) => [name, typeof value === 'string' ? value : JSON.stringify(value)]),
  );
}

function withoutNulls(fields: Fields, depth = 0): Fields {
  const kept = Object.entries(fields).filter(([, value]) => value !== null && value !== undefined);
  const inside = (value: unknown) => (depth > 0 && isRecord(value) ? withoutNulls(value, depth - 1) : value);
  return Object.fromEntries(kept.map(([name, value]) => [name, inside(value)]));
}

/** Arguments that came as a text of JSON. */
function parsed(text: string): unknown {
  if (text.trim() === '') return undefined;
  const value = jsonIn(text);
  return value === undefined || isTooDeep(value) ? text : value;
}
