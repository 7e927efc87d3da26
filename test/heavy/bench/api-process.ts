import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { ApiStats } from './bulk-api.ts';

export const BENCH_KEY = 'of_bench';

export interface ApiProcess {
  url: string;
  /** What it was asked since the last call of this. */
  stats(): Promise<ApiStats>;
  stop(): void;
}

/** Starts the local API (see `bulk-api.ts`), which answers each request after `delayMs`. */
export async function startApi(delayMs: number): Promise<ApiProcess> {
  const child = fork(fileURLToPath(new URL('bulk-api.ts', import.meta.url)), [String(delayMs)], {
    execArgv: ['--import', 'tsx'],
  });
  const [{ port }] = (await once(child, 'message')) as [{ port: number }];
  return {
    url: `http://127.0.0.1:${port}`,
    async stats() {
      const answer = once(child, 'message') as Promise<[ApiStats]>;
      child.send('stats');
      return (await answer)[0];
    },
    stop: () => child.disconnect(),
  };
}

/** Settings of a server that is to talk to it. */
export function serverEnv(api: ApiProcess): Record<string, string> {
  return { OPENFUNNEL_API_KEY: BENCH_KEY, OPENFUNNEL_BASE_URL: api.url };
}
