import { systemClock } from '../../src/lib/clock.ts';
import { HttpTransport, TransportError } from '../../src/openfunnel/http.ts';

// Sends one request and prints what became of it; run by tests as a process of its own, which they can stop.
const [url = '', timeoutMs = '0'] = process.argv.slice(2);
const transport = new HttpTransport(systemClock);
const { signal } = new AbortController();
const exchange = { method: 'POST', url: new URL(url), headers: {}, body: '{}', signal } as const;
const told = await transport.send({ ...exchange, timeoutMs: Number(timeoutMs) }).then(
  ({ status, body }) => `${status} ${body.length}`,
  (error: Error) => (error instanceof TransportError ? error.fault : error.message),
);
process.stdout.write(told);
await transport.close();
