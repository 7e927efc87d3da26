import { realpath } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openFile } from '../disk/open-file.ts';
import { OpenFunnelError } from '../lib/errors.ts';
import { EXPORT_FORMATS, MIME_TYPES } from './export-format.ts';

/** A larger file is opened where it is, not read through a protocol. Bytes. */
const MAX_BYTES = 16 * 1024 * 1024;

/**
 * Reads a file of the export folder, which is what links in results point at.
 * @param uri `file:` URI of a csv, json or jsonl file right in that folder.
 * @throws {OpenFunnelError} `not_found` for anything else, `conflict` for a file that is too large.
 */
export async function readExportedFile(
  directory: string,
  uri: string,
): Promise<{ mimeType: string; text: string }> {
  const { path, format, file } = await openExported(directory, uri).catch(() => {
    throw new OpenFunnelError('not_found', 'No such file among the exports.');
  });
  try {
    const { size } = await file.stat();
    if (size > MAX_BYTES)
      throw new OpenFunnelError(
        'conflict',
        `The file has ${size} bytes, which is too large to be read here; the user can open it where it is: ${path}`,
      );
    return { mimeType: MIME_TYPES[format], text: await file.readFile('utf8') };
  } finally {
    await file.close();
  }
}

/** By its real path, and opened before it is looked at: no link, no ".." and nothing put in its place leads elsewhere. */
async function openExported(directory: string, uri: string) {
  const path = fileURLToPath(uri);
  const name = basename(path);
  const format = EXPORT_FORMATS.find((each) => extname(name) === `.${each}`);
  const [folder, exports] = [await realpath(dirname(path)), await realpath(directory)];
  if (format === undefined || name.startsWith('.') || folder !== exports)
    throw new Error('not in the export folder');
  return { path, format, file: await openFile(join(folder, name), 'r') };
}
