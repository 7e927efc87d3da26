/** What a log line may carry: our own words and numbers, never the key, a query or a row. */
export type LogFacts = Readonly<Record<string, string | number | boolean | null>>;
export type Log = (event: string, facts?: LogFacts) => void;

/** Logs one line of JSON each to `stream` (stderr: stdout belongs to the protocol). */
export function jsonLog(stream: NodeJS.WritableStream, now: () => number): Log {
  return (event, facts = {}) => {
    stream.write(`${JSON.stringify({ time: new Date(now()).toISOString(), event, ...facts })}\n`);
  };
}
