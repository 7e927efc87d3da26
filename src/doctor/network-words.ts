import { DEFAULT_BASE_URL } from '../config/values.ts';
import type { TransportFault } from '../openfunnel/http.ts';
import type { Told } from './finding.ts';

// What a person is told of each way in which the API can fail to answer as it should.

/** OpenFunnel's own address, as a URL is written. */
export const USUAL = `${DEFAULT_BASE_URL}/`;

/** How requests are sent. */
export interface Route {
  baseUrl: URL;
  /** Host and port of a proxy, without user name and password, and the variable that names it. */
  proxy: { host: string; variable: string } | null;
}

const TOP_UP = 'Top up your account at OpenFunnel.';
const PROXY_LOGIN =
  'Write them into HTTPS_PROXY as http://user:password@host:port (special characters percent-encoded: @ is %40), and restart the client.';

/** What is told of an answer that is no balance. */
export function statusTold(status: number, { baseUrl, proxy }: Route): Told {
  const inBetween = proxy === null ? '' : `, and ask whoever runs the proxy ${proxy.host}`;
  const address =
    baseUrl.href === USUAL
      ? `Something between here and OpenFunnel may be answering in its place: try again on another network${inBetween}.`
      : `Correct OPENFUNNEL_BASE_URL, or remove it to use ${DEFAULT_BASE_URL}${inBetween}.`;
  const http = `(HTTP ${status})`;
  const told: Readonly<Record<number, Told>> = {
    401: [
      `OpenFunnel does not accept the API key ${http}, so every call will fail.`,
      'Check OPENFUNNEL_API_KEY: it may be incomplete, revoked, or from another account.',
    ],
    402: [`The account has no credits ${http}, so no search can run.`, TOP_UP],
    403: [
      `OpenFunnel knows the API key but does not let it see the balance ${http}, so searches may be refused too.`,
      'Ask OpenFunnel what this key may do.',
    ],
    404: [
      `${baseUrl.href} answers, but there is no OpenFunnel API there ${http}, so every call will fail.`,
      address,
    ],
    407: [`A proxy asks for a user name and password ${http}, so nothing reaches OpenFunnel.`, PROXY_LOGIN],
    429: [
      `OpenFunnel is limiting the rate of requests ${http}, so calls are slowed down or refused for now.`,
      'Wait a minute and run the doctor again.',
    ],
    3: [
      `${baseUrl.href} sends requests on to another address ${http}. That is not followed, because the API key would go there too, so every call will fail.`,
      address,
    ],
    5: [`OpenFunnel has a fault on its side ${http}, so no call works at the moment.`, 'Try again later.'],
  };
  return (
    told[status] ??
    told[Math.floor(status / 100)] ?? [
      `${baseUrl.href} answers, but not as OpenFunnel does ${http}, so every call will fail.`,
      address,
    ]
  );
}

/** What is told where no answer came. @param seconds How long one was waited for. */
export function transportTold(fault: TransportFault, { baseUrl, proxy }: Route, seconds: number): Told {
  const { host } = baseUrl;
  const custom = baseUrl.href === USUAL ? '' : ' Check OPENFUNNEL_BASE_URL.';
  const check = `Check the internet connection and the firewall.${custom} In a company network you may need HTTPS_PROXY.`;
  const byProxy = (why: string): Told => [
    `The proxy ${proxy?.host} (${proxy?.variable}) ${why}, so nothing reaches OpenFunnel.`,
    `Correct ${proxy?.variable}, or remove it if this network needs no proxy.`,
  ];
  const brokenOff: Told = [
    `The answer of ${host} broke off or could not be read, so calls may fail.`,
    `Try again; if that does not help, check the proxy.${custom}`,
  ];
  const told: Readonly<Record<TransportFault, Told>> = {
    refused: proxy
      ? byProxy('refuses the connection, or has no route')
      : [`The connection to ${host} was refused or has no route, so no call can work.`, check],
    dns: proxy
      ? byProxy('has a name that can’t be resolved')
      : [`The name ${host} can't be resolved, so no call can work.`, check],
    connect_timeout: proxy
      ? byProxy('does not answer')
      : [`${host} could not be connected to in time, so no call can work.`, check],
    proxy: [
      `The proxy ${proxy?.host} refuses to connect to ${host}, so no call can work.`,
      `Ask whoever runs the proxy to allow ${host}.`,
    ],
    proxy_password: [
      `The proxy ${proxy?.host} asks for a user name and password, so nothing reaches OpenFunnel.`,
      PROXY_LOGIN,
    ],
    timeout: [
      `${host} did not answer within ${seconds} seconds, so calls will be slow or fail.`,
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
    broken: brokenOff,
    too_large: brokenOff,
    encoding: brokenOff,
  };
  return told[fault];
}
