import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { type ApiOptions, refusal, sandboxApi } from './api.ts';

export { sandboxApi } from './api.ts';

export interface SandboxOptions extends Partial<ApiOptions> {
  port?: number;
  apiKey?: string;
  /** Called before each request is handled; by default it just calls `respond`. The seam for faults. */
  intercept?: (raw: { req: IncomingMessage; res: ServerResponse; respond: () => void }) => void;
}

export type Sandbox = Awaited<ReturnType<typeof startSandbox>>;

/** Characters. */
const MAX_BODY = 1024 * 1024;

/** Starts a simulator of the API on 127.0.0.1, faithful to the contract; its companies are made up. */
export async function startSandbox(options: SandboxOptions = {}) {
  // Not at the top: in a bundle that would load it at every start of the server.
  const { createServer } = await import('node:http');
  const { now = Date.now, apiKey = 'of_sandbox', intercept } = options;
  const handle = sandboxApi({ ...options, now });
  const answer = async (req: IncomingMessage) => {
    const body = await text(req);
    if (req.headers['x-api-key'] !== apiKey) return refusal(401, 'Invalid or missing API key');
    if (body.length > MAX_BODY) return refusal(413, 'Request body too large');
    return handle(req.method ?? 'GET', req.url ?? '/', body);
  };
  const server = createServer((req, res) => {
    const respond = () => {
      answer(req)
        .then(({ status, body }) => {
          // Whoever intercepted the request may have answered it already.
          if (res.headersSent || res.destroyed) return;
          const json = Buffer.from(JSON.stringify(body));
          const headers = { 'content-type': 'application/json', 'content-length': json.length };
          res.writeHead(status, headers).end(json);
        })
        .catch(() => res.destroy());
    };
    if (intercept) intercept({ req, res, respond });
    else respond();
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    /** Base URL, without a slash at its end. */
    url: `http://127.0.0.1:${port}`,
    apiKey,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
