import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { type ApiOptions, refusal, sandboxApi } from './api.ts';

export interface SandboxRequest {
  method: string;
  /** Path with query. */
  path: string;
  /** Milliseconds since the epoch, by the sandbox's clock. */
  at: number;
}

export interface SandboxOptions extends Partial<ApiOptions> {
  /** Default 0: any free port. */
  port?: number;
  /** The key it accepts; default "of_sandbox". */
  apiKey?: string;
  /** Called before each request is handled; by default it just calls `respond`. The seam for faults. */
  intercept?: (
    request: SandboxRequest,
    respond: () => void,
    raw: { req: IncomingMessage; res: ServerResponse },
  ) => void;
}

export interface Sandbox {
  /** Base URL, without a slash at its end. */
  url: string;
  apiKey: string;
  /** What was asked of it, oldest first; the latest 10,000. */
  requests: readonly SandboxRequest[];
  /** Stops it and closes every connection. */
  close(): Promise<void>;
}

/** Characters. */
const MAX_BODY = 1024 * 1024;
const MAX_REQUESTS_KEPT = 10_000;

/** Starts a simulator of the API on 127.0.0.1, faithful to the contract; its companies are made up. */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  // Not at the top: in a bundle that would load it at every start of the server.
  const { createServer } = await import('node:http');
  const { now = Date.now, apiKey = 'of_sandbox', intercept = (_request, respond) => respond() } = options;
  const requests: SandboxRequest[] = [];
  const handle = sandboxApi({ ...options, now });
  const server = createServer((req, res) => {
    const request = { method: req.method ?? 'GET', path: req.url ?? '/', at: now() };
    if (requests.length >= MAX_REQUESTS_KEPT) requests.shift();
    requests.push(request);
    const answer = async () => {
      const body = await text(req);
      if (req.headers['x-api-key'] !== apiKey) return refusal(401, 'Invalid or missing API key');
      if (body.length > MAX_BODY) return refusal(413, 'Request body too large');
      return handle(request.method, request.path, body);
    };
    const respond = () => {
      answer()
        .then(({ status, body }) => {
          // Whoever intercepted the request may have answered it already.
          if (res.headersSent || res.destroyed) return;
          const json = Buffer.from(JSON.stringify(body));
          const headers = { 'content-type': 'application/json', 'content-length': json.length };
          res.writeHead(status, headers).end(json);
        })
        .catch(() => res.destroy());
    };
    intercept(request, respond, { req, res });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    apiKey,
    requests,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
