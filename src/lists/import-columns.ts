import { importRefused } from '../files/import-file.ts';
import { oneLine } from '../lib/text.ts';
import { normalDomain } from './identity.ts';

/** What a column is taken for. */
export const COLUMN_ROLES = ['domain', 'website', 'name', 'linkedin', 'email'] as const;
export type ColumnRole = (typeof COLUMN_ROLES)[number];

/** Columns named by the caller, by their headers. */
export type ColumnChoice = Partial<Record<ColumnRole, string>>;

/** Headers by role, the better one first; compared without case, spaces and signs. Those of HubSpot, Salesforce, Apollo, Clay and our own exports are among them. */
const HEADERS: Readonly<Record<ColumnRole, readonly string[]>> = {
  domain: [
    'companydomainname companydomain domain domainname primarydomain companyprimarydomain rootdomain accountdomain',
    'organizationdomain websitedomain companywebsitedomain emaildomain domains companykey domaine dominio',
  ],
  website: [
    'website companywebsite websiteurl companywebsiteurl companyurl accountwebsite organizationwebsite webseite',
    'homepage homepageurl companyhomepage web webpage site siteurl url weburl siteweb sitioweb internet',
  ],
  name: [
    'companyname company accountname account organizationname organisationname organization organisation',
    'associatedcompany primaryassociatedcompany businessname business companynameforemails customername customer',
    'clientname client kunde firma firmenname unternehmen entreprise societe empresa azienda employer name',
  ],
  linkedin: [
    'companylinkedinurl linkedincompanypage companylinkedin linkedincompanyurl linkedincompanyprofile',
    'linkedincompany organizationlinkedinurl accountlinkedin linkedinurl linkedin linkedinpage linkedinprofile linkedinlink linkedinslug',
  ],
  email: [
    'email emailaddress workemail companyemail contactemail businessemail primaryemail correo mail emailwork',
  ],
};

const RANKS: ReadonlyMap<string, { role: ColumnRole; rank: number }> = new Map(
  COLUMN_ROLES.flatMap((role) =>
    HEADERS[role]
      .join(' ')
      .split(' ')
      .map((header, rank) => [header, { role, rank }] as const),
  ),
);

/** A column that was taken. */
export interface TakenColumn {
  /** Its header as the file has it, cleaned; "column 3" where it has none. */
  column: string;
  taken_as: ColumnRole;
  index: number;
}

/** Headers that are shown of a file whose columns were not found. */
const SHOWN_HEADERS = 30;

/**
 * Which of a table's columns are what.
 *
 * @param first The first row. @returns The columns, and whether that row holds companies already.
 * @throws {OpenFunnelError} `invalid_input` where no column is known, or one that was named is not there.
 */
export function columnsOf(
  first: readonly string[],
  choice: ColumnChoice,
): { columns: TakenColumn[]; headerless: boolean } {
  const headers = first.map(plainHeader);
  const shown = first.map((header, index) => oneLine(header, 60) || `column ${index + 1}`);
  const named = COLUMN_ROLES.filter((role) => choice[role] !== undefined);
  if (named.length > 0) {
    const columns = named.map((role) => {
      const wanted = choice[role] ?? '';
      const index = indexOf(first, headers, wanted);
      if (index !== -1) return { column: shown[index] ?? '', taken_as: role, index };
      throw importRefused(
        `columns.${role}: there is no column ${JSON.stringify(oneLine(wanted, 60))}. The file has: ${list(shown)}.`,
      );
    });
    return { columns, headerless: false };
  }
  const best = new Map<ColumnRole, { index: number; rank: number }>();
  for (const [index, header] of headers.entries()) {
    const known = RANKS.get(header);
    if (!known || isPersons(known.role, header, headers)) continue;
    const before = best.get(known.role);
    if (!before || known.rank < before.rank) best.set(known.role, { index, rank: known.rank });
  }
  const columns = [...best].map(([taken_as, { index }]) => ({ column: shown[index] ?? '', taken_as, index }));
  if (columns.length > 0) return { columns, headerless: false };
  const guessed = byContent(first);
  if (guessed.length > 0) return { columns: guessed, headerless: true };
  throw importRefused(
    `No column was found for domain, website, company name, LinkedIn page or e-mail. The file has: ${list(shown)}. Name them with columns, such as {"domain": ${JSON.stringify(shown[0] ?? 'Domain')}}.`,
  );
}

/** "Name" beside "First Name" is a person's, and so is "LinkedIn" beside "Company LinkedIn". */
function isPersons(role: ColumnRole, header: string, headers: readonly string[]): boolean {
  if (role === 'name' && header === 'name')
    return headers.some((other) => /^(?:first|last|given|sur)name$|^(?:job)?title$/.test(other));
  return false;
}

/** Tables without headers: a column is what its first cell is. */
function byContent(first: readonly string[]): TakenColumn[] {
  const columns: TakenColumn[] = [];
  const taken = new Set<ColumnRole>();
  for (const [index, cell] of first.entries()) {
    const role: ColumnRole | null = /linkedin\.com\//i.test(cell)
      ? 'linkedin'
      : /^\S+@\S+\.\S+$/.test(cell.trim())
        ? 'email'
        : normalDomain(cell) !== null
          ? 'domain'
          : null;
    if (role === null || taken.has(role)) continue;
    taken.add(role);
    columns.push({ column: `column ${index + 1}`, taken_as: role, index });
  }
  return columns;
}

function plainHeader(header: string): string {
  return header
    .slice(0, 200)
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, '');
}

function indexOf(first: readonly string[], headers: readonly string[], wanted: string): number {
  const exact = first.findIndex((header) => header.trim() === wanted.trim());
  if (exact !== -1) return exact;
  const plain = plainHeader(wanted);
  return plain === '' ? -1 : headers.indexOf(plain);
}

function list(headers: readonly string[]): string {
  const shown = headers.slice(0, SHOWN_HEADERS).map((header) => JSON.stringify(header));
  return (
    shown.join(', ') + (headers.length > shown.length ? ` and ${headers.length - shown.length} more` : '')
  );
}
