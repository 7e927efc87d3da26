import { appendFileSync, mkdirSync, readFileSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';

/** In the platform's usual folder: the folders that environments have moved it to, one a line. */
const FILE_NAME = 'moved-to.txt';
const MAX_FOLDERS = 10;

/**
 * The other folders in which servers of this user may have kept their ledger. Some clients pass the variables on
 * that move it (`XDG_STATE_HOME`, `LOCALAPPDATA`) and others don't, so the usual folder is looked at too, and holds
 * a note of where it was moved to. What can't be read or noted is left out.
 *
 * @param own The folder that this server writes to.
 * @param usual The platform's usual one; null where the user has chosen a folder, which then stands alone.
 */
export function otherStateFolders(own: string, usual: string | null): string[] {
  if (usual === null) return [];
  const moved = movedTo(usual);
  if (own !== usual && !moved.includes(own)) note(usual, own);
  return [...new Set([usual, ...moved.slice(-MAX_FOLDERS)])].filter((folder) => folder !== own);
}

function movedTo(usual: string): string[] {
  try {
    const lines = readFileSync(join(usual, FILE_NAME), 'utf8').split('\n');
    return lines.map((line) => line.trim()).filter((line) => isAbsolute(line));
  } catch {
    return [];
  }
}

function note(usual: string, own: string): void {
  if (own.includes('\n')) return;
  try {
    mkdirSync(usual, { recursive: true, mode: 0o700 });
    appendFileSync(join(usual, FILE_NAME), `\n${own}\n`, { mode: 0o600 });
  } catch {
    // Then a client that strips the variable does not find it.
  }
}
