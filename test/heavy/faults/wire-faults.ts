import { gzipSync } from 'node:zlib';
import type { CameBack, Misbehave, WireFault } from './types.ts';

const JSON_HEAD = { 'content-type': 'application/json' };
const BODY = '{"job_id":"x","status":"completed","rows":[]}';

const status =
  (code: number, body: unknown = { detail: 'no' }, headers: Record<string, string> = {}): Misbehave =>
  ({ res }) => {
    res.writeHead(code, { ...JSON_HEAD, ...headers });
    res.end(typeof body === 'string' ? body : JSON.stringify(body));
  };
const body = (text: string | Buffer, headers: Record<string, string> = JSON_HEAD): Misbehave => {
  return ({ res }) => {
    res.writeHead(200, headers);
    res.end(text);
  };
};
/** Bytes as they are, and then the connection's end. */
const raw =
  (bytes: string, end: 'close' | 'reset'): Misbehave =>
  ({ req }) => {
    // The request is read whole, as by a server that has taken it in.
    req.resume().on('end', () => {
      req.socket.write(bytes, () => (end === 'reset' ? req.socket.resetAndDestroy() : req.socket.end()));
    });
  };
const head = (length: number) =>
  `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${length}\r\n\r\n`;

/** Writes a piece every `everyMs` until the other side has gone. */
const stream =
  (pieces: Buffer | string, everyMs: number, headers: Record<string, string> = JSON_HEAD): Misbehave =>
  ({ res }) => {
    res.writeHead(200, headers);
    const timer = setInterval(() => res.write(pieces), everyMs);
    res.on('close', () => clearInterval(timer));
  };
const flood =
  (megabytes: number): Misbehave =>
  ({ res }) => {
    const piece = Buffer.alloc(2 ** 20, ' ');
    res.writeHead(200, JSON_HEAD);
    let left = megabytes;
    const more = () => {
      while (left > 0 && !res.destroyed) {
        left -= 1;
        if (!res.write(piece)) return void res.once('drain', more);
      }
      res.end();
    };
    more();
  };
let bomb: Buffer | undefined;
const gzipBomb: Misbehave = ({ res }) => {
  bomb ??= gzipSync(Buffer.alloc(100 * 2 ** 20));
  body(bomb, { ...JSON_HEAD, 'content-encoding': 'gzip' })({ res } as Parameters<Misbehave>[0]);
};

/** A fault that passes: a GET tries again; a submit that met it may have gone through. */
const passing = (name: string, misbehave: Misbehave, code: CameBack): WireFault => {
  return {
    name,
    misbehave,
    once: 'ok',
    forEver: code,
    submit: ['submit_outcome_unknown', 'unknown'],
    cancel: code,
  };
};
/** A refusal: nobody tries again, and nothing was submitted. */
const refusal = (name: string, code: CameBack, misbehave: Misbehave): WireFault => {
  return { name, misbehave, once: code, forEver: code, submit: [code, 'no'], cancel: code };
};
/** Nothing that trying again would mend, yet no word about what became of a submit. */
const useless = (name: string, misbehave: Misbehave): WireFault => {
  return { ...passing(name, misbehave, 'upstream_invalid_response'), once: 'upstream_invalid_response' };
};
const limited = (name: string, headers: Record<string, string>, details: unknown = undefined): WireFault => {
  return {
    ...refusal(name, 'rate_limited', status(429, { error_code: 'RATE_LIMITED', details }, headers)),
    once: 'ok',
  };
};
const atOnce = (fault: WireFault): WireFault => ({ ...fault, once: fault.forEver, wait: true });
const inTwoSeconds = () => new Date(Date.now() + 2_000).toUTCString();

/** Faults that stand for all of their kind, one a kind. */
const TYPICAL = new Set([
  'reset in the middle of the body',
  'silence before the headers',
  '402',
  '422',
  '429, Retry-After 1',
  '503',
  'nulls everywhere',
  'a gzip bomb',
]);

