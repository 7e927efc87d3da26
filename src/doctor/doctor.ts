import { type Config, type Environment, type Machine, readConfig } from '../config/config.ts';
import { inFormWords } from '../config/form.ts';
import type { Clock } from '../lib/clock.ts';
import { HttpTransport } from '../openfunnel/http.ts';
import { diskFindings } from './disk.ts';
import { type Finding, note, ok, report, type Told } from './finding.ts';
import { apiFinding, portFinding, routeFindings } from './network.ts';
import { isSandbox, settingsFindings } from './settings.ts';

/** What the doctor examines; all of it is passed in. */
export interface Patient {
  args: readonly string[];
  env: Environment;
  machine: Machine;
  version: string;
  /** Version of Node, such as 20.20.2. */
  node: string;
  platform: string;
  clock: Clock;
}

/** Looks for what could be wrong with an installation; changes nothing. @throws {ConfigError} for an unknown argument. */
export async function runDoctor(patient: Patient): Promise<{ text: string; ok: boolean }> {
  const { args, env, platform, node } = patient;
  const config = readConfig(
    args.filter((arg) => arg !== '--json'),
    env,
    patient.machine,
  );
  const findings = [
    // One that is too old gets no further than bootstrap.ts.
    ok('node', `Node.js ${node}.`, { version: node, enough: true }),
    ok('platform', `${platform}.`, { name: platform }),
    ...settingsFindings(config, env),
    sandboxFinding(config),
  ];
  if (config.mode === 'serve-sandbox') findings.push(await portFinding(config.sandboxPort));
  if (!isSandbox(config)) {
    findings.push(...(await routeFindings(config, env)));
    const http = new HttpTransport(patient.clock, config);
    findings.push(await apiFinding(patient, config, http.send).finally(() => http.close()));
  }
  findings.push(...(await diskFindings(config, env)));
  const json = args.includes('--json');
  const { text, ok: fine } = report(patient.version, findings, json);
  return { text: config.fromForm && !json ? inFormWords(text) : text, ok: fine };
}

function sandboxFinding(config: Config): Finding {
  if (!isSandbox(config)) return ok('sandbox', 'Off.', { on: false });
  const told: Told = [
    'On: every company is made up, nothing is billed, and the API is not asked.',
    'For real searches remove --sandbox and OPENFUNNEL_SANDBOX, and set a key.',
  ];
  return note('sandbox', told, { on: true });
}
