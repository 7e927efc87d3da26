import { homedir, tmpdir, userInfo } from 'node:os';
import { isAbsolute, join } from 'node:path';
import type { Machine } from './folders.ts';

/** Where this process runs. A user without a home, such as one of a container, gets folders of its own below the system's temporary one. */
export function thisMachine(): Machine {
  // What is empty or relative would be below the folder that the client happens to start the server in.
  const absolute = (path: string) => (isAbsolute(path) ? path : null);
  const user = process.getuid?.() ?? tried(() => userInfo().username.replace(/[^A-Za-z0-9_-]/g, '_'));
  return {
    platform: process.platform,
    home: tried(() => absolute(homedir())),
    temporary: join(absolute(tmpdir()) ?? '/tmp', `openfunnel-${user ?? 'user'}`),
  };
}

function tried<T>(read: () => T): T | null {
  try {
    return read();
  } catch {
    return null;
  }
}