const FAULTS: readonly WireFault[] = [
  passing('reset before the headers', raw('', 'reset'), 'network'),
  passing('reset inside the headers', raw('HTTP/1.1 200 OK\r\ncontent-ty', 'reset'), 'network'),
  passing('reset after the headers', raw(head(500), 'reset'), 'network'),
  passing('reset in the middle of the body', raw(head(500) + BODY.slice(0, 20), 'reset'), 'network'),
  passing('closed without a word', raw('', 'close'), 'network'),
  passing('body cut short, right length', raw(head(BODY.length) + BODY.slice(0, 20), 'close'), 'network'),
  passing('body cut short by a wrong length', raw(head(20) + BODY, 'close'), 'upstream_invalid_response'),
  { ...passing('silence before the headers', () => {}, 'timeout'), slow: true },
  { ...passing('a byte a second', stream(' ', 1_000), 'timeout'), slow: true },
  refusal('400', 'invalid_input', status(400)),
  refusal(
    '400 CREDITS_EXCEEDED',
    'insufficient_credits',
    status(400, { error_code: 'CREDITS_EXCEEDED', message: 'none left' }),
  ),
  refusal('401', 'unauthorized', status(401)),
  refusal('402', 'insufficient_credits', status(402)),
  refusal('403', 'forbidden', status(403)),
  refusal('404', 'not_found', status(404)),
  passing('408', status(408), 'timeout'),
  refusal('409', 'conflict', status(409)),
  refusal(
    '422',
    'invalid_input',
    status(422, { detail: [{ loc: ['body', 'limit'], msg: 'bad', type: 'x' }] }),
  ),
  { ...refusal('425', 'upstream_unavailable', status(425)), once: 'ok' },
  limited('429, Retry-After 1', { 'retry-after': '1' }),
  {
    ...limited('429, Retry-After as a date', {}),
    misbehave: (exchange) => status(429, {}, { 'retry-after': inTwoSeconds() })(exchange),
  },
  atOnce(limited('429, Retry-After absurd', { 'retry-after': '86400' })),
  limited('429, Retry-After negative', { 'retry-after': '-5' }),
  limited('429, no Retry-After', {}),
  limited('429, details.retry_after_seconds', {}, { retry_after_seconds: 1 }),
  ...[500, 502, 503, 504].map((code) => passing(String(code), status(code), 'upstream_unavailable')),
  passing(
    '502 as HTML',
    status(502, '<html><h1>Bad gateway</h1></html>', { 'content-type': 'text/html' }),
    'upstream_unavailable',
  ),
  passing(
    'HTML where JSON was promised',
    body('<html>Welcome</html>', { 'content-type': 'text/html' }),
    'upstream_invalid_response',
  ),
  passing('an empty 200', body(''), 'upstream_invalid_response'),
  passing('JSON of the wrong shape', body('[1,"two",{"three":[]}]'), 'upstream_invalid_response'),
  {
    ...passing(
      'nulls everywhere',
      body(
        '{"job_id":null,"status":null,"rows":null,"manifest":null,"total_credits":null,"credits_left":null}',
      ),
      'upstream_invalid_response',
    ),
    // Nothing of a cancel's answer is needed: the job's state is read after it.
    cancel: 'ok',
  },
  { ...useless('a 200 MB body', flood(200)), heavy: true },
  { ...useless('a gzip bomb', gzipBomb), heavy: true },
  passing(
    'gzip that is none',
    body('not gzip', { ...JSON_HEAD, 'content-encoding': 'gzip' }),
    'upstream_invalid_response',
  ),
];

/** Faults on the wire, and what the house promises to make of each. */
export const WIRE_FAULTS: readonly WireFault[] = FAULTS.map((fault) =>
  TYPICAL.has(fault.name) ? { ...fault, typical: true } : fault,
);
