import type { Config, Environment } from '../config/config.ts';
import { fromAnswer, invalidResponse, upstreamSays } from '../openfunnel/failures.ts';
import { type Send, TransportError } from '../openfunnel/http.ts';
import { creditBalance, errorBody } from '../openfunnel/wire.ts';
import type { Finding } from './finding.ts';
import { type ProxyRoute, proxyOf } from './route.ts';

/** Longer than any answer should take, and short enough to wait for. Milliseconds. */
const TIMEOUT_MS = 15_000;
/** Clocks that differ by less do no harm. Milliseconds. */
const CLOCKS_AGREE_MS = 5 * 60_000;
const USUAL = 'https://api.openfunnel.dev/';

/** Settings without which a request would be sent another way than the user means. */
const NEEDED = ['OPENFUNNEL_API_KEY', 'OPENFUNNEL_BASE_URL', 'HTTPS_PROXY', 'HTTP_PROXY'];

/** What a person is told: what is wrong and what follows, and what to do. */
type Told = readonly [says: string, advice: string];

/**
 * Asks the API for the balance, which is free and shows whether the key is accepted. One request, no retry. The answer
 * also shows whether this computer's clock is right.
 */
export async function apiFindings(
  { env, version, now }: { env: Environment; version: string; now: () => number },
  config: Config,
  send: Send,
): Promise<Finding[]> {
  const check = 'api';
  const { baseUrl, apiKey } = config;
  const first = config.problems.find(({ variable }) => NEEDED.includes(variable))?.variable;
  if (apiKey === undefined || first !== undefined) {
    const says = `Not asked: ${first === undefined ? 'no key is set' : `${first} has to be corrected first`}.`;
    return [{ check, verdict: 'note', says, facts: { asked: false } }];
  }
  const asked = { baseUrl, proxy: proxyOf(config, env) };
  try {
    const answer = await send({
      method: 'GET',
      url: new URL('api/v1/credits/balance', baseUrl),
      headers: {
        accept: 'application/json',
        'user-agent': `openfunnel-lookalikes-mcp/${version} doctor`,
        'x-api-key': apiKey,
      },
      signal: new AbortController().signal,
      timeoutMs: TIMEOUT_MS,
    });
    const clock = clockFinding(answer.date, now());
    return [balanceFinding(answer, apiKey, asked), ...(clock === null ? [] : [clock])];
  } catch (error) {
    if (!(error instanceof TransportError)) throw error;
    const { code } = error;
    const [says, advice] = transportTold(error, asked);
    const facts = { asked: true, reached: false, code, http_status: null, fault: error.fault };
    return [{ check, verdict: 'problem', says, advice, facts }];
  }
}

/** Where a request was sent. */
interface Asked {
  baseUrl: URL;
  proxy: ProxyRoute | null;
}

function balanceFinding(answer: { status: number; body: string }, apiKey: string, asked: Asked): Finding {
  const check = 'api';
  const { status } = answer;
  const body = parseJson(answer.body.replaceAll(apiKey, '[api key]'));
  const balance = creditBalance.safeParse(body);
  if (status >= 200 && status <= 299 && balance.success) {
    const left = balance.data.credits_left;
    return {
      check,
      verdict: left > 0 ? 'ok' : 'problem',
      says:
        left > 0
          ? `Reached; the key is accepted; ${left} credits left.`
          : 'Reached, and the key is accepted, but no credits are left, so no search can run.',
      ...(left > 0 ? {} : { advice: 'Top up your account at OpenFunnel.' }),
      facts: { asked: true, reached: true, accepted: true, has_credits: left > 0 },
    };
  }
  const said = errorBody.safeParse(body).data;
  const error =
    status >= 200 && status <= 299
      ? invalidResponse(status, 'it is not a balance')
      : fromAnswer(status, said, null);
  const [says, advice] = statusTold(status, asked);
  return {
    check,
    verdict: 'problem',
    says: `${says}${upstreamSays(said)}`,
    advice,
    facts: { asked: true, reached: true, code: error.code, http_status: status, fault: null },
  };
}

