import type { Writable } from 'node:stream';

/** What a log line may carry: our own words and numbers, never the key, a query or a row. */
export type LogFacts = Readonly<Record<string, string | number | boolean | null>>;
export type Log = (event: string, facts?: LogFacts) => void;

/** What a reader may leave unread before further lines are dropped. Bytes. */
const MAX_UNREAD = 64 * 1024;

/** Logs one line of JSON each to `stream` (stderr). A client that never reads it costs lines, not memory. */
export function jsonLog(stream: Writable, now: () => number): Log {
  return (event, facts = {}) => {
    if (stream.destroyed || stream.writableLength > MAX_UNREAD) return;
    stream.write(`${JSON.stringify({ time: new Date(now()).toISOString(), event, ...facts })}\n`);
  };
}
