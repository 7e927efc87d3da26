import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { Config, Environment } from '../config/config.ts';
import { DEFAULT_BASE_URL } from '../config/values.ts';
import type { Clock } from '../lib/clock.ts';
import { OpenFunnelError, orFailure } from '../lib/errors.ts';
import { errnoOf } from '../lib/patience.ts';
import { counted } from '../lib/text.ts';
import { OpenFunnelClient } from '../openfunnel/client.ts';
import { isLoopback, type Send, TransportError, type TransportFault } from '../openfunnel/http.ts';
import { type Finding, note, ok, problem, type Told } from './finding.ts';

const USUAL = `${DEFAULT_BASE_URL}/`;

interface Route {
  baseUrl: URL;
  /** Host and port of a proxy, without user name and password, and the variable that names it. */
  proxy: { host: string; variable: string } | null;
}

/** Settings without which a request would be sent another way than the user means. */
const NEEDED = ['OPENFUNNEL_API_KEY', 'OPENFUNNEL_BASE_URL', 'HTTPS_PROXY', 'HTTP_PROXY'];

/** Whether the sandbox could be served on a port of this machine. Listens on it for a moment. */
export async function portFinding(port: number): Promise<Finding> {
  const server = createServer();
  const refusal = await new Promise<string | null>((resolve) => {
    server.once('error', (error) => resolve(errnoOf(error)));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(null)));
  });
  const facts = { free: refusal === null, refusal };
  if (refusal === null) return ok('port', `Port ${port} is free.`, facts);
  const why = refusal === 'EADDRINUSE' ? 'is in use by another program' : `can't be used (${refusal})`;
  const told: Told = [
    `Port ${port} ${why}, so the sandbox can't be served on it.`,
    'Choose another: --serve-sandbox PORT (0 takes any free one).',
  ];
  return problem('port', told, facts);
}

/** The proxy that requests to the API take; null for none. */
function proxyOf({ baseUrl, httpProxy, httpsProxy, noProxy }: Config, env: Environment): Route['proxy'] {
  const secure = baseUrl.protocol === 'https:';
  const url = secure ? httpsProxy : httpProxy;
  if (url === '' || isLoopback(baseUrl) || isExempt(baseUrl, noProxy)) return null;
  const names = [secure ? 'https_proxy' : 'http_proxy', secure ? 'HTTPS_PROXY' : 'HTTP_PROXY', 'all_proxy'];
  return { host: new URL(url).host, variable: names.find((name) => env[name]?.trim()) ?? 'ALL_PROXY' };
}

/** Whether NO_PROXY names a host, or a domain above it. */
function isExempt({ hostname, port, protocol }: URL, noProxy: string): boolean {
  const usedPort = port || (protocol === 'https:' ? '443' : '80');
  return noProxy.split(/[\s,]+/).some((entry) => {
    if (entry === '*') return true;
    const [, name, only] = /^\*?\.?(.+?)(?::(\d+))?$/.exec(entry.toLowerCase()) ?? [];
    return `.${hostname}`.endsWith(`.${name}`) && (only ?? usedPort) === usedPort;
  });
}

/** How the API is reached: address, proxy and extra certificates. */
export async function routeFindings(config: Config, env: Environment): Promise<Finding[]> {
  const { baseUrl } = config;
  const proxy = proxyOf(config, env);
  const certificates = await certificatesFindings(env.NODE_EXTRA_CA_CERTS ?? '');
  const facts = {
    usual_address: baseUrl.href === USUAL,
    proxy: proxy !== null,
    extra_certificates: certificates.length > 0,
  };
  const by = proxy === null ? 'without a proxy' : `through the proxy ${proxy.host} (${proxy.variable})`;
  const says = `${baseUrl.origin}, ${by}.`;
  const advice = `OPENFUNNEL_BASE_URL is not OpenFunnel’s usual address, ${DEFAULT_BASE_URL}. Remove it unless you mean it.`;
  const route = facts.usual_address ? ok('route', says, facts) : note('route', [says, advice], facts);
  return [route, ...certificates];
}

/** Whether the file of extra certificates can be used: Node.js goes on without one that can't. */
async function certificatesFindings(path: string): Promise<Finding[]> {
  if (path === '') return [];
  const refusal = await readFile(path, 'latin1').then(
    (text) => (text.includes('-----BEGIN CERTIFICATE-----') ? null : 'not_pem'),
    errnoOf,
  );
  if (refusal === null) return [ok('certificates', `Extra certificates from ${path}.`, { readable: true })];
  const known = new Map([
    ['ENOENT', 'does not exist'],
    ['not_pem', 'holds no certificate in PEM form'],
  ]);
  const why = known.get(refusal) ?? `can't be read (${refusal})`;
  const told: Told = [
    `The file of NODE_EXTRA_CA_CERTS ${why} (${path}). Node.js ignores it, so connections fail where a company inspects TLS.`,
    'Correct the path (the file begins with -----BEGIN CERTIFICATE-----), or remove the variable; then restart the client.',
  ];
  return [problem('certificates', told, { readable: false, refusal })];
}

