import { join } from 'node:path';
import type { Config, Environment, Machine } from '../config/config.ts';
import { inFormWords } from '../config/form.ts';
import type { Send } from '../openfunnel/http.ts';
import { apiFindings } from './api.ts';
import { asJson, asText, type Finding, problemsIn } from './finding.ts';
import { folderFinding, folderState } from './folders.ts';
import { keptFinding, knownFinding, marksFinding } from './kept.ts';
import { ledgerFinding } from './ledger.ts';
import { portFinding } from './port.ts';
import { routeFindings } from './route.ts';
import { isSandbox, keyFinding, readSettings } from './settings.ts';

/** What the doctor examines; all of it is passed in. */
export interface Patient {
  /** Arguments after `doctor`. */
  args: readonly string[];
  env: Environment;
  machine: Machine;
  /** Version of the server. */
  version: string;
  /** Of Node, such as 20.20.2, and the range that is needed, such as >=20.18.1. */
  node: { version: string; needed: string };
  /** Such as linux-x64. */
  platform: string;
  /** This computer's time. Milliseconds since the epoch. */
  now: () => number;
  /** Opens a connection to the API; not used in the sandbox. */
  openSend: (config: Config) => { send: Send; close: () => Promise<void> };
}

/**
 * Looks for what could be wrong with an installation. Reads, and asks the API for the balance once; changes nothing.
 *
 * @throws {ConfigError} for an unknown argument.
 */
export async function runDoctor(patient: Patient): Promise<{ text: string; ok: boolean }> {
  const json = patient.args.includes('--json');
  const args = patient.args.filter((arg) => arg !== '--json');
  const { config, findings } = readSettings(args, patient.env, patient.machine);
  const all = [...runtimeFindings(patient), ...findings, keyFinding(config), sandboxFinding(config)];
  if (config.mode === 'serve-sandbox') all.push(await portFinding(config.sandboxPort));
  if (!isSandbox(config)) {
    all.push(...(await routeFindings(config, patient.env)));
    const http = patient.openSend(config);
    try {
      all.push(...(await apiFindings(patient, config, http.send)));
    } finally {
      await http.close();
    }
  }
  all.push(...(await folderFindings(config, patient.env)));
  const ok = problemsIn(all) === 0;
  if (json) return { text: asJson(patient.version, all), ok };
  const text = asText(patient.version, all);
  return { text: config.fromForm ? inFormWords(text) : text, ok };
}

function runtimeFindings({ node, platform }: Patient): Finding[] {
  const enough = atLeast(node.version, node.needed);
  return [
    {
      check: 'node',
      verdict: enough ? 'ok' : 'problem',
      says: enough
        ? `Node.js ${node.version}.`
        : `This is Node.js ${node.version}, and the server needs ${node.needed}, so it can't start.`,
      ...(enough
        ? {}
        : {
            advice:
              'Install a newer Node.js, or give your MCP client the full path of a newer one as its command.',
          }),
      facts: { version: node.version, enough },
    },
    { check: 'platform', verdict: 'ok', says: `${platform}.`, facts: { name: platform } },
  ];
}

function sandboxFinding(config: Config): Finding {
  const on = isSandbox(config);
  return {
    check: 'sandbox',
    verdict: on ? 'note' : 'ok',
    says: on ? 'On: every company is made up, nothing is billed, and the API is not asked.' : 'Off.',
    ...(on ? { advice: 'For real searches remove --sandbox and OPENFUNNEL_SANDBOX, and set a key.' } : {}),
    facts: { on },
  };
}

async function folderFindings(config: Config, env: Environment): Promise<Finding[]> {
  const { stateDirectory, exportDirectory } = config;
  const folder = (check: 'state_folder' | 'export_folder', path: string, variable: string) =>
    folderFinding({ check, path, variable, chosen: Boolean(env[variable]?.trim()) });
  const state = await folder('state_folder', stateDirectory, 'OPENFUNNEL_STATE_DIR');
  // What is in a folder that can't be entered has no findings of its own: that would count one problem four times.
  const inside = ['unreadable', 'file'].includes(await folderState(stateDirectory))
    ? []
    : await Promise.all([
        ledgerFinding(stateDirectory),
        keptFinding(join(stateDirectory, 'lists')),
        knownFinding(stateDirectory),
        marksFinding(stateDirectory),
      ]);
  return [state, ...inside, await folder('export_folder', exportDirectory, 'OPENFUNNEL_EXPORT_DIR')];
}

/** Whether a version such as 20.18.1 fulfils a range such as >=20.18.1. */
function atLeast(version: string, range: string): boolean {
  const numbers = (text: string) => text.replace(/^\D*/, '').split('.').map(Number);
  const [have, need] = [numbers(version), numbers(range)];
  const differing = need.findIndex((part, index) => part !== have[index]);
  return differing === -1 || (have[differing] ?? 0) > (need[differing] ?? 0);
}
