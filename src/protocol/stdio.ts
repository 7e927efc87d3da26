import type { Readable, Writable } from 'node:stream';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import type { JSONRPCMessage } from '@modelcontextprotocol/sdk/types.js';
import { isTooDeep, MAX_LEVELS } from '../lib/json.ts';

/** A longer line is no tool call; it is skipped without being held in memory. Bytes. */
export const MAX_LINE_BYTES = 4 * 1024 * 1024;

const PARSE_ERROR = -32_700;
const INVALID_REQUEST = -32_600;
const NEWLINE = 10;
/** Messages of a batch that are answered one by one. */
const MAX_BATCH = 1_000;

/**
 * MCP over stdio: one JSON-RPC message a line. In contrast to the SDK's own transport it answers what it
 * can't read, instead of staying silent or closing, and its memory is bounded.
 */
export class StdioTransport implements Transport {
  onmessage?: (message: JSONRPCMessage) => void;
  onclose?: () => void;
  onerror?: (error: Error) => void;
  readonly #input: Readable;
  readonly #output: Writable;
  #chunks: Buffer[] = [];
  #size = 0;
  #skipping = false;
  #closed = false;
  readonly #unanswered = new Set<string | number>();

  constructor(input: Readable, output: Writable) {
    this.#input = input;
    this.#output = output;
  }

  /** Requests that came in and have not been answered yet. */
  get unanswered(): number {
    return this.#unanswered.size;
  }

  /** Called when the last of them has been answered. */
  onidle?: () => void;

  async start(): Promise<void> {
    this.#input.on('data', this.#onData);
    this.#input.on('error', this.#onEnd);
    this.#input.on('end', this.#onEnd);
    this.#output.on('error', this.#onEnd);
  }

  /** Resolves when the message has been handed over, or dropped because the client is gone. */
  async send(message: JSONRPCMessage): Promise<void> {
    const answered = 'method' in message ? undefined : message.id;
    await this.#write(message, answered);
  }

  /** Writes one line of JSON; `answered` is the request that it is the answer to. */
  async #write(message: object, answered: string | number | null | undefined): Promise<void> {
    if (this.#closed || !this.#output.writable) return;
    const line = `${JSON.stringify(message)}\n`;
    await new Promise<void>((resolve) => this.#output.write(line, () => resolve()));
    if (answered !== undefined && answered !== null && this.#unanswered.delete(answered)) {
      if (this.#unanswered.size === 0) this.onidle?.();
    }
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#input.off('data', this.#onData);
    this.#input.pause();
    this.#chunks = [];
    this.onclose?.();
  }

  /** Called once when the client has gone: end of input, or output that can't be written. */
  ongone?: () => void;

  readonly #onEnd = (): void => {
    const gone = this.ongone;
    delete this.ongone;
    gone?.();
  };

  readonly #onData = (chunk: Buffer): void => {
    let rest = chunk;
    for (let end = rest.indexOf(NEWLINE); end !== -1; end = rest.indexOf(NEWLINE)) {
      this.#hold(rest.subarray(0, end));
      this.#line();
      rest = rest.subarray(end + 1);
    }
    this.#hold(rest);
  };

  #hold(part: Buffer): void {
    if (part.length === 0) return;
    if (this.#skipping) return;
    this.#size += part.length;
    if (this.#size <= MAX_LINE_BYTES) {
      this.#chunks.push(part);
      return;
    }
    this.#skipping = true;
    this.#chunks = [];
  }

  #line(): void {
    const skipped = this.#skipping;
    const text = skipped ? '' : Buffer.concat(this.#chunks).toString('utf8').trim();
    this.#chunks = [];
    this.#size = 0;
    this.#skipping = false;
    if (skipped) {
      const tooLong = `the line is longer than ${MAX_LINE_BYTES} bytes and was skipped`;
      this.#refuse(null, PARSE_ERROR, `Parse error: ${tooLong}`);
    }
    if (text === '') return;
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      this.#refuse(null, PARSE_ERROR, 'Parse error: the line is not JSON');
      return;
    }
    if (Array.isArray(value)) this.#refuseBatch(value);
    else this.#take(value);
  }

  #take(value: unknown): void {
    const id = idOf(value);
    if (!isMessage(value)) {
      this.#refuse(id, INVALID_REQUEST, 'Invalid request: not a JSON-RPC 2.0 message');
      return;
    }
    if (isTooDeep(value)) {
      if (id !== null)
        this.#refuse(id, INVALID_REQUEST, `Invalid request: nested deeper than ${MAX_LEVELS} levels`);
      return;
    }
    if ('method' in value && typeof id === 'number' && !Number.isSafeInteger(id)) {
      // MCP allows no others, and the SDK would drop the message without a word.
      this.#refuse(id, INVALID_REQUEST, 'Invalid request: a number as id must be a whole one, up to 2^53');
      return;
    }
    if (id !== null && 'method' in value) {
      this.#unanswered.add(id);
    } else if ('method' in value && value.method === 'notifications/cancelled') {
      // A cancelled request gets no answer.
      const cancelled = idOf({ id: (value.params as { requestId?: unknown } | undefined)?.requestId });
      if (cancelled !== null) this.#unanswered.delete(cancelled);
    }
    try {
      this.onmessage?.(value);
    } catch (error) {
      this.onerror?.(error instanceof Error ? error : new Error(String(error)));
      if (id !== null && 'method' in value) this.#refuse(id, INVALID_REQUEST, 'Invalid request');
    }
  }

  /** No protocol version that is spoken here has batches; whoever waits for one of its answers gets it. */
  #refuseBatch(batch: readonly unknown[]): void {
    const ids = batch.length > MAX_BATCH ? [] : batch.map(idOf).filter((id) => id !== null);
    for (const id of ids.length === 0 ? [null] : ids)
      this.#refuse(
        id,
        INVALID_REQUEST,
        'Invalid request: batches are not supported; send one message per line',
      );
  }

  #refuse(id: string | number | null, code: number, message: string): void {
    // JSON-RPC 2.0 §5.1: the id is null where it can't be told; the SDK's types know no such id.
    void this.#write({ jsonrpc: '2.0', id, error: { code, message } }, id);
  }
}

/** A message's id, or null where it has none that JSON-RPC allows. */
function idOf(value: unknown): string | number | null {
  const id = (value as { id?: unknown } | null)?.id;
  return typeof id === 'string' || typeof id === 'number' ? id : null;
}

function isMessage(value: unknown): value is JSONRPCMessage {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const { jsonrpc, id, method, params, result, error } = value as Record<string, unknown>;
  if (jsonrpc !== '2.0') return false;
  if (id !== undefined && idOf(value) === null) return false;
  if (method !== undefined) {
    const structured = params === undefined || (typeof params === 'object' && !Array.isArray(params));
    return typeof method === 'string' && structured;
  }
  const isObject = (part: unknown) => typeof part === 'object' && part !== null;
  return id !== undefined && (isObject(result) || isObject(error));
}
