import { readFile } from 'node:fs/promises';
import type { Config, Environment } from '../config/config.ts';
import { isLoopback } from '../openfunnel/http.ts';
import type { Finding } from './finding.ts';

/** A proxy on the way to the API. */
export interface ProxyRoute {
  /** Host and port, without user name and password. */
  host: string;
  /** The variable that names it. */
  variable: string;
}

/** The proxy that requests to the API take; null for none. */
export function proxyOf(
  { baseUrl, httpProxy, httpsProxy, noProxy }: Config,
  env: Environment,
): ProxyRoute | null {
  const secure = baseUrl.protocol === 'https:';
  const url = secure ? httpsProxy : httpProxy;
  if (url === '' || isLoopback(baseUrl) || isExempt(baseUrl, noProxy)) return null;
  const names = [secure ? 'https_proxy' : 'http_proxy', secure ? 'HTTPS_PROXY' : 'HTTP_PROXY', 'all_proxy'];
  return { host: new URL(url).host, variable: names.find((name) => env[name]?.trim()) ?? 'ALL_PROXY' };
}

/** Whether NO_PROXY names a host, or a domain above it. */
function isExempt({ hostname, port, protocol }: URL, noProxy: string): boolean {
  const usedPort = port || (protocol === 'https:' ? '443' : '80');
  return noProxy
    .split(/[\s,]+/)
    .filter(Boolean)
    .some((entry) => {
      const [, name = '', only] = /^\*?\.?(.*?)(?::(\d+))?$/.exec(entry.toLowerCase()) ?? [];
      if (only !== undefined && only !== usedPort) return false;
      return name === '' ? entry === '*' : hostname === name || hostname.endsWith(`.${name}`);
    });
}

/** How the API is reached: address, proxy and extra certificates. */
export async function routeFindings(config: Config, env: Environment): Promise<Finding[]> {
  const { baseUrl } = config;
  const usual = baseUrl.href === 'https://api.openfunnel.dev/';
  const proxy = proxyOf(config, env);
  const certificates = await certificatesFinding(env.NODE_EXTRA_CA_CERTS ?? '');
  const route: Finding = {
    check: 'route',
    verdict: usual ? 'ok' : 'note',
    says: `${baseUrl.origin}${proxy === null ? ', without a proxy' : `, through the proxy ${proxy.host} (${proxy.variable})`}.`,
    ...(usual
      ? {}
      : {
          advice:
            'OPENFUNNEL_BASE_URL is not OpenFunnel’s usual address, https://api.openfunnel.dev. Remove it unless you mean it.',
        }),
    facts: { usual_address: usual, proxy: proxy !== null, extra_certificates: certificates !== null },
  };
  return certificates === null ? [route] : [route, certificates];
}

/** Whether the file of extra certificates can be used: Node.js goes on without one that can't. */
async function certificatesFinding(path: string): Promise<Finding | null> {
  if (path === '') return null;
  const check = 'certificates';
  const refusal = await readFile(path, 'latin1').then(
    (text) => (text.includes('-----BEGIN CERTIFICATE-----') ? null : 'not_pem'),
    (error: NodeJS.ErrnoException) => error.code ?? 'unknown',
  );
  if (refusal === null)
    return { check, verdict: 'ok', says: `Extra certificates from ${path}.`, facts: { readable: true } };
  const why =
    refusal === 'ENOENT'
      ? 'names a file that does not exist'
      : refusal === 'not_pem'
        ? 'names a file without a certificate in PEM form'
        : `names a file that can't be read (${refusal})`;
  return {
    check,
    verdict: 'problem',
    says: `NODE_EXTRA_CA_CERTS ${why} (${path}). Node.js ignores it, so connections fail where a company inspects TLS.`,
    advice:
      'Correct the path (the file begins with -----BEGIN CERTIFICATE-----), or remove the variable; then restart the client.',
    facts: { readable: false, refusal },
  };
}
