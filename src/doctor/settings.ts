import { type Config, type Environment, HELP } from '../config/config.ts';
import { placeOfSettings } from '../config/form.ts';
import { nearNames } from '../lib/edit-distance.ts';
import { type Finding, note, ok, problem, type Told } from './finding.ts';

const OURS: readonly string[] = [...new Set(HELP.match(/OPENFUNNEL_[A-Z_]+/g))];
/** Those and the usual ones that are heeded. */
const HEEDED = /^((https?|all|no)_proxy|NODE_EXTRA_CA_CERTS)$/i;
const KEY = 'OPENFUNNEL_API_KEY';
/** More different letters than this, and a name is not a slip of another. */
const MOST_SLIPS = 4;

const REFUSED = 'Until it is corrected, every call is refused and nothing is sent.';

/** Whether no key is needed and nothing is sent to the API. */
export function isSandbox({ sandbox, mode }: Config): boolean {
  return sandbox || mode === 'serve-sandbox';
}

/** What is wrong with the settings, which are in force, and whether a key is set. Never shows a value. */
export function settingsFindings(config: Config, env: Environment): Finding[] {
  const where = placeOfSettings(config.fromForm);
  const follows = isSandbox(config) ? 'Its default is used instead.' : REFUSED;
  const wrong = config.problems
    // The key has a finding of its own.
    .filter(({ variable }) => variable !== KEY)
    .map(({ variable, says }) => {
      const told: Told = [`${says}. ${follows}`, `Correct ${variable} ${where}, or remove it there.`];
      return problem(variable, told, { usable: false });
    });
  return [...wrong, ...unknownVariables(env, where), inForce(env, config), keyFinding(config, where)];
}

/** Variables that look like this server's and are none of them: the values of misspelt ones are never seen. */
function unknownVariables(env: Environment, where: string): Finding[] {
  return Object.keys(env)
    .filter((name) => /^OPEN_?FUNNEL_?/i.test(name) && env[name]?.trim())
    .filter((name) => !OURS.includes(process.platform === 'win32' ? name.toUpperCase() : name))
    .sort()
    .map((name) => {
      const near = nearNames(name, OURS, MOST_SLIPS)[0] ?? null;
      const says = `${name} is not a setting of this server, so it has no effect.`;
      const advice = near
        ? `Did you mean ${near}? Correct the name ${where}.`
        : 'If another program needs it, leave it. The README lists the settings of this server.';
      return (near ? problem : note)('unknown_variable', [says, advice], { near });
    });
}

/** Which variables are set, by name: their values are the person's own. */
function inForce(env: Environment, { problems }: Config): Finding {
  const set = Object.keys(env)
    .filter((name) => (OURS.includes(name.toUpperCase()) || HEEDED.test(name)) && env[name]?.trim())
    .sort();
  const used = set.filter((name) => !problems.some(({ variable }) => variable === name.toUpperCase()));
  const says =
    used.length === 0
      ? 'No variable is set; the defaults hold.'
      : `Set in the environment: ${used.join(', ')}. Defaults hold for all others.`;
  return ok('configuration', says, { from_environment: set.join(' ') });
}

function keyFinding(config: Config, where: string): Finding {
  const check = 'api_key';
  const { apiKey, problems } = config;
  if (isSandbox(config)) return ok(check, 'Not needed in the sandbox.', { set: apiKey !== undefined });
  const wrong = problems.find(({ variable }) => variable === KEY);
  if (wrong) {
    const told: Told = [`${wrong.says}. ${REFUSED}`, `Correct ${KEY} ${where}, and restart the client.`];
    return problem(check, told, { set: true, usable: false });
  }
  if (apiKey === undefined) {
    const told: Told = [
      'No API key is set, so the server starts, but every call is refused.',
      `Put your key into ${KEY} ${where}, and restart the client; the README says where to get one. Or set OPENFUNNEL_SANDBOX=1 to try it without a key.`,
    ];
    return problem(check, told, { set: false });
  }
  return ok(check, 'Set.', { set: true, usable: true });
}
