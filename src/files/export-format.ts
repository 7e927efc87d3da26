import { OpenFunnelError } from '../openfunnel/errors.ts';

export const EXPORT_FORMATS = ['csv', 'jsonl', 'json'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

/** MIME type of a file of each format. */
export const MIME_TYPES: Readonly<Record<ExportFormat, string>> = {
  csv: 'text/csv',
  jsonl: 'application/jsonl',
  json: 'application/json',
};

/**
 * Longest name that a caller may give: with what is put behind it, all file systems take it. Bytes of UTF-8.
 */
const MAX_NAME_BYTES = 200;

/** Names that Windows opens devices by, with any extension. */
const DEVICE = /^(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[0-9¹²³])$/i;

/**
 * The extension-complete bare name that a file gets.
 * @param mark Said in the name of a file that does not hold the whole result, such as `partial`; null for none.
 * @throws {OpenFunnelError} `invalid_input` for a name that is no bare name.
 */
export function exportFileName(
  given: string | undefined,
  fallback: string,
  format: ExportFormat,
  mark: string | null,
): string {
  const name = given?.trim() ?? fallback;
  const wrong = whatIsWrong(name);
  if (wrong !== null) {
    throw new OpenFunnelError(
      'invalid_input',
      `filename ${wrong}. It must be a bare file name, such as leads.${format}. Nothing was read or written; correct it and call again.`,
    );
  }
  const stem = name.toLowerCase().endsWith(`.${format}`) ? name.slice(0, -format.length - 1) : name;
  return `${stem}${mark === null ? '' : `.${mark}`}.${format}`;
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
