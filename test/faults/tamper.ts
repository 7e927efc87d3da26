import { gzipSync } from 'node:zlib';
import type { Misbehave } from './types.ts';

export type Body = Record<string, unknown>;

/** The sandbox's own answer, changed on its way out. */
export function tamper(change: (body: Body) => Body): Misbehave {
  return ({ res, respond }) => {
    const end = res.end.bind(res) as (text: string) => typeof res;
    res.end = ((text: string) => {
      const changed = JSON.stringify(change(JSON.parse(text) as Body));
      return end(changed);
    }) as typeof res.end;
    const writeHead = res.writeHead.bind(res);
    // Its length is no longer known when the head is written.
    res.writeHead = ((code: number) =>
      writeHead(code, { 'content-type': 'application/json' })) as typeof res.writeHead;
    respond();
  };
}

/** The sandbox's own answer, gzipped: no fault at all. */
export const gzipped: Misbehave = ({ res, respond }) => {
  const end = res.end.bind(res) as (bytes: Buffer) => typeof res;
  const writeHead = res.writeHead.bind(res);
  res.writeHead = ((code: number) =>
    writeHead(code, {
      'content-type': 'application/json',
      'content-encoding': 'gzip',
    })) as typeof res.writeHead;
  res.end = ((text: string) => end(gzipSync(text))) as typeof res.end;
  respond();
};
