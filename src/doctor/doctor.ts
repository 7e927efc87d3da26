import { join } from 'node:path';
import type { Config, Environment, Machine } from '../config/config.ts';
import type { Send } from '../openfunnel/http.ts';
import { apiFinding } from './api.ts';
import { asJson, asText, type Finding } from './finding.ts';
import { folderFinding } from './folders.ts';
import { keptFinding } from './kept.ts';
import { ledgerFinding } from './ledger.ts';
import { keyFinding, readSettings, routeFinding } from './settings.ts';

/** What the doctor looks at; all of it is passed in. */
export interface Patient {
  /** Arguments behind `doctor`. */
  args: readonly string[];
  env: Environment;
  machine: Machine;
  /** Version of the server. */
  version: string;
  /** Of Node, such as 20.20.2, and the range that is needed, such as >=20.18.1. */
  node: { version: string; needed: string };
  /** Such as linux-x64. */
  platform: string;
  /** Opens the way to the API; used unless in the sandbox. */
  openSend: (config: Config) => { send: Send; close: () => Promise<void> };
}

/**
 * Looks for what could be wrong with an installation. Reads, and asks the API for the balance once; changes nothing.
 *
 * @throws {ConfigError} for an argument that is unknown.
 */
export async function runDoctor(patient: Patient): Promise<{ text: string; ok: boolean }> {
  const json = patient.args.includes('--json');
  const { config, findings } = readSettings(
    patient.args.filter((arg) => arg !== '--json'),
    patient.env,
    patient.machine,
  );
  const all = [...runtimeFindings(patient), ...findings, keyFinding(config), sandboxFinding(config)];
  if (!config.sandbox) {
    all.push(routeFinding(config, patient.env));
    const http = patient.openSend(config);
    try {
      all.push(await apiFinding(config, http.send, patient.version));
    } finally {
      await http.close();
    }
  }
  all.push(...(await folderFindings(config, patient.env)));
  const write = json ? asJson : asText;
  return { text: write(patient.version, all), ok: all.every(({ verdict }) => verdict !== 'problem') };
}

function runtimeFindings({ node, platform }: Patient): Finding[] {
  const enough = atLeast(node.version, node.needed);
  return [
    {
      check: 'node',
      verdict: enough ? 'ok' : 'problem',
      says: `${node.version}${enough ? '' : `, but ${node.needed} is needed`}`,
      ...(enough
        ? {}
        : { advice: 'Install a newer Node.js, or give your MCP client the path of one as command.' }),
      facts: { version: node.version, enough },
    },
    { check: 'platform', verdict: 'ok', says: platform, facts: { name: platform } },
  ];
}

function sandboxFinding({ sandbox }: Config): Finding {
  return {
    check: 'sandbox',
    verdict: sandbox ? 'note' : 'ok',
    says: sandbox ? 'on: every company is made up, nothing is billed, the API is not asked' : 'off',
    ...(sandbox
      ? { advice: 'For real searches remove --sandbox and OPENFUNNEL_SANDBOX, and set a key.' }
      : {}),
    facts: { on: sandbox },
  };
}

function folderFindings(config: Config, env: Environment): Promise<Finding[]> {
  const { stateDirectory, exportDirectory } = config;
  const chosen = (variable: string) => Boolean(env[variable]?.trim());
  return Promise.all([
    folderFinding({
      check: 'state_folder',
      path: stateDirectory,
      variable: 'OPENFUNNEL_STATE_DIR',
      chosen: chosen('OPENFUNNEL_STATE_DIR'),
    }),
    ledgerFinding(stateDirectory),
    keptFinding(join(stateDirectory, 'lists')),
    folderFinding({
      check: 'export_folder',
      path: exportDirectory,
      variable: 'OPENFUNNEL_EXPORT_DIR',
      chosen: chosen('OPENFUNNEL_EXPORT_DIR'),
    }),
  ]);
}

/** Whether a version such as 20.18.1 fulfils a range such as >=20.18.1. */
function atLeast(version: string, range: string): boolean {
  const numbers = (text: string) => text.replace(/^\D*/, '').split('.').map(Number);
  const [have, need] = [numbers(version), numbers(range)];
  const differing = need.findIndex((part, index) => part !== have[index]);
  return differing === -1 || (have[differing] ?? 0) > (need[differing] ?? 0);
}
