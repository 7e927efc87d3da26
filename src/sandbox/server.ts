import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Api, type Reply } from './api.ts';
import type { Sandbox, SandboxOptions, SandboxRequest } from './options.ts';

const MAX_BODY = 1024 * 1024;
const MAX_REQUESTS_KEPT = 10_000;
const TOO_LARGE: Reply = { status: 413, body: { detail: 'Request body too large' } };

/** Starts a simulator of the API on 127.0.0.1, faithful to the contract; its companies are made up. */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  // Not at the top: in a bundle that would load it at every start of the server.
  const { createServer } = await import('node:http');
  const { now = Date.now, apiKey = 'of_sandbox', intercept = (_request, respond) => respond() } = options;
  const requests: SandboxRequest[] = [];
  const api = new Api(options, now);
  const server = createServer((req, res) => {
    const request = { method: req.method ?? 'GET', path: req.url ?? '/', at: now() };
    if (requests.length >= MAX_REQUESTS_KEPT) requests.shift();
    requests.push(request);
    const respond = () => {
      if (req.headers['x-api-key'] !== apiKey) {
        send(res, { status: 401, body: { detail: 'Invalid or missing API key' } });
        return;
      }
      readBody(req)
        .then((body) => send(res, body === null ? TOO_LARGE : api.handle(request, body)))
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

/** The body as text, or null when it is too large. */
async function readBody(req: IncomingMessage): Promise<string | null> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of req as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size <= MAX_BODY) chunks.push(chunk);
  }
  return size > MAX_BODY ? null : Buffer.concat(chunks).toString('utf8');
}

function send(res: ServerResponse, { status, body }: Reply): void {
  // Whoever intercepted the request may have answered it already.
  if (res.headersSent || res.destroyed) return;
  const text = JSON.stringify(body);
  res.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) });
  res.end(text);
}
