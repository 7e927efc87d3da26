import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import type { ServerLaunch } from './run.ts';

/** A stdio server that can be reached over HTTP. */
export interface Bridge {
  url: string;
  close: () => Promise<void>;
}

/**
 * Puts a stdio server behind Streamable HTTP on loopback, for test suites that speak nothing else: each session has a
 * process of its own, and messages pass as they are.
 */
export async function startBridge(launch: ServerLaunch): Promise<Bridge> {
  const sessions = new Map<string, StreamableHTTPServerTransport>();

  async function openSession(): Promise<StreamableHTTPServerTransport> {
    const stdio = new StdioClientTransport({ ...launch, stderr: 'ignore' });
    const http = new StreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID,
      onsessioninitialized: (id) => void sessions.set(id, http),
    });
    http.onmessage = (message) => void stdio.send(message);
    stdio.onmessage = (message) => void http.send(message).catch(() => {});
    http.onclose = () => {
      if (http.sessionId !== undefined) sessions.delete(http.sessionId);
      void stdio.close();
    };
    stdio.onclose = () => void http.close();
    await Promise.all([stdio.start(), http.start()]);
    return http;
  }

  const server = createServer(async (req, res) => {
    const id = req.headers['mcp-session-id'];
    const session = typeof id === 'string' ? sessions.get(id) : undefined;
    if (id !== undefined && session === undefined) {
      res.writeHead(404).end();
      return;
    }
    await (session ?? (await openSession())).handleRequest(req, res);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`,
    async close() {
      await Promise.all([...sessions.values()].map((session) => session.close()));
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
