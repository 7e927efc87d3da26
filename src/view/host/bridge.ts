import { record } from '../shape.ts';
import type { Failure } from '../state/events.ts';

// The wire between the view and its host: JSON-RPC 2.0 by postMessage (MCP Apps, specification 2026-01-26). Written out
// because the reference library's class weighs a hundred times as much.

/** What the host tells of itself and of the place where the view stands; every part may be missing. */
export interface HostContext {
  theme?: 'light' | 'dark';
  styles?: { variables?: Record<string, string | undefined>; css?: { fonts?: string } };
  displayMode?: string;
  availableDisplayModes?: string[];
  locale?: string;
  timeZone?: string;
  platform?: string;
  deviceCapabilities?: { touch?: boolean; hover?: boolean };
  /** CSS pixels. */
  safeAreaInsets?: { top?: number; right?: number; bottom?: number; left?: number };
}

/** A tool's result as the host hands it on; a host may leave out any part. */
export interface ToolResult {
  content?: unknown;
  structuredContent?: unknown;
  isError?: boolean;
}

/** A call brought no result: nobody answered, it was not let through, or the server said no to it. */
export class CallError extends Error implements Failure {
  readonly kind: Failure['kind'];
  readonly retryable: boolean;
  constructor(message: string, kind: Failure['kind'] = 'error', retryable = true) {
    super(message);
    this.kind = kind;
    this.retryable = retryable;
  }
}

type Json = Record<string, unknown>;

const PROTOCOL_VERSION = '2026-01-26';
/** A call that has no answer by then is lost. Milliseconds. */
const CALL_MS = 15_000;
/** The same where the host asks its user first. Milliseconds. */
const LONG_MS = 120_000;

export class Bridge {
  capabilities: Json = {};
  readonly #host: Window;
  readonly #waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
  #id = 0;
  #closed = false;

  /** @param handlers What is done at the host's own messages, by their methods; `ui/resource-teardown` is the last. */
  constructor(host: Window, handlers: Readonly<Record<string, (params: Json) => void>>) {
    this.#host = host;
    const known = new Map(Object.entries({ ...handlers, ping: () => {} }));
    window.addEventListener('message', ({ source, data }) => {
      if (source === this.#host) this.#receive(record(data), known);
    });
  }

  /** Shakes hands; before it ends the host sends nothing, and may keep the view hidden. Resolves with its context. */
  async connect(version: string): Promise<HostContext> {
    const answer = record(
      await this.#request('ui/initialize', {
        appInfo: { name: 'openfunnel-lookalikes-view', version },
        appCapabilities: { availableDisplayModes: ['inline', 'fullscreen', 'pip'] },
        protocolVersion: PROTOCOL_VERSION,
      }),
    );
    this.capabilities = record(answer.hostCapabilities);
    this.#notify('ui/notifications/initialized', {});
    return record(answer.hostContext);
  }

  /** Calls a tool of our server. @throws {CallError} where no result comes back. */
  async callTool(name: string, args: Json, ms = CALL_MS): Promise<ToolResult> {
    return record(await this.#request('tools/call', { name, arguments: args }, ms));
  }

  /** Whether the host says that it can do this: a name of its capabilities. */
  can(capability: string): boolean {
    return capability in this.capabilities;
  }

  /** Asks the host to open a web page. @throws {CallError} where it does not. */
  openLink(url: string): Promise<void> {
    return this.#ask('ui/open-link', { url });
  }

  /** Says something in the chat in the user's name. @throws {CallError} where the host does not. */
  message(text: string): Promise<void> {
    return this.#ask('ui/message', { role: 'user', content: [{ type: 'text', text }] });
  }

  /** Has the host save a file of the server's. @throws {CallError} where it does not. */
  async download(uri: string, name: string, mimeType: string): Promise<void> {
    if (!this.can('downloadFile')) throw new CallError('this host saves no files');
    await this.#ask('ui/download-file', { contents: [{ type: 'resource_link', uri, name, mimeType }] });
  }

  /** Tells the model in passing; hosts that can't are not asked. */
  hint(text: string): void {
    if (!this.can('updateModelContext')) return;
    this.#ask('ui/update-model-context', { content: [{ type: 'text', text }] }).catch(() => {});
  }

  /** Asks for another display mode; resolves with the one that holds then. */
  async setDisplayMode(mode: string): Promise<string> {
    const { mode: now } = record(await this.#request('ui/request-display-mode', { mode }));
    return typeof now === 'string' ? now : mode;
  }

  /** Reports the size of the document. CSS pixels. */
  size(width: number, height: number): void {
    this.#notify('ui/notifications/size-changed', { width, height });
  }

  /** Asks for something that is done or not. */
  async #ask(method: string, params: Json): Promise<void> {
    const { isError } = record(await this.#request(method, params, LONG_MS));
    if (isError === true) throw new CallError(`${method} was refused`);
  }

  #request(method: string, params: Json, ms = CALL_MS): Promise<unknown> {
    if (this.#closed) return Promise.reject(new CallError('closed'));
    this.#id += 1;
    const id = this.#id;
    const answer = new Promise((resolve, reject) => this.#waiting.set(id, { resolve, reject }));
    const timer = setTimeout(
      () => this.#waiting.get(id)?.reject(new CallError(`no answer to ${method}`, 'silent')),
      ms,
    );
    this.#post({ id, method, params });
    return answer.finally(() => {
      clearTimeout(timer);
      this.#waiting.delete(id);
    });
  }

  #notify(method: string, params: Json): void {
    if (!this.#closed) this.#post({ method, params });
  }

  #post(message: Json): void {
    // The host's origin can't be known: nothing that is sent is a secret from whoever frames the view.
    this.#host.postMessage({ jsonrpc: '2.0', ...message }, '*');
  }

  #receive(message: Json, handlers: ReadonlyMap<string, (params: Json) => void>): void {
    const { jsonrpc, id, method, params, result, error } = message;
    if (jsonrpc !== '2.0') return;
    if (typeof method === 'string') {
      const handle = handlers.get(method);
      handle?.(record(params));
      if (id === undefined) return;
      if (handle) this.#post({ id, result: {} });
      else this.#post({ id, error: { code: -32_601, message: 'Method not found' } });
      if (method === 'ui/resource-teardown') this.#close();
      return;
    }
    const call = this.#waiting.get(Number(id));
    if (error === undefined) call?.resolve(result);
    else call?.reject(new CallError(String(record(error).message ?? 'refused')));
  }

  #close(): void {
    this.#closed = true;
    for (const { reject } of this.#waiting.values()) reject(new CallError('closed'));
  }
}
