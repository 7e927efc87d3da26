import { OpenFunnelError } from '../lib/errors.ts';

export const EXPORT_FORMATS = ['csv', 'jsonl', 'json'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

export const MIME_TYPES: Readonly<Record<ExportFormat, string>> = {
  csv: 'text/csv',
  jsonl: 'application/jsonl',
  json: 'application/json',
};

/** Longest name that a caller may give: with what is put behind it, all file systems take it. Bytes of UTF-8. */
const MAX_NAME_BYTES = 200;

/** Names that Windows opens devices by, with any extension. */
const DEVICE = /^(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[0-9¹²³])$/i;

/** A bare name for a file, as a caller gives it. @throws {OpenFunnelError} `invalid_input` for one that can't be used. */
export function toFileName(given: string): string {
  const name = given.trim();
  const wrong = whatIsWrong(name);
  if (wrong === null) return name;
  throw new OpenFunnelError(
    'invalid_input',
    `filename ${wrong}. It must be a bare file name, such as leads.csv. Nothing was read or written; correct it and call again.`,
  );
}

/** The whole name of a file. @param mark Said in it where the file does not hold the whole result, such as `partial`. */
export function withExtension(name: string, format: ExportFormat, mark?: string): string {
  const stem = name.toLowerCase().endsWith(`.${format}`) ? name.slice(0, -format.length - 1) : name;
  return `${stem}${mark === undefined ? '' : `.${mark}`}.${format}`;
}

function whatIsWrong(name: string): string | null {
  const bytes = Buffer.byteLength(name);
  if (bytes === 0) return 'is empty';
  if (bytes > MAX_NAME_BYTES) return `has ${bytes} bytes, and at most ${MAX_NAME_BYTES} are allowed`;
  if (/[\\/:]/.test(name)) return 'names a folder or drive, and files go to the export folder alone';
  if (!name.isWellFormed() || !/^[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}*?"<>|]+$/u.test(name))
    return 'holds characters that not every system takes (* ? " < > | or invisible ones)';
  if (name.startsWith('.')) return 'begins with a dot, which would hide the file';
  if (/[. ]$/.test(name)) return 'ends with a dot or space, which Windows takes off';
  const [device = ''] = name.split('.');
  if (DEVICE.test(device.trim())) return `is the name of a device on Windows ("${device.trim()}")`;
  return null;
}
