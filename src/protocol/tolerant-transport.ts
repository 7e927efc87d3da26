import type { Transport, TransportSendOptions } from '@modelcontextprotocol/sdk/shared/transport.js';
import type { JSONRPCMessage } from '@modelcontextprotocol/sdk/types.js';
import type * as z from 'zod';
import { isTooDeep } from '../lib/json.ts';
import { oneLine } from '../lib/text.ts';
import { wanted } from '../tools/parts/input-errors.ts';

type Fields = Record<string, unknown>;

const INVALID_PARAMS = -32_602;
/** Describes work under way that this server does not have; a malformed one would leave the request unanswered. */
const RELATED_TASK = 'io.modelcontextprotocol/related-task';

/**
 * Stands between the SDK and a transport. Inwards it makes of what clients send the form that the SDK insists
 * on: what is null is absent, and nothing that it would drop in silence stays. Outwards, errors are told in
 * plain words: no "MCP error -32602:" before them, which clients put there again, and no dumps of zod.
 */
export class TolerantTransport implements Transport {
  onclose?: () => void;
  onerror?: (error: Error) => void;
  onmessage?: <T extends JSONRPCMessage>(message: T) => void;
  readonly #transport: Transport;
  #initialize: unknown;
  #version: string | null = null;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** The protocol version agreed on with the client, such as "2025-06-18"; null before that. */
  get protocolVersion(): string | null {
    return this.#version;
  }

  async start(): Promise<void> {
    this.#transport.onclose = () => this.onclose?.();
    this.#transport.onerror = (error) => this.onerror?.(error);
    this.#transport.onmessage = (message) => {
      const clean = tolerant(message as Fields);
      if (clean.method === 'initialize') this.#initialize = clean.id;
      this.onmessage?.(clean as JSONRPCMessage);
    };
    await this.#transport.start();
  }

  async send(message: JSONRPCMessage, options?: TransportSendOptions): Promise<void> {
    if ('result' in message && message.id === this.#initialize) {
      const { protocolVersion } = message.result;
      if (typeof protocolVersion === 'string') this.#version = protocolVersion;
    }
    await this.#transport.send('error' in message ? inPlainWords(message) : message, options);
  }

  async close(): Promise<void> {
    await this.#transport.close();
  }
}

/** A message in the strict form of JSON-RPC 2.0, with the parameters that MCP knows in their own types. */
function tolerant(message: Fields): Fields {
  const { jsonrpc, id, method, params, result, error } = message;
  if (typeof method !== 'string') {
    return isFields(error) ? { jsonrpc, id, error } : { jsonrpc, id, result };
  }
  const clean: Fields = { jsonrpc, method };
  if (id !== undefined) clean.id = id;
  const given = isFields(params) ? params : {};
  const kept = method === 'initialize' ? asInitialize(given) : withoutNulls(given);
  const meta = asMeta(kept._meta);
  delete kept._meta;
  if (meta) kept._meta = meta;
  if (typeof kept.arguments === 'string') kept.arguments = parsed(kept.arguments);
  if (method === 'prompts/get' && isFields(kept.arguments)) kept.arguments = asTexts(kept.arguments);
  if (Object.keys(kept).length > 0) clean.params = kept;
  return clean;
}

function asInitialize(params: Fields): Fields {
  const { capabilities, clientInfo, ...rest } = params;
  const info = isFields(clientInfo) ? withoutNulls(clientInfo) : {};
  return {
    protocolVersion: '',
    ...withoutNulls(rest),
    capabilities: isFields(capabilities) ? withoutNulls(capabilities, 3) : {},
    clientInfo: { name: 'unknown', version: 'unknown', ...info },
  };
}

function asMeta(meta: unknown): Fields | undefined {
  if (!isFields(meta)) return undefined;
  const { [RELATED_TASK]: _, progressToken, ...rest } = meta;
  const usable = typeof progressToken === 'string' || Number.isInteger(progressToken);
  const kept = usable ? { ...rest, progressToken } : rest;
  return Object.keys(kept).length > 0 ? kept : undefined;
}

/** Arguments of a prompt are texts. */
function asTexts(given: Fields): Fields {
  const entries = Object.entries(withoutNulls(given));
  return Object.fromEntries(
    entries.map(([name, value]) => [name, typeof value === 'string' ? value : JSON.stringify(value)]),
  );
}

function withoutNulls(fields: Fields, depth = 0): Fields {
  const kept = Object.entries(fields).filter(([, value]) => value !== null && value !== undefined);
  return Object.fromEntries(
    kept.map(([name, value]) => [
      name,
      depth > 0 && isFields(value) ? withoutNulls(value, depth - 1) : value,
    ]),
  );
}

function parsed(text: string): unknown {
  try {
    const value: unknown = text.trim() === '' ? undefined : JSON.parse(text);
    return isTooDeep(value) ? text : value;
  } catch {
    return text;
  }
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

type ErrorMessage = Extract<JSONRPCMessage, { error: unknown }>;

function inPlainWords(message: ErrorMessage): ErrorMessage {
  const text = message.error.message.replace(/^(?:MCP error -?\d+: ?)+/, '');
  const told = withoutDump(text);
  // What zod did not accept is the client's fault, not one of this server.
  const code = told === text ? message.error.code : INVALID_PARAMS;
  return { ...message, error: { ...message.error, code, message: told } };
}

/** What zod says of a value is a list in JSON: told as one sentence each. */
function withoutDump(text: string): string {
  const start = text.search(/\[\s*\{/);
  if (start === -1) return text;
  const issues: unknown = parsed(text.slice(start));
  if (!Array.isArray(issues)) return text;
  const said = issues.slice(0, 3).map((issue: z.core.$ZodIssue) => {
    const path = Array.isArray(issue.path) ? oneLine(issue.path.map(String).join('.'), 80) : '';
    const missing = /received undefined$/.test(String(issue.message));
    return `${path === '' ? 'the request' : path}: ${missing ? 'required' : wanted(issue)}`;
  });
  return `${text.slice(0, start) || 'Invalid request: '}${said.join('; ')}`;
}
