import type { Readable, Writable } from 'node:stream';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import { ErrorCode, type JSONRPCMessage } from '@modelcontextprotocol/sdk/types.js';
import { jsonIn } from '../lib/json.ts';
import { idOf, inPlainWords, type Refusal, understood } from './json-rpc.ts';

/** A longer line is no tool call; it is skipped without being held in memory. Bytes. */
export const MAX_LINE_BYTES = 4 * 1024 * 1024;

const NEWLINE = 10;
const MAX_BATCH = 1_000;

const unparsable = (why: string): Refusal => ({ code: ErrorCode.ParseError, why: `Parse error: ${why}` });

/**
 * MCP over stdio: one JSON-RPC message a line. Unlike the SDK's own transport it understands what clients send, answers
 * what it can't read, instead of staying silent or closing, and bounds its memory.
 */
export class StdioTransport implements Transport {
  onmessage?: (message: JSONRPCMessage) => void;
  onclose?: () => void;
  onerror?: (error: Error) => void;
  /** Called when the last request has been answered. */
  onidle?: () => void;
  /** Called once when the client has gone: end of input, or output that can't be written. */
  ongone?: () => void;
  /** The protocol version that the client asked for, such as "2025-06-18"; '' where it named none. */
  protocolVersion?: string;
  readonly #input: Readable;
  readonly #output: Writable;
  #chunks: Buffer[] = [];
  /** Of the line so far, with what is skipped. */
  #size = 0;
  #closed = false;
  readonly #unanswered = new Set<string | number>();

  constructor(input: Readable, output: Writable) {
    this.#input = input;
    this.#output = output;
  }

  get unanswered(): number {
    return this.#unanswered.size;
  }

  async start(): Promise<void> {
    this.#input.on('data', this.#onData);
    this.#input.on('error', this.#onEnd);
    this.#input.on('end', this.#onEnd);
    this.#output.on('error', this.#onEnd);
  }

  /** Resolves when the message has been handed over, or dropped because the client is gone. */
  async send(message: JSONRPCMessage): Promise<void> {
    await this.#write(inPlainWords(message), 'method' in message ? null : idOf(message));
  }

  /** Writes one line of JSON; `answered` is the request that it is the answer to. */
  async #write(message: object, answered: string | number | null): Promise<void> {
    if (this.#closed || !this.#output.writable) return;
    const line = `${JSON.stringify(message)}\n`;
    await new Promise<void>((resolve) => this.#output.write(line, () => resolve()));
    if (answered !== null && this.#unanswered.delete(answered) && this.unanswered === 0) this.onidle?.();
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#input.off('data', this.#onData);
    this.#input.pause();
    this.#chunks = [];
    this.onclose?.();
  }

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
    this.#size += part.length;
    if (this.#size > MAX_LINE_BYTES) this.#chunks = [];
    else if (part.length > 0) this.#chunks.push(part);
  }

  #line(): void {
    const skipped = this.#size > MAX_LINE_BYTES;
    const text = Buffer.concat(this.#chunks).toString('utf8').trim();
    this.#chunks = [];
    this.#size = 0;
    if (skipped)
      this.#refuse(null, unparsable(`the line is longer than ${MAX_LINE_BYTES} bytes and was skipped`));
    if (text === '') return;
    const value = jsonIn(text);
    if (value === undefined) this.#refuse(null, unparsable('the line is not JSON'));
    else if (Array.isArray(value)) this.#refuseBatch(value);
    else this.#take(value);
  }

  #take(value: unknown): void {
    const id = idOf(value);
    const message = understood(value);
    if ('why' in message) {
      this.#refuse(id, message);
      return;
    }
    if ('method' in message) {
      const { method, params } = message;
      if (method === 'initialize') this.protocolVersion = String(params?.protocolVersion);
      if (id !== null) this.#unanswered.add(id);
      // A cancelled request gets no answer.
      const cancelled = method === 'notifications/cancelled' ? idOf({ id: params?.requestId }) : null;
      if (cancelled !== null) this.#unanswered.delete(cancelled);
    }
    this.onmessage?.(message);
  }

  /** No protocol version that is spoken here has batches; whoever waits for one of its answers gets it. */
  #refuseBatch(batch: readonly unknown[]): void {
    const ids = batch.length > MAX_BATCH ? [] : batch.map(idOf).filter((id) => id !== null);
    const why = 'Invalid request: batches are not supported; send one message per line';
    for (const id of ids.length === 0 ? [null] : ids)
      this.#refuse(id, { code: ErrorCode.InvalidRequest, why });
  }

  #refuse(id: string | number | null, { code, why }: Refusal): void {
    // JSON-RPC 2.0 §5.1: the id is null where it can't be told; the SDK's types know no such id.
    void this.#write({ jsonrpc: '2.0', id, error: { code, message: why } }, id);
  }
}
