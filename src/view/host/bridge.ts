/**
 * The wire between the view and its host: JSON-RPC 2.0 by postMessage (MCP Apps, specification 2026-01-26).
 * Written out because the reference library's class weighs a hundred times as much.
 */

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
  content?: Array<{ type: string; text?: string }>;
  structuredContent?: Record<string, unknown>;
  isError?: boolean;
}

/** What the host sends of its own accord. */
export interface HostEvents {
  toolInput(args: Record<string, unknown>): void;
  toolResult(result: ToolResult): void;
  toolCancelled(): void;
  contextChanged(context: HostContext): void;
  /** Nothing may be sent any more. */
  teardown(): void;
}

/** The call brought no result: nobody answered in time (`silent`), or the host refused it. */
export class BridgeError extends Error {
  readonly kind: 'silent' | 'error';
  constructor(message: string, kind: 'silent' | 'error') {
    super(message);
    this.kind = kind;
  }
}

type Json = Record<string, unknown>;

const PROTOCOL_VERSION = '2026-01-26';
/** A call that has no answer by then is lost. Milliseconds. */
const CALL_MS = 15_000;
/** The same where the host asks its user first. Milliseconds. */
const LONG_MS = 120_000;

export class Bridge {
  context: HostContext = {};
  capabilities: Json = {};
  readonly #host: Window;
  readonly #events: HostEvents;
  readonly #waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
  #id = 0;
  #closed = false;

  constructor(host: Window, events: HostEvents) {
    this.#host = host;
    this.#events = events;
    window.addEventListener('message', (event) => {
      if (event.source === this.#host) this.#receive(event.data);
    });
  }

  /** Shakes hands; before it ends the host sends nothing, and may keep the view hidden. */
  async connect(version: string): Promise<void> {
    const answer = record(
      await this.#request('ui/initialize', {
        appInfo: { name: 'openfunnel-lookalikes-view', version },
        appCapabilities: { availableDisplayModes: ['inline', 'fullscreen', 'pip'] },
        protocolVersion: PROTOCOL_VERSION,
      }),
    );
    this.capabilities = record(answer.hostCapabilities);
    this.context = record(answer.hostContext);
    this.#notify('ui/notifications/initialized', {});
  }

  /** Calls a tool of our server. @throws {BridgeError} where no result comes back. */
  async callTool(name: string, args: Json, ms = CALL_MS): Promise<ToolResult> {
    return record(await this.#request('tools/call', { name, arguments: args }, ms));
  }

  /** Asks the host to open a web page. @throws {BridgeError} where it does not. */
  async openLink(url: string): Promise<void> {
    const answer = record(await this.#request('ui/open-link', { url }));
    if (answer.isError === true) throw new BridgeError('not opened', 'error');
  }

  /** Whether the host says that it can do this: a name of its capabilities. */
  can(capability: string): boolean {
    return capability in this.capabilities;
  }

  /** Says something in the chat in the user's name. @throws {BridgeError} where the host does not. */
  async message(text: string): Promise<void> {
    const params = { role: 'user', content: [{ type: 'text', text }] };
    const answer = record(await this.#request('ui/message', params, LONG_MS));
    if (answer.isError === true) throw new BridgeError('not sent', 'error');
  }

  /** Has the host save a file of the server's. @throws {BridgeError} where it does not. */
  async download(uri: string, name: string, mimeType: string): Promise<void> {
    const params = { contents: [{ type: 'resource_link', uri, name, mimeType }] };
    const answer = record(await this.#request('ui/download-file', params, LONG_MS));
    if (answer.isError === true) throw new BridgeError('not saved', 'error');
  }

  /** Tells the model in passing; hosts that can't are not asked. */
  hint(text: string): void {
    if (!this.can('updateModelContext')) return;
    this.#request('ui/update-model-context', { content: [{ type: 'text', text }] }).catch(() => {});
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

  #request(method: string, params: Json, ms = CALL_MS): Promise<unknown> {
    if (this.#closed) return Promise.reject(new BridgeError('closed', 'error'));
    this.#id += 1;
    const id = this.#id;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(id);
        reject(new BridgeError(`no answer to ${method}`, 'silent'));
      }, ms);
      const settled =
        <T>(then: (value: T) => void) =>
        (value: T) => {
          clearTimeout(timer);
          then(value);
        };
      this.#waiting.set(id, { resolve: settled(resolve), reject: settled(reject) });
      this.#post({ id, method, params });
    });
  }

  #notify(method: string, params: Json): void {
    if (!this.#closed) this.#post({ method, params });
  }

  #post(message: Json): void {
    // The host's origin can't be known: nothing that is sent is a secret from whoever frames the view.
    this.#host.postMessage({ jsonrpc: '2.0', ...message }, '*');
  }

  #receive(data: unknown): void {
    const { jsonrpc, id, method, params, result, error } = record(data);
    if (jsonrpc !== '2.0') return;
    if (typeof method === 'string') {
      const answer = this.#handle(method, record(params));
      if (id === undefined) return;
      if (answer) this.#post({ id, result: answer });
      else this.#post({ id, error: { code: -32_601, message: 'Method not found' } });
      if (method === 'ui/resource-teardown') this.#close();
      return;
    }
    const call = this.#waiting.get(Number(id));
    this.#waiting.delete(Number(id));
    if (error === undefined) call?.resolve(result);
    else call?.reject(new BridgeError(String(record(error).message ?? 'refused'), 'error'));
  }

  /** The answer to a request of the host's; undefined where we have no such method. */
  #handle(method: string, params: Json): Json | undefined {
    switch (method) {
      case 'ui/notifications/tool-input':
        this.#events.toolInput(record(params.arguments));
        return {};
      case 'ui/notifications/tool-result':
        this.#events.toolResult(params);
        return {};
      case 'ui/notifications/tool-cancelled':
        this.#events.toolCancelled();
        return {};
      case 'ui/notifications/host-context-changed':
        this.context = { ...this.context, ...params };
        this.#events.contextChanged(this.context);
        return {};
      case 'ui/resource-teardown':
        this.#events.teardown();
        return {};
      case 'ping':
        return {};
      default:
        return undefined;
    }
  }

  #close(): void {
    this.#closed = true;
    for (const { reject } of this.#waiting.values()) reject(new BridgeError('closed', 'error'));
    this.#waiting.clear();
  }
}

/** The value where it is an object, else an empty one. */
export function record(value: unknown): Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
}
