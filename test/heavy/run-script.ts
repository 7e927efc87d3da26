import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/** Runs a script of the tests to its end, be it a good one or not; `wrong` are its lines that say what was. */
export async function runScript(url: URL, args: string[] = []): Promise<{ stdout: string; wrong: string[] }> {
  const run = promisify(execFile)(process.execPath, ['--import', 'tsx', fileURLToPath(url), ...args], {
    maxBuffer: 2 ** 24,
  });
  const { stdout } = await run.catch((error: { stdout: string }) => error);
  return { stdout, wrong: stdout.split('\n').filter((line) => line.startsWith('WRONG')) };
}
