import { createServer, request as forward, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { refusingPort } from '../../refusing-port.ts';
import type { RawResult } from '../../stdio-server.ts';
import { closed, Lab, on } from './lab.ts';
import { codeOf, joined, KEY_OUT } from './outcome.ts';
import { gzipped } from './tamper.ts';
import type { Finding } from './types.ts';

/** Loopback as well, and on Linux there without being set up. */
const SECOND_HOST = '127.0.0.2';
const SEARCH = { query: 'spend management', limit: 40 };
const LONG_DEAD = '00000000-0000-4000-8000-000000000000';

/** What the connection itself does: none, none for a while, one that leads elsewhere, one through a proxy. */
export async function connections(): Promise<Finding[]> {
  const parts = [refused, unknownHost, refusedThenUp, redirected, packed, proxied];
  return (await Promise.all(parts.map((part) => part()))).flat();
}

async function refused(): Promise<Finding[]> {
  const refusing = await refusingPort();
  const findings = await nobodyThere('refused connection', refusing.url);
  await refusing.close();
  return findings;
}

async function unknownHost(): Promise<Finding[]> {
  return nobodyThere('DNS failure', 'https://no-such-host.invalid');
}

/** Each tool, where no connection comes about. */
async function nobodyThere(done: string, url: string): Promise<Finding[]> {
  const lab = await Lab.open({ OPENFUNNEL_BASE_URL: url });
  const calls = [
    ['submit_lookalikes_bulk', SEARCH],
    ['cancel_bulk_job', { job_id: LONG_DEAD }],
    ['get_bulk_status', { job_id: LONG_DEAD }],
    ['get_bulk_page', { job_id: LONG_DEAD, cursor: 'page_0001' }],
    ['wait_and_collect', { job_id: LONG_DEAD, max_wait_seconds: 2 }],
    ['export_bulk_results', { job_id: LONG_DEAD }],
    ['get_credit_balance', {}],
  ] as const;
  const findings = await Promise.all(
    calls.map(async ([tool, args]) => {
      const result = await lab.call(tool, args);
      const submitted = result.structuredContent.error?.submitted;
      return finding(done, tool, lab, result, 'nothing was sent', [
        codeOf(result) === 'network' ? null : 'expected network',
        submitted === 'no' ? null : `submitted: ${submitted}`,
      ]);
    }),
  );
  return closed(lab, findings);
}

/**
 * Upstream restarts: at first nobody listens, then the same port answers. That the port is free until then is sure
 * only where there is a second loopback address whose ports nobody else takes.
 */
async function refusedThenUp(): Promise<Finding[]> {
  const lab = await Lab.open((sandbox) => ({
    OPENFUNNEL_BASE_URL: sandbox.url.replace('127.0.0.1', SECOND_HOST),
  }));
  const up = createServer((req, res) => passOn(req, res, lab.sandbox.url));
  const { port } = new URL(lab.sandbox.url);
  const possible = await listensAt(up, Number(port), SECOND_HOST);
  if (!possible) return closed(lab, []);
  await stop(up);
  const call = lab.call('get_credit_balance');
  // Later than the first attempt, earlier than the last.
  await new Promise((resolve) => setTimeout(resolve, 300));
  await listensAt(up, Number(port), SECOND_HOST);
  const result = await call;
  const findings = [
    finding('refused for 0.3 s, then up', 'balance', lab, result, 'nothing', [
      codeOf(result) === 'ok' ? null : 'expected ok',
    ]),
  ];
  await stop(up);
  return closed(lab, findings);
}

/** Another host must see neither a request nor the key. */
async function redirected(): Promise<Finding[]> {
  const seen: string[] = [];
  const elsewhere = createServer((req, res) => {
    seen.push(JSON.stringify(req.headers));
    res.end('{}');
  });
  const target = `http://127.0.0.1:${await listen(elsewhere)}/api/v1/credits/balance`;
  const findings: Finding[] = [];
  const lab = await Lab.open();
  for (const code of [301, 302, 303, 307, 308]) {
    const job = await lab.job();
    const misbehave = ({ res }: { res: ServerResponse }) => {
      res.writeHead(code, { location: target });
      res.end();
    };
    lab.arm(on.anyPage(job), misbehave);
    lab.arm(on.submit, misbehave, 1);
    const status = await lab.call('get_bulk_status', { job_id: job });
    // A search of its own: the answer to the one before was lost, and the same would not be sent again.
    const submit = await lab.call('submit_lookalikes_bulk', { ...SEARCH, query: `redirected by ${code}` });
    const leaked = seen.length === 0 ? null : `the other host was asked: ${seen.length} times`;
    findings.push(
      finding(`${code} to another host`, 'status', lab, status, 'nothing', [
        codeOf(status) === 'upstream_invalid_response' ? null : 'expected upstream_invalid_response',
        leaked,
      ]),
      finding(
        `${code} to another host`,
        'submit',
        lab,
        submit,
        'the answer: the user is told where to look',
        [codeOf(submit) === 'submit_outcome_unknown' ? null : 'expected submit_outcome_unknown', leaked],
      ),
    );
  }
  await stop(elsewhere);
  return closed(lab, findings);
}

async function packed(): Promise<Finding[]> {
  const lab = await Lab.open();
  const job = await lab.job();
  lab.arm(on.anyPage(job), gzipped);
  const result = await lab.call('wait_and_collect', { job_id: job });
  const findings = [
    finding('gzip', 'collect', lab, result, 'nothing', [
      result.structuredContent.complete === true ? null : 'not complete',
    ]),
  ];
  return closed(lab, findings);
}

async function proxied(): Promise<Finding[]> {
  const through: string[] = [];
  const proxy = createServer((req, res) => {
    through.push(req.url ?? '');
    passOn(req, res);
  });
  const address = `http://127.0.0.1:${await listen(proxy)}`;
  const findings: Finding[] = [];
  // The key must not go to another machine for what is on this one.
  for (const [done, env] of [
    ['HTTP_PROXY, upstream on this machine', { HTTP_PROXY: address }],
    ['all_proxy, upstream on this machine', { all_proxy: address, HTTPS_PROXY: address }],
  ] as const) {
    through.length = 0;
    const lab = await Lab.open(env);
    const result = await lab.call('wait_and_collect', { job_id: await lab.job() });
    const one = finding(done, 'collect', lab, result, 'nothing', [
      result.structuredContent.complete === true ? null : 'not complete',
      through.length === 0 ? null : `through the proxy: ${through.length} requests`,
    ]);
    findings.push(...(await closed(lab, [one])));
  }
  findings.push(await tunnelled(proxy, address));
  await stop(proxy);
  return findings;
}

/** Over https the proxy is only told the host: it sees no key, and where it refuses, nothing was sent. */
async function tunnelled(proxy: ReturnType<typeof createServer>, address: string): Promise<Finding> {
  const asked: string[] = [];
  proxy.on('connect', (req, socket) => {
    asked.push(`${req.url} ${JSON.stringify(req.headers)}`);
    socket.end('HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n');
  });
  const lab = await Lab.open({ HTTPS_PROXY: address, OPENFUNNEL_BASE_URL: 'https://api.example.invalid' });
  const result = await lab.call('submit_lookalikes_bulk', SEARCH);
  const one = finding('HTTPS_PROXY that refuses', 'submit', lab, result, 'nothing was sent', [
    codeOf(result) === 'network' ? null : 'expected network',
    result.structuredContent.error?.submitted === 'no' ? null : 'submitted is not "no"',
    // The balance before the submit, then the submit.
    asked.length <= 2 && asked.every((each) => each.startsWith('api.example.invalid:443'))
      ? null
      : `asked for ${asked}`,
    asked.some((each) => each.includes(lab.key)) ? 'the proxy saw the key' : null,
  ]);
  await closed(lab, [one]);
  return one;
}

function finding(
  done: string,
  where: string,
  { key }: Lab,
  result: RawResult,
  lost: string,
  wrong: Array<string | null>,
): Finding {
  const out = JSON.stringify(result).includes(key) ? KEY_OUT : null;
  return { done, where, often: 'each time', cameBack: codeOf(result), lost, wrong: joined([...wrong, out]) };
}

/** Sends a request on as a proxy does, or to `origin`. */
function passOn(req: IncomingMessage, res: ServerResponse, origin?: string): void {
  const on = forward(
    new URL(req.url ?? '/', origin),
    { method: req.method ?? 'GET', headers: req.headers },
    (answer) => {
      res.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(res);
    },
  );
  on.on('error', () => res.destroy());
  req.pipe(on);
}

async function listen(server: ReturnType<typeof createServer>): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

function stop(server: ReturnType<typeof createServer>): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}

/** Whether a server can listen there; then it does. */
function listensAt(server: ReturnType<typeof createServer>, port: number, host: string): Promise<boolean> {
  return new Promise((resolve) => {
    server.once('error', () => resolve(false));
    server.listen(port, host, () => resolve(true));
  });
}
