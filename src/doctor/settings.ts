import { type Config, type Environment, type Machine, readConfig } from '../config/config.ts';
import type { Finding } from './finding.ts';

/** The variables that are ours, and the usual ones that are heeded. */
const VARIABLES = /^(OPENFUNNEL_\w+|(https?|all|no)_proxy|NODE_EXTRA_CA_CERTS)$/i;

/**
 * The configuration in force and what is wrong with it. A value that can't be used is reported and then taken as
 * not set, so that one look finds all of them.
 */
export function readSettings(
  args: readonly string[],
  given: Environment,
  machine: Machine,
): { config: Config; findings: Finding[] } {
  const config = readConfig(args, given, machine);
  const findings = config.problems.map(
    ({ variable, says }): Finding => ({
      check: variable,
      verdict: 'problem',
      says,
      advice: `Correct ${variable} where your MCP client sets it ("env" of its configuration), or remove it there.`,
      facts: { usable: false },
    }),
  );
  return { config, findings: [...findings, inForce(given, findings)] };
}

/** Which variables are set, by name: their values are the person's own. */
function inForce(env: Environment, bad: readonly Finding[]): Finding {
  const unusable = new Set(bad.map(({ check }) => check));
  const set = Object.keys(env)
    .filter((name) => VARIABLES.test(name) && env[name]?.trim())
    .sort();
  const used = set.filter((name) => !unusable.has(name.toUpperCase()));
  return {
    check: 'configuration',
    verdict: 'ok',
    says:
      used.length === 0
        ? 'all defaults; no variable is set'
        : `from the environment: ${used.join(', ')}; defaults for all else`,
    facts: { from_environment: set.join(' ') },
  };
}

/** Whether a key is there and looks like one. Never shows any of it. */
export function keyFinding({ apiKey, sandbox }: Config): Finding {
  const check = 'api_key';
  if (sandbox)
    return { check, verdict: 'ok', says: 'not needed in the sandbox', facts: { set: apiKey !== undefined } };
  if (apiKey === undefined) {
    return {
      check,
      verdict: 'problem',
      says: 'not set',
      advice:
        'Put your key into OPENFUNNEL_API_KEY in the "env" of your MCP client’s configuration and restart the client; the README says where a key comes from. Or set OPENFUNNEL_SANDBOX=1 to try without one.',
      facts: { set: false },
    };
  }
  const usual = /^of_\S{8,}$/.test(apiKey);
  return {
    check,
    verdict: usual ? 'ok' : 'note',
    says: usual ? 'set, and has the usual form' : 'set, but does not look like of_… with letters and digits',
    ...(usual ? {} : { advice: 'Compare it with the one that OpenFunnel sent: nothing may be missing.' }),
    facts: { set: true, usual_form: usual },
  };
}

/** How the API is reached: address and proxies, without names and passwords in them. */
export function routeFinding({ baseUrl, httpProxy, httpsProxy }: Config, env: Environment): Finding {
  const ours = baseUrl.href === 'https://api.openfunnel.dev/';
  const proxy = baseUrl.protocol === 'https:' ? httpsProxy : httpProxy;
  const authority = (env.NODE_EXTRA_CA_CERTS ?? '') !== '';
  return {
    check: 'route',
    verdict: ours ? 'ok' : 'note',
    says: `${baseUrl.origin}${proxy === '' ? ', no proxy' : ` by way of the proxy ${new URL(proxy).host}`}${
      authority ? ', with the certificates of NODE_EXTRA_CA_CERTS' : ''
    }`,
    ...(ours
      ? {}
      : {
          advice:
            'OPENFUNNEL_BASE_URL names another address than OpenFunnel’s; remove it unless you mean it.',
        }),
    facts: { usual_address: ours, proxy: proxy !== '', extra_certificates: authority },
  };
}
