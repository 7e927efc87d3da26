import { lstat, readFile, realpath } from 'node:fs/promises';
import { basename, dirname, extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { OpenFunnelError } from '../openfunnel/errors.ts';
import { EXPORT_FORMATS, MIME_TYPES } from './export-format.ts';

/** A larger file is opened where it is, not read through a protocol. Bytes. */
const MAX_BYTES = 16 * 1024 * 1024;

/**
 * Reads a file of the export folder, which is what links in results point at.
 *
 * @param uri `file:` URI of a csv, json or jsonl file right in that folder.
 * @throws {OpenFunnelError} `not_found` for anything else, `conflict` for a file that is too large.
 */
export async function readExportedFile(
  directory: string,
  uri: string,
): Promise<{ mimeType: string; text: string }> {
  const path = pathOf(uri);
  const format = EXPORT_FORMATS.find((each) => path !== null && extname(path) === `.${each}`);
  if (path === null || format === undefined || basename(path).startsWith('.')) throw noSuchFile();
  // Read by its real path: neither a link nor ".." leads out of the folder.
  const [folder, exports, file] = await Promise.all([
    realpath(dirname(path)).catch(() => null),
    realpath(directory).catch(() => null),
    lstat(path).catch(() => null),
  ]);
  if (folder === null || folder !== exports || !file?.isFile()) throw noSuchFile();
  if (file.size > MAX_BYTES) {
    throw new OpenFunnelError(
      'conflict',
      `The file has ${file.size} bytes, which is too large to be read here; the user can open it where it is: ${path}`,
    );
  }
  const text = await readFile(path, 'utf8').catch(() => {
    throw noSuchFile();
  });
  return { mimeType: MIME_TYPES[format], text };
}

function pathOf(uri: string): string | null {
  try {
    return fileURLToPath(uri);
  } catch {
    return null;
  }
}

function noSuchFile(): OpenFunnelError {
  return new OpenFunnelError('not_found', 'No such file among the exports.');
}
