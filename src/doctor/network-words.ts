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

const PROXY_LOGIN: Told = [
  'A proxy asks for a user name and password, so nothing reaches OpenFunnel.',
  'Write them into HTTPS_PROXY as http://user:password@host:port (special characters percent-encoded: @ is %40), and restart the client.',
];

/** What is told of an answer that is no balance. */
export function statusTold(status: number, { baseUrl, proxy }: Route): Told {
  if (status === 407) return PROXY_LOGIN;
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

/** What is told where no answer came. @param seconds How long one was waited for. */
export function transportTold(fault: TransportFault, { baseUrl, proxy }: Route, seconds: number): Told {
  const { host } = baseUrl;
  const custom = baseUrl.href === USUAL ? '' : ' Check OPENFUNNEL_BASE_URL.';
  const unreached = (why: string): Told =>
    proxy === null
      ? [
          `${host} ${why}, so no call can work.`,
          `Check the internet connection and the firewall.${custom} In a company network you may need HTTPS_PROXY.`,
        ]
      : [
          `The proxy ${proxy.host} (${proxy.variable}) ${why}, so nothing reaches OpenFunnel.`,
          `Correct ${proxy.variable}, or remove it if this network needs no proxy.`,
        ];
  const brokenOff: Told = [
    `The answer of ${host} broke off or could not be read, so calls may fail.`,
    `Try again; if that does not help, check the proxy.${custom}`,
  ];
  const told: Readonly<Record<TransportFault, Told>> = {
    refused: unreached('refuses the connection, or has no route'),
    dns: unreached('has a name that can’t be resolved'),
    connect_timeout: unreached('could not be connected to in time'),
    proxy: [
      `The proxy ${proxy?.host} refuses to connect to ${host}, so no call can work.`,
      `Ask whoever runs the proxy to allow ${host}.`,
    ],
    proxy_password: PROXY_LOGIN,
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
