import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { beforeAll, onTestFinished } from 'vitest';
import type { Rows } from './real-rows.ts';
import { makeFolder } from './temporary-folder.ts';

// What stands around a server under test, whether it runs in this process or in one of its own.

type End = () => void | Promise<void>;

/** Takes what ends the servers and folders that are made here: with the test, unless `shared` makes them. */
let takeEnd: (end: End) => void = onTestFinished;

/** Ends what a test has made, when it is over. */
export const whenDone = (end: End): void => takeEnd(end);

/** What `make` makes before the tests of a file and ends after them, for tests that only read from it. */
export function shared<T>(make: () => Promise<T>): () => T {
  let made: { it: T } | undefined;
  beforeAll(async () => {
    const ends: End[] = [];
    takeEnd = (end) => void ends.unshift(end);
    try {
      made = { it: await make() };
    } finally {
      takeEnd = onTestFinished;
    }
    return async () => {
      for (const end of ends) await end();
    };
  });
  return () => {
    if (!made) throw new Error('made before the tests, not before the file');
    return made.it;
  };
}

/**
 * A folder of its own, gone when its test ends.
 *
 * @param end Takes what removes it; for a folder that a whole file uses, `afterAll`.
 */
export function temporaryFolder(end: (remove: End) => void = whenDone): string {
  const { path, remove } = makeFolder();
  end(remove);
  return path;
}

export interface Upstream {
  url: string;
  requests: Array<{ method: string; path: string; headers: IncomingMessage['headers']; body: string }>;
}

/** An upstream that answers as the test says; closed when the test ends. */
export async function upstream(
  answer: (request: Upstream['requests'][number], res: ServerResponse) => void,
): Promise<Upstream> {
  const requests: Upstream['requests'] = [];
  const server = createHttpServer(async (req, res) => {
    let body = '';
    for await (const chunk of req) body += chunk;
    const request = { method: req.method ?? '', path: req.url ?? '', headers: req.headers, body };
    requests.push(request);
    answer(request, res);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  whenDone(
    () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  );
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests };
}

export function json(
  res: ServerResponse,
  body: unknown,
  status = 200,
  headers: Record<string, string> = {},
): void {
  res.writeHead(status, { 'content-type': 'application/json', ...headers });
  res.end(JSON.stringify(body));
}

/** A job's answer about one of its pages, as the contract has it. */
export function pageOf(
  pages: Rows[],
  cursor: string | null,
  over: Record<string, unknown> = {},
): Record<string, unknown> {
  const index = cursor === null ? 0 : Number(cursor.slice(5));
  const name = (number: number) => `page_${String(number).padStart(4, '0')}`;
  const count = pages.reduce((sum, rows) => sum + rows.length, 0);
  return {
    job_id: 'job-1',
    status: 'completed',
    manifest: { count, pages: pages.length, page_size: 100, credits_consumed: count, partial: false },
    error_message: null,
    rows: pages[index] ?? [],
    page: name(index),
    next_cursor: index + 1 < pages.length ? name(index + 1) : null,
    count: pages[index]?.length ?? 0,
    processed: count,
    progress_message: 'completed',
    ...over,
  };
}

export function cursorOf(path: string): string | null {
  return new URL(path, 'http://x').searchParams.get('cursor');
}