/** Asks the API for the balance, once: it is free, and shows whether the key is accepted. */
export async function apiFinding(
  { env, version, clock }: { env: Environment; version: string; clock: Clock },
  config: Config,
  send: Send,
): Promise<Finding> {
  const { baseUrl, apiKey } = config;
  const wrong = config.problems.find(({ variable }) => NEEDED.includes(variable))?.variable;
  if (apiKey === undefined || wrong !== undefined) {
    const why = wrong === undefined ? 'no key is set' : `${wrong} has to be corrected first`;
    return { check: 'api', verdict: 'note', says: `Not asked: ${why}.`, facts: { asked: false } };
  }
  const userAgent = `openfunnel-lookalikes-mcp/${version} doctor`;
  const api = new OpenFunnelClient({ baseUrl, apiKey, send, clock, random: Math.random, userAgent });
  const { signal } = new AbortController();
  const balance = await orFailure(api.getBalance(signal, undefined, true), signal);
  if (!(balance instanceof OpenFunnelError)) {
    const left = balance.credits_left;
    const facts = { asked: true, reached: true, accepted: true, has_credits: left > 0 };
    if (left > 0) return ok('api', `Reached; the key is accepted; ${counted(left, 'credit')} left.`, facts);
    const says = 'Reached, and the key is accepted, but no credits are left, so no search can run.';
    return problem('api', [says, 'Top up your account at OpenFunnel.'], facts);
  }
  const route = { baseUrl, proxy: proxyOf(config, env) };
  const { code, httpStatus, message } = balance;
  const fault = balance instanceof TransportError ? balance.fault : null;
  const facts = { asked: true, reached: fault === null, code, http_status: httpStatus, fault };
  if (balance instanceof TransportError) return problem('api', transportTold(balance, route), facts);
  if (httpStatus === null) throw balance;
  const [said = ''] = / OpenFunnel said: "[^"]*"\./.exec(message) ?? [];
  const [says, advice] = statusTold(httpStatus, route);
  return problem('api', [says + said, advice], facts);
}

/** Faults of whatever is connected to first: the proxy, or the API itself. */
const UNREACHED: Partial<Record<TransportFault, string>> = {
  refused: 'refuses the connection, or has no route',
  dns: 'has a name that can’t be resolved',
  connect_timeout: 'could not be connected to in time',
};

function transportTold({ fault, told: [says, advice] }: TransportError, { baseUrl, proxy }: Route): Told {
  const { host } = baseUrl;
  const why = UNREACHED[fault];
  if (why && proxy)
    return [
      `The proxy ${proxy.host} (${proxy.variable}) ${why}, so nothing reaches OpenFunnel.`,
      `Correct ${proxy.variable}, or remove it if this network needs no proxy.`,
    ];
  const custom = baseUrl.href === USUAL ? '' : ' Check OPENFUNNEL_BASE_URL.';
  if (!why) return [`${says} So calls to ${host} fail.`, advice + custom];
  return [
    `${host} ${why}, so no call can work.`,
    `Check the internet connection and the firewall.${custom} In a company network you may need HTTPS_PROXY.`,
  ];
}

function statusTold(status: number, { baseUrl, proxy }: Route): Told {
  const http = `(HTTP ${status})`;
  if (status === 401)
    return [
      `OpenFunnel does not accept the API key ${http}, so every call will fail.`,
      'Check OPENFUNNEL_API_KEY: it may be incomplete, revoked, or from another account.',
    ];
  if (status === 403)
    return [
      `OpenFunnel knows the API key but does not let it see the balance ${http}, so searches may be refused too.`,
      'Ask OpenFunnel what this key may do.',
    ];
  if (status === 429 || status >= 500)
    return [`OpenFunnel can't answer at the moment ${http}, so calls fail.`, 'Try again in a few minutes.'];
  const why =
    status === 404
      ? `answers, but there is no OpenFunnel API there ${http}`
      : status >= 300 && status < 400
        ? `sends requests on to another address ${http}. That is not followed, because the API key would go there too`
        : `answers, but not as OpenFunnel does ${http}`;
  const inBetween = proxy === null ? '' : `, and ask whoever runs the proxy ${proxy.host}`;
  return [
    `${baseUrl.href} ${why}, so every call will fail.`,
    baseUrl.href === USUAL
      ? `Something between here and OpenFunnel may be answering in its place: try again on another network${inBetween}.`
      : `Correct OPENFUNNEL_BASE_URL, or remove it to use ${DEFAULT_BASE_URL}${inBetween}.`,
  ];
}
