import { OpenFunnelError } from '../openfunnel/errors.ts';

export const EXPORT_FORMATS = ['csv', 'jsonl', 'json'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

/** MIME type of a file of each format. */
export const MIME_TYPES: Readonly<Record<ExportFormat, string>> = {
  csv: 'text/csv',
  jsonl: 'application/jsonl',
  json: 'application/json',
};

/** The extension-complete bare name that a file gets; throws `invalid_input` for a name that is no bare name. */
export function exportFileName(
  given: string | undefined,
  fallback: string,
  format: ExportFormat,
  partial: boolean,
): string {
  const name = given?.trim() ?? fallback;
  const bare =
    /^[^\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\\/:*?"<>|]{1,120}$/u.test(name) &&
    !name.startsWith('.') &&
    !/[. ]$/.test(name);
  if (!bare || !name.isWellFormed()) {
    throw new OpenFunnelError(
      'invalid_input',
      'filename must be a bare file name of up to 120 characters: no folder, no leading dot, none of \\ / : * ? " < > |. Nothing was written; correct it and call again.',
    );
  }
  const stem = name.toLowerCase().endsWith(`.${format}`) ? name.slice(0, -format.length - 1) : name;
  return `${stem}${partial ? '.partial' : ''}.${format}`;
}
