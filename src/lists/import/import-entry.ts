import { hasKnownSuffix } from '../../companies/domain-root.ts';
import { isFreemail } from '../../companies/freemail.ts';
import { LINKEDIN, linkedinSlug, normalDomain } from '../../companies/identity.ts';
import { keyOfLink, linkedinKeys, linksIn } from '../../companies/keys.ts';
import { nameKey } from '../../companies/names.ts';
import type { ListEntry } from '../../disk/known-lists.ts';
import { restoreCell } from '../../files/csv.ts';
import { oneLine } from '../../lib/text.ts';
import type { ColumnRole } from './import-terms.ts';

/** Why a row says of no company which one it is. */
export type Unusable = 'empty' | 'freemail' | 'shared' | 'no_company';

const MAX_NAME = 200;
/** What stands in cells that say nothing, in small letters. */
const NOTHING = new Set(
  [
    'n/a;na;n.a.;n.a;n.v.;none;null;nil;nan;undefined;unknown;tbd;tba;tbc;-;--;---;–;—;.;..;?;??;x;/;#n/a;#nv;#ref!;#value!;#name?',
    'k.a.;k.a;keine;kein;unbekannt;nicht_bekannt;inconnu;inconnue;aucun;aucune;ninguno;ninguna;desconocido;nessuno',
    'no website;not available;not provided;not found;no domain;(blank);(empty);[empty];sin web',
  ].flatMap((words) => words.split(';')),
);
const LONGEST_NOTHING = 14;
/** A link as a spreadsheet writes it, and the text that it shows. */
const HYPERLINK = /^'?=HYPERLINK\("[^"]{1,2000}"[,;]\s{0,5}"([^"]{1,200})"\)$/i;

/** The texts of a row by what its cells were taken for; '' for none. */
export type Cells = Record<ColumnRole, string>;

/** A name that is one line of plain signs already. */
const PLAIN_NAME = /^[!-&(-~\u00c0-\u024f][!-~\u00c0-\u024f]*(?: [!-~\u00c0-\u024f]+)*$/;

/** What a row says, by what its cells were taken for; or why that is nothing. */
export function entryOf(cells: Partial<Cells>): ListEntry | Unusable {
  const { domain = '', website = '', linkedin = '', email = '' } = cells;
  const given = said(cells.name ?? '');
  const called = given.includes('HYPERLINK') ? (HYPERLINK.exec(given)?.[1] ?? given) : given;
  const name = nameIn(called);
  let keys: string[] = [];
  let shared = false;
  for (const cell of domain === '' ? [website] : [domain, website]) {
    if (cell === '' || said(cell) === '') continue;
    for (const link of linksIn(cell)) {
      const key = keyOfLink(link, name);
      if (key === null) shared = true;
      keys = withKey(keys, key);
    }
  }
  if (keys.length > 1)
    keys = [...keys].sort((a, b) => Number(a.startsWith(LINKEDIN)) - Number(b.startsWith(LINKEDIN)));
  if (linkedin !== '') for (const page of pagesIn(said(linkedin))) keys = withKey(keys, page);
  let free = false;
  if (email !== '' && keys.every((key) => key.startsWith(LINKEDIN))) {
    for (const { host } of linksIn(said(email))) {
      if (isFreemail(host)) free = true;
      else keys = [keyOfLink({ host, path: '', mail: true }, null), ...keys].filter((key) => key !== null);
    }
  }
  // A column of companies that holds their domains, or links to them.
  if (keys.length === 0 && called !== given)
    for (const link of linksIn(given.slice(0, -called.length))) keys = withKey(keys, keyOfLink(link, name));
  if (keys.length === 0 && name !== null && name.includes('.') && normalDomain(name) !== null)
    for (const link of linksIn(name))
      keys = withKey(keys, hasKnownSuffix(link.host) ? keyOfLink(link, null) : null);
  if (keys.length > 0 || nameKey(name) !== '') return { keys, name };
  if (free) return 'freemail';
  if (shared) return 'shared';
  return Object.values(cells).every((cell) => said(cell) === '') ? 'empty' : 'no_company';
}

function withKey(keys: string[], key: string | null): string[] {
  if (key === null || keys.includes(key)) return keys;
  return keys.length === 0 ? [key] : [...keys, key];
}

function nameIn(text: string): string | null {
  if (text === '') return null;
  if (text.length <= MAX_NAME && PLAIN_NAME.test(text)) return text;
  return oneLine(restoreCell(text), MAX_NAME) || null;
}

/** What one text says: a LinkedIn page, an e-mail address, a domain or URL, else a name. */
export function entryOfText(text: string): ListEntry | Unusable {
  const trimmed = text.trim();
  if (/^[^\s@]{1,100}@[^\s@]{1,255}$/.test(trimmed)) return entryOf({ email: trimmed });
  if (linkedinSlug(trimmed) !== null) return entryOf({ linkedin: trimmed });
  if (linksIn(trimmed).length === 0) return entryOf({ name: trimmed });
  const words = trimmed.split(/\s+/);
  const first = words.findIndex((word) => linksIn(word).length > 0);
  return entryOf({ domain: trimmed, name: words.slice(0, Math.max(0, first)).join(' ') });
}

/** A cell's text, or '' where it says that there is none. */
function said(cell: string): string {
  const text = cell.trim();
  if (text.length > LONGEST_NOTHING || (text.length > 4 && text.includes('.'))) return text;
  return NOTHING.has(text.toLowerCase()) ? '' : text;
}

function pagesIn(cell: string): string[] {
  return /^[a-z0-9-]{2,100}$/i.test(cell) ? [LINKEDIN + cell.toLowerCase()] : linkedinKeys(cell);
}
