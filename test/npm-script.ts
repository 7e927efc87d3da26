import { spawn } from 'node:child_process';
import { ROOT } from '../.build/package/project.ts';

/** How a script of package.json is started. */
export interface ScriptOptions {
  /** Arguments behind `--`. */
  args?: readonly string[];
  /** Default the repository. */
  cwd?: string;
  /** Beside the environment of the tests. */
  env?: Readonly<Record<string, string>>;
}

/** What a script left; `code` is null where a signal ended it. */
export interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** A script that runs. */
export interface RunningScript {
  /** Resolves with the first match in what it prints, on either stream; rejects where it ends without one. */
  says(pattern: RegExp): Promise<RegExpExecArray>;
  /** Ends it and all that it started, and resolves when it is gone. */
  stop(): Promise<Ended>;
  ended: Promise<Ended>;
}

/**
 * Starts a script of package.json by npm, as a user does. That each of them is started, by this or by CI, is held by
 * `test/process/scripts.test.ts`, which looks for the name in the call.
 */
export function startScript(
  name: string,
  { args = [], cwd = ROOT, env = {} }: ScriptOptions = {},
): RunningScript {
  const onWindows = process.platform === 'win32';
  // A group of its own: npm does not end by itself what it has started.
  const child = spawn('npm', ['run', '--silent', name, '--', ...args], {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: !onWindows,
    shell: onWindows,
  });
  const printed = { stdout: '', stderr: '' };
  const watchers = new Set<() => void>();
  for (const stream of ['stdout', 'stderr'] as const)
    child[stream].setEncoding('utf8').on('data', (text: string) => {
      printed[stream] += text;
      for (const look of watchers) look();
    });
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, ...printed }));
  });
  return {
    ended,
    says: (pattern) =>
      new Promise((resolve, reject) => {
        const look = () => {
          const match = pattern.exec(printed.stdout) ?? pattern.exec(printed.stderr);
          if (match) resolve(match);
        };
        watchers.add(look);
        look();
        ended.then(
          ({ code }) => reject(new Error(`npm run ${name} ended (${code}): ${printed.stderr}`)),
          reject,
        );
      }),
    stop() {
      if (child.pid !== undefined && child.exitCode === null)
        if (onWindows) child.kill();
        else process.kill(-child.pid, 'SIGTERM');
      return ended;
    },
  };
}

/** Runs a script to its end, be it a good one or not. */
export function runScript(name: string, options: ScriptOptions = {}): Promise<Ended> {
  return startScript(name, options).ended;
}