function statusTold(status: number, { baseUrl, proxy }: Asked): Told {
  const inBetween = proxy === null ? '' : `, and ask whoever runs the proxy ${proxy.host}`;
  const address =
    baseUrl.href === USUAL
      ? `Something between here and OpenFunnel may be answering in its place: try again on another network${inBetween}.`
      : `Correct OPENFUNNEL_BASE_URL, or remove it to use ${USUAL.slice(0, -1)}${inBetween}.`;
  if (status === 401)
    return [
      'OpenFunnel does not accept the API key (HTTP 401), so every call will fail.',
      'Check OPENFUNNEL_API_KEY: it may be incomplete, revoked, or from another account.',
    ];
  if (status === 403)
    return [
      'OpenFunnel knows the API key but does not let it see the balance (HTTP 403), so searches may be refused too.',
      'Ask OpenFunnel what this key may do.',
    ];
  if (status === 402)
    return [
      'The account has no credits (HTTP 402), so no search can run.',
      'Top up your account at OpenFunnel.',
    ];
  if (status === 407)
    return [
      'A proxy asks for a user name and password (HTTP 407), so nothing reaches OpenFunnel.',
      PROXY_LOGIN,
    ];
  if (status === 429)
    return [
      'OpenFunnel is limiting the rate of requests (HTTP 429), so calls are slowed down or refused for now.',
      'Wait a minute and run the doctor again.',
    ];
  if (status >= 500)
    return [
      `OpenFunnel has a fault on its side (HTTP ${status}), so no call works at the moment.`,
      'Try again later.',
    ];
  if (status === 404)
    return [
      `${baseUrl.href} answers, but there is no OpenFunnel API there (HTTP 404), so every call will fail.`,
      address,
    ];
  if (status >= 300 && status < 400)
    return [
      `${baseUrl.href} sends requests on to another address (HTTP ${status}). That is not followed, because the API key would go there too, so every call will fail.`,
      address,
    ];
  return [
    `${baseUrl.href} answers, but not as OpenFunnel does (HTTP ${status}), so every call will fail.`,
    address,
  ];
}

const PROXY_LOGIN =
  'Write them into HTTPS_PROXY as http://user:password@host:port (special characters percent-encoded: @ is %40), and restart the client.';

/** What a person is told where no answer came. */
function transportTold({ fault }: TransportError, { baseUrl, proxy }: Asked): Told {
  const { host } = baseUrl;
  const connection = 'Check the internet connection and the firewall.';
  const behindProxy = ' In a company network you may need HTTPS_PROXY.';
  const custom = baseUrl.href === USUAL ? '' : ' Check OPENFUNNEL_BASE_URL.';
  if (fault === 'proxy_password')
    return [
      `The proxy ${proxy?.host} asks for a user name and password, so nothing reaches OpenFunnel.`,
      PROXY_LOGIN,
    ];
  if (fault === 'proxy')
    return [
      `The proxy ${proxy?.host} refuses to connect to ${host}, so no call can work.`,
      `Ask whoever runs the proxy to allow ${host}.`,
    ];
  if (proxy !== null && ['refused', 'dns', 'connect_timeout'].includes(fault)) {
    const why =
      {
        refused: 'refuses the connection, or has no route',
        dns: 'has a name that can’t be resolved',
      }[fault as string] ?? 'does not answer';
    return [
      `The proxy ${proxy.host} (${proxy.variable}) ${why}, so nothing reaches OpenFunnel.`,
      `Correct ${proxy.variable}, or remove it if this network needs no proxy.`,
    ];
  }
  const told: Partial<Record<TransportError['fault'], Told>> = {
    refused: [
      `The connection to ${host} was refused or has no route, so no call can work.`,
      `${connection}${custom}${behindProxy}`,
    ],
    dns: [`The name ${host} can't be resolved, so no call can work.`, `${connection}${custom}${behindProxy}`],
    connect_timeout: [
      `${host} could not be connected to in time, so no call can work.`,
      `${connection}${custom}${behindProxy}`,
    ],
    timeout: [
      `${host} did not answer within ${TIMEOUT_MS / 1000} seconds, so calls will be slow or fail.`,
      'Try again; if that does not help, check proxy and firewall.',
    ],
    tls: [
      `The TLS certificate of ${host} was not accepted, or TLS failed, so nothing is sent.`,
      `Check this computer's date and time, and the proxy.${custom}`,
    ],
    authority: [
      `The TLS certificate shown for ${host} comes from an authority that Node.js does not know, most likely a company's own that inspects TLS. Nothing is sent.`,
      'Set NODE_EXTRA_CA_CERTS to the PEM file with your company’s certificates, and restart the client.',
    ],
    program: [
      'Files of this server were replaced or removed while it was running, so it can send nothing.',
      'Restart the client.',
    ],
  };
  return (
    told[fault] ?? [
      `The answer of ${host} broke off or could not be read, so calls may fail.`,
      `Try again; if that does not help, check the proxy.${custom}`,
    ]
  );
}

/** Whether this computer's clock agrees with OpenFunnel's; null where the answer names no time. */
function clockFinding(date: string | undefined, now: number): Finding | null {
  const theirs = Date.parse(date ?? '');
  if (Number.isNaN(theirs)) return null;
  const check = 'clock';
  const ahead = now - theirs;
  const minutes = Math.round(ahead / 60_000);
  if (Math.abs(ahead) < CLOCKS_AGREE_MS)
    return { check, verdict: 'ok', says: 'Agrees with OpenFunnel’s.', facts: { minutes_ahead: minutes } };
  return {
    check,
    verdict: 'problem',
    says: `This computer's clock is ${Math.abs(minutes)} minutes ${ahead > 0 ? 'ahead of' : 'behind'} OpenFunnel’s. The daily ceiling and the recognition of repeated searches count by it, so they can be wrong.`,
    advice: 'Let the computer set its date and time automatically.',
    facts: { minutes_ahead: minutes },
  };
}

function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
