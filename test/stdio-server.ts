import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { makeFolder } from './temporary-folder.ts';

/** What a client's configuration starts. */
export const SERVER = fileURLToPath(new URL('../dist/index.js', import.meta.url));
const INITIALIZE = {
  protocolVersion: '2025-11-25',
  capabilities: {},
  clientInfo: { name: 'raw', version: '1' },
};

export interface StdioServerOptions {
  env?: Record<string, string>;
  /** Arguments of Node, before the server's path. */
  nodeArgs?: string[];
  /** Default the built one. */
  path?: string;
}

/** A call's result as tests and benchmarks look at it. */
export interface RawResult {
  isError?: boolean;
  content: Array<{ type: string; text?: string }>;
  // biome-ignore lint/suspicious/noExplicitAny: results of every shape are looked into
  structuredContent: any;
}

/**
 * The built server over stdio, spoken to in bare lines: no client library stands between it and the clock,
 * and all that it ever wrote can be searched. Its state and exports go to a folder of its own.
 */
export class StdioServer {
  readonly #folder = makeFolder();
  readonly folder = this.#folder.path;
  readonly process: ChildProcess;
  /** Resolves with the exit code, or null for a signal. */
  readonly exited: Promise<number | null>;
  /** All of stdout and stderr. */
  readonly output: string[] = [];
  /** When the process was asked for; `performance.now()`, ms. */
  readonly spawnedAt: number;
  readonly #waiting = new Map<number, (message: Record<string, unknown>) => void>();
  readonly #watchers = new Set<(message: Record<string, unknown>) => void>();
  #id = 0;

  constructor({ env = {}, nodeArgs = [], path = SERVER }: StdioServerOptions = {}) {
    this.spawnedAt = performance.now();
    this.process = spawn(process.execPath, [...nodeArgs, path], {
      env: {
        PATH: process.env.PATH ?? '',
        OPENFUNNEL_STATE_DIR: join(this.folder, 'state'),
        OPENFUNNEL_EXPORT_DIR: join(this.folder, 'exports'),
        OPENFUNNEL_CONFIRM_ABOVE: 'off',
        ...env,
      },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    this.exited = new Promise((resolve) => this.process.once('close', resolve));
    const { stdin, stdout, stderr } = this.process;
    if (!stdin || !stdout || !stderr) throw new Error('the server has no pipes');
    // A server that has ended takes nothing more; what that means is told by `exited`.
    stdin.on('error', () => {});
    stderr.on('data', (chunk) => this.output.push(String(chunk)));
    createInterface({ input: stdout }).on('line', (line) => {
      this.output.push(line);
      const message = JSON.parse(line) as Record<string, unknown>;
      for (const watcher of this.#watchers) watcher(message);
      if (message.id === null) return;
      this.#waiting.get(Number(message.id))?.(message);
      this.#waiting.delete(Number(message.id));
    });
  }

  async initialize(): Promise<void> {
    await this.request('initialize', INITIALIZE);
    this.send({ method: 'notifications/initialized' });
  }

  send(message: Record<string, unknown>): void {
    this.process.stdin?.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
  }

  /** Bytes as they are, be they a message or not. */
  write(bytes: string | Buffer): void {
    this.process.stdin?.write(bytes);
  }

  /** The next `count` messages from now on that match; rejects when the server ends first. */
  messages(matches: (message: Record<string, unknown>) => boolean, count = 1) {
    return new Promise<Array<Record<string, unknown>>>((resolve, reject) => {
      const found: Array<Record<string, unknown>> = [];
      const watcher = (message: Record<string, unknown>) => {
        if (matches(message)) found.push(message);
        if (found.length < count) return;
        this.#watchers.delete(watcher);
        resolve(found);
      };
      this.#watchers.add(watcher);
      this.exited.then(() => reject(new Error(`the server ended after ${found.length} of ${count}`)));
    });
  }

  /** The result; rejects with the protocol's error, or when the server ends first. */
  request(method: string, params: Record<string, unknown> = {}): Promise<unknown> {
    const id = ++this.#id;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, ({ result, error }) =>
        error === undefined ? resolve(result) : reject(new Error(JSON.stringify(error))),
      );
      this.exited.then((code) =>
        reject(new Error(`the server ended (${code}) before it answered ${method}`)),
      );
      this.send({ id, method, params });
    });
  }

  async call(name: string, args: Record<string, unknown>): Promise<RawResult> {
    return (await this.request('tools/call', { name, arguments: args })) as RawResult;
  }

  /** Resident memory in MB; null where the system doesn't tell (only Linux has /proc). */
  rssMb(): number | null {
    try {
      const status = readFileSync(`/proc/${this.process.pid}/status`, 'utf8');
      return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) / 1024;
    } catch {
      return null;
    }
  }

  /** Ends it by closing its stdin, and removes its folder; resolves with the exit code. */
  async close(): Promise<number | null> {
    this.process.stdin?.end();
    const code = await this.exited;
    this.#folder.remove();
    return code;
  }
}
