import { gzipSync } from 'node:zlib';
import type { Misbehave } from './types.ts';

export type Body = Record<string, unknown>;

/** The sandbox's own answer, changed on its way out. */
export function tamper(change: (body: Body) => Body): Misbehave {
  return rewrite((text) => JSON.stringify(change(JSON.parse(text) as Body)));
}

/** The sandbox's own answer, gzipped: no fault at all. */
export const gzipped: Misbehave = rewrite((text) => gzipSync(text), { 'content-encoding': 'gzip' });

function rewrite(change: (text: string) => string | Buffer, headers: Record<string, string> = {}): Misbehave {
  return ({ res, respond }) => {
    const end = res.end.bind(res) as (bytes: string | Buffer) => typeof res;
    const writeHead = res.writeHead.bind(res);
    res.end = ((text: string) => end(change(text))) as typeof res.end;
    // Its length is no longer known when the head is written.
    res.writeHead = ((code: number) =>
      writeHead(code, { 'content-type': 'application/json', ...headers })) as typeof res.writeHead;
    respond();
  };
}
