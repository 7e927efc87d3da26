import { homedir, tmpdir, userInfo } from 'node:os';
import { isAbsolute, join } from 'node:path';
import type { Machine } from './folders.ts';

/** Where this process runs. A user without a home, such as one of a container, gets folders of its own below the system's temporary one. */
export function thisMachine(): Machine {
  return { platform: process.platform, home: home(), temporary: join(temporary(), `openfunnel-${user()}`) };
}

function home(): string | null {
  try {
    const path = homedir();
    // What is empty or relative would be below the folder that the client happens to start the server in.
    return isAbsolute(path) ? path : null;
  } catch {
    return null;
  }
}

function temporary(): string {
  const path = tmpdir();
  return isAbsolute(path) ? path : '/tmp';
}

function user(): string {
  if (process.getuid) return String(process.getuid());
  try {
    return userInfo().username.replace(/[^A-Za-z0-9_-]/g, '_');
  } catch {
    return 'user';
  }
}
