import { jsonIn } from '../../lib/json.ts';
import { asText, listOf, record } from '../contract.ts';
import type { CallFailure } from '../state/draft.ts';

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
  /** CSS pixels. */
  safeAreaInsets?: { top?: number; right?: number; bottom?: number; left?: number };
}

/** A call brought no result: nobody answered, it was not let through, or the server said no to it. */
export class CallError extends Error implements CallFailure {
  readonly kind: CallFailure['kind'];
  readonly retryable: boolean;
  constructor(message: string, kind: CallFailure['kind'] = 'error', retryable = true) {
    super(message);
    this.kind = kind;
    this.retryable = retryable;
  }
}

export function failureOf(error: unknown): CallFailure {
  return error instanceof CallError ? error : new CallError(String(error));
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
  readonly #waiting = new Map<number, { resolve(value: Json): void; reject(error: Error): void }>();
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
    const answer = await this.request('ui/initialize', {
      appInfo: { name: 'openfunnel-lookalikes-view', version },
      appCapabilities: { availableDisplayModes: ['inline', 'fullscreen', 'pip'] },
      protocolVersion: PROTOCOL_VERSION,
    });
    this.capabilities = record(answer.hostCapabilities);
    this.notify('ui/notifications/initialized', {});
    return record(answer.hostContext);
  }

  /** Whether the host says that it can do this: a name of its capabilities. */
  can(capability: string): boolean {
    return capability in this.capabilities;
  }

  /** Has the host do something, such as open a link. @throws {CallError} where it does not. */
  async ask(method: string, params: Json): Promise<Json> {
    const answer = await this.request(method, params, LONG_MS);
    if (answer.isError === true) throw new CallError(`${method} was refused`);
    return answer;
  }

  /** Calls one of the server's tools for the view. @throws {CallError} where no result comes back within this time. */
  async call(name: string, args: Json, ms?: number): Promise<Json> {
    const result = await this.request('tools/call', { name, arguments: args }, ms);
    const data = facts(result);
    if (result.isError !== true && Object.keys(data).length > 0) return data;
    const error = record(data.error);
    const said = asText(error.message) || resultText(result);
    if (said === '') throw new CallError(`${name} came back empty`);
    throw new CallError(said, 'refused', error.retryable === true);
  }

  notify(method: string, params: Json): void {
    this.#post({ method, params });
  }

  /** Asks the host. @throws {CallError} where no result comes back within this time. */
  request(method: string, params: Json, ms = CALL_MS): Promise<Json> {
    this.#id += 1;
    const id = this.#id;
    const answer = new Promise<Json>((resolve, reject) => this.#waiting.set(id, { resolve, reject }));
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

  #post(message: Json): void {
    // The host's origin can't be known: nothing that is sent is a secret from whoever frames the view.
    if (!this.#closed) this.#host.postMessage({ jsonrpc: '2.0', ...message }, '*');
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
      if (method === 'ui/resource-teardown') this.#closed = true;
      return;
    }
    const call = this.#waiting.get(Number(id));
    if (error === undefined) call?.resolve(record(result));
    else call?.reject(new CallError(String(record(error).message ?? 'refused')));
  }
}

/** The facts of a result: the structured half, or, where a host took that away, the same in the text. */
function facts(result: Json): Json {
  const structured = record(result.structuredContent);
  if (Object.keys(structured).length > 0) return structured;
  const lines = resultText(result).split('\n');
  return record(
    lines
      .filter((line) => line.startsWith('{'))
      .map((line) => jsonIn(line))
      .find((each) => each !== undefined),
  );
}

export function resultText({ content }: Json): string {
  return listOf((part) => asText(record(part).text))(content).join('\n');
}

/** What the call that opened the view was about; null or empty where that is not told. */
export function openedBy(result: Json) {
  const data = facts(result);
  const said = resultText(result);
  const told = (pattern: RegExp) => pattern.exec(said)?.[1] ?? '';
  const quoted = told(/^Searched at first for: ("(?:[^"\\]|\\.)*")$/m);
  return {
    jobId: asText(data.job_id) || told(/^Job ([\w-]{1,200}): /m) || null,
    filter: asText(data.filter) || asText(jsonIn(quoted)),
    ranks: asText(data.rows) || told(/^At first only rows ([\d, -]{1,1000}) are shown\.$/m),
  };
}
