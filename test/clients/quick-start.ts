import { join } from 'node:path';
import packageJson from '../../package.json' with { type: 'json' };
import { installTarball, makePackages, TARBALL } from '../heavy/package/packages.ts';
import { callTool, withLaunched } from '../launch.ts';
import { makeFolder } from '../temporary-folder.ts';
import { bare, inHome, run } from './run.ts';

/** The package as a new user has it: installed from the tarball into an empty folder. */
export interface Installed {
  /**
   * Does with a Node.js what a new user does first: ask for the version, see the doctor, and take a job of the sandbox from submit
   * to file.
   *
   * @param node Path of its executable.
   * @throws {Error} that says what did not work.
   */
  quickStart: (node: string) => Promise<void>;
  remove: () => void;
}

export async function installPackage(): Promise<Installed> {
  const packed = makeFolder();
  await makePackages('--into', packed.path);
  const folder = makeFolder();
  installTarball(folder.path, join(packed.path, 'dist', TARBALL));
  const entry = join(folder.path, 'node_modules', packageJson.name, 'dist/index.js');
  return {
    quickStart: (node) =>
      inHome(async (home) => {
        const version = await run(node, [entry, '--version'], bare(home), home);
        if (version.output.trim() !== packageJson.version) throw new Error(`--version: ${version.output}`);
        const doctor = await run(node, [entry, 'doctor', '--sandbox'], bare(home), home);
        if (doctor.code !== 0) throw new Error(`doctor: ${doctor.output}`);
        const env = { OPENFUNNEL_SANDBOX_SPEED: '20' };
        await withLaunched({ command: node, args: [entry, '--sandbox'], env }, home, async (client) => {
          const { job_id } = await callTool(client, 'submit_lookalikes_bulk', {
            query: 'bakeries',
            limit: 30,
          });
          let collected = await callTool(client, 'wait_and_collect', { job_id });
          while (!collected.complete) collected = await callTool(client, 'wait_and_collect', { job_id });
          const { rows } = await callTool(client, 'query_companies', {
            sql: 'SELECT count(*) FROM companies',
          });
          if (rows[0]?.[0] !== 30) throw new Error(`query_companies: ${JSON.stringify(rows)}`);
          await callTool(client, 'export_bulk_results', { job_id });
        });
      }),
    remove() {
      packed.remove();
      folder.remove();
    },
  };
}
