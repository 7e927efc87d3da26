import { type Config, type Environment, HELP, type Machine, readConfig } from '../config/config.ts';
import { placeOfSettings } from '../config/form.ts';
import { editDistance } from '../lib/edit-distance.ts';
import type { Finding } from './finding.ts';

/** The variables of this server. */
const OURS: readonly string[] = [...new Set(HELP.match(/OPENFUNNEL_[A-Z_]+/g))];
/** Those and the usual ones that are heeded. */
const HEEDED = /^((https?|all|no)_proxy|NODE_EXTRA_CA_CERTS)$/i;
const KEY = 'OPENFUNNEL_API_KEY';
/** More different letters than this, and a name is not a slip of another. */
const MOST_SLIPS = 4;

/** Whether no key is needed and nothing is sent to the API. */
export function isSandbox({ sandbox, mode }: Config): boolean {
  return sandbox || mode === 'serve-sandbox';
}

/**
 * The configuration in force and what is wrong with it. A value that can't be used is reported and then treated as
 * not set, so that all of them are found at once.
 */
export function readSettings(
  args: readonly string[],
  given: Environment,
  machine: Machine,
): { config: Config; findings: Finding[] } {
  const config = readConfig(args, given, machine);
  const where = placeOfSettings(config.fromForm);
  const follows = isSandbox(config)
    ? 'Its default is used instead.'
    : 'Until it is corrected, every call is refused and nothing is sent.';
  const findings = config.problems
    // The key has a finding of its own.
    .filter(({ variable }) => variable !== KEY)
    .map(
      ({ variable, says }): Finding => ({
        check: variable,
        verdict: 'problem',
        says: `${says}. ${follows}`,
        advice: `Correct ${variable} ${where}, or remove it there.`,
        facts: { usable: false },
      }),
    );
  return { config, findings: [...findings, ...unknownVariables(given, where), inForce(given, config)] };
}

/** Variables that look like this server's and are none of them: the values of misspelt ones are never seen. */
function unknownVariables(env: Environment, where: string): Finding[] {
  return Object.keys(env)
    .filter((name) => /^OPEN_?FUNNEL_?/i.test(name) && env[name]?.trim())
    .filter((name) => !OURS.includes(process.platform === 'win32' ? name.toUpperCase() : name))
    .sort()
    .map((name) => {
      const near = nearest(name);
      return {
        check: 'unknown_variable',
        verdict: near === null ? 'note' : 'problem',
        says: `${name} is not a setting of this server, so it has no effect.`,
        advice:
          near === null
            ? 'If another program needs it, leave it. The README lists the settings of this server.'
            : `Did you mean ${near}? Correct the name ${where}.`,
        facts: { near },
      };
    });
}

function nearest(name: string): string | null {
  const plain = (text: string) => text.toUpperCase().replaceAll('_', '');
  const ranked = OURS.map((ours) => ({
    ours,
    slips: editDistance(plain(name), plain(ours), MOST_SLIPS),
  })).sort((a, b) => a.slips - b.slips);
  const [best] = ranked;
  return best && best.slips <= MOST_SLIPS ? best.ours : null;
}

/** Which variables are set, by name: their values are the person's own. */
function inForce(env: Environment, { problems }: Config): Finding {
  const unusable = new Set(problems.map(({ variable }) => variable));
  const set = Object.keys(env)
    .filter((name) => (OURS.includes(name.toUpperCase()) || HEEDED.test(name)) && env[name]?.trim())
    .sort();
  const used = set.filter((name) => !unusable.has(name.toUpperCase()));
  return {
    check: 'configuration',
    verdict: 'ok',
    says:
      used.length === 0
        ? 'No variable is set; the defaults hold.'
        : `Set in the environment: ${used.join(', ')}. Defaults hold for all others.`,
    facts: { from_environment: set.join(' ') },
  };
}

/** Whether a key is set and can be used. Never shows any of it. */
export function keyFinding(config: Config): Finding {
  const check = 'api_key';
  const where = placeOfSettings(config.fromForm);
  const { apiKey } = config;
  if (isSandbox(config))
    return { check, verdict: 'ok', says: 'Not needed in the sandbox.', facts: { set: apiKey !== undefined } };
  const wrong = config.problems.find(({ variable }) => variable === KEY);
  if (wrong)
    return {
      check,
      verdict: 'problem',
      says: `${wrong.says}. Until it is corrected, every call is refused and nothing is sent.`,
      advice: `Correct ${KEY} ${where}, and restart the client.`,
      facts: { set: true, usable: false },
    };
  if (apiKey === undefined) {
    return {
      check,
      verdict: 'problem',
      says: 'No API key is set, so the server starts, but every call is refused.',
      advice: `Put your key into ${KEY} ${where}, and restart the client; the README says where to get one. Or set OPENFUNNEL_SANDBOX=1 to try it without a key.`,
      facts: { set: false },
    };
  }
  const usual = /^of_\S{8,}$/.test(apiKey);
  return {
    check,
    verdict: usual ? 'ok' : 'note',
    says: usual
      ? 'Set, and has the usual form.'
      : 'Set, but it does not have the usual form (of_ and then letters and digits), so it may be incomplete.',
    ...(usual ? {} : { advice: 'Compare it with the key that OpenFunnel sent you.' }),
    facts: { set: true, usable: true, usual_form: usual },
  };
}
