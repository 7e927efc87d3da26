// The words of an import, apart from what does it: a start of the server needs these alone.

import { normalForm } from '../../lib/text.ts';

export const IMPORT_MODES = ['add', 'replace', 'remove'] as const;
export type ImportMode = (typeof IMPORT_MODES)[number];

/** What a column is taken for. */
export const COLUMN_ROLES = ['domain', 'website', 'name', 'linkedin', 'email'] as const;
export type ColumnRole = (typeof COLUMN_ROLES)[number];

/** A list's name as it is kept: lower case letters of English, digits, blanks and `_.-`; null for none. */
export function listName(given: string): string | null {
  const name = normalForm(given, 'NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9 _.-]+/g, '-')
    .trim();
  return /[a-z0-9]/.test(name) && name.length <= 40 ? name : null;
}
