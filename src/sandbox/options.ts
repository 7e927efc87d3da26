import type { IncomingMessage, ServerResponse } from 'node:http';
import type { JobStore } from './store.ts';

export interface SandboxRequest {
  method: string;
  /** Path with query. */
  path: string;
  /** Milliseconds since the epoch, by the sandbox's clock. */
  at: number;
}

export interface SandboxOptions {
  /** The clock that jobs live by, in ms; default `Date.now`. */
  now?: () => number;
  /** Default 0: any free port. */
  port?: number;
  /** The key it accepts; default "of_sandbox". */
  apiKey?: string;
  /** Rows a page; default 100. */
  pageSize?: number;
  /** Milliseconds that a job for `limit` companies takes, before `speed`; default 9 s and 25 ms a company. */
  durationMs?: (limit: number) => number;
  /** How many times faster; default 1. */
  speed?: number;
  /** Default 20,000. */
  totalCredits?: number;
  /** Seed of the invented companies; default 1. */
  seed?: number;
  /** Keeps jobs beyond the process; by default they live in memory alone. */
  store?: JobStore;
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
