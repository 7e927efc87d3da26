import { normalDomain } from '../../companies/identity.ts';
import { linksIn } from '../../companies/keys.ts';
import { importRefused } from '../../files/import-file.ts';
import { normalForm, oneLine } from '../../lib/text.ts';
import { COLUMN_ROLES, type ColumnRole } from './import-terms.ts';

/** Columns named by the caller, by their headers. */
export type ColumnChoice = Partial<Record<ColumnRole, string | undefined>>;

/**
 * Headers by role, the better one first; compared without case, accents, spaces and signs. Those of HubSpot, Salesforce,
 * Apollo, Attio, Clay and our own exports are among them, in English, German, French, Spanish, Italian and Portuguese.
 */
const HEADERS: Readonly<Record<ColumnRole, readonly string[]>> = {
  domain: [
    'companydomainname companydomain domain domainname primarydomain companyprimarydomain rootdomain accountdomain',
    'organizationdomain websitedomain companywebsitedomain domains companydomains companykey domaine domaines domaene domane',
    'nomdedomaine nomdomaine dominio dominios nombrededominio nomededominio',
  ],
  website: [
    'website companywebsite websiteurl companywebsiteurl companyurl accountwebsite organizationwebsite websites webseite',
    'homepage homepageurl companyhomepage web webpage webadresse internetseite internetadresse website1 site siteurl',
    'siteweb siteinternet sitioweb paginaweb sitoweb sito pagina url weburl urls internet url1 adressedusite adresseweb',
    'adresseinternet urldusite urldelsitioweb direccionweb websiteaddress websitelink weblink companylink lien enlace link links',
  ],
  name: [
    'companyname company accountname account organizationname organisationname organization organisation',
    'associatedcompany primaryassociatedcompany businessname business companynameforemails customername customer',
    'clientname client legalname companylegalname kunde kundenname firma firmenname firmierung unternehmen unternehmensname',
    'namederfirma namedesunternehmens entreprise nomentreprise nomdelentreprise societe nomsociete nomdelasociete',
    'raisonsociale nomclient nomduclient compte nomducompte empresa nombreempresa nombredelaempresa nombredeempresa compania',
    'razonsocial cliente nombrecliente nombredelcliente cuenta nombredelacuenta nomedaempresa razaosocial azienda',
    'ragionesociale nomeazienda employer bedrijf bedrijfsnaam nom nombre nome name',
  ],
  linkedin: [
    'companylinkedinurl linkedincompanypage companylinkedin linkedincompanyurl linkedincompanyprofile',
    'linkedincompany organizationlinkedinurl accountlinkedin linkedinurl linkedin linkedinpage linkedinprofile linkedinlink linkedinslug',
    'linkedinseite linkedinunternehmensseite pagelinkedin paginalinkedin paginadelinkedin perfildelinkedin profillinkedin',
  ],
  email: [
    'email emailaddress workemail companyemail contactemail businessemail primaryemail correo correoelectronico mail emailwork',
    'emailadresse mailadresse adressemail adresseemail adressecourriel courriel direcciondecorreo direcciondecorreoelectronico',
    'enderecodeemail emails emaildomain',
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

/** Where a table's header was found. */
export interface Header {
  columns: TakenColumn[];
  /** Index of the row with the headers; null where the table has none. */
  at: number | null;
  /** Index of the first row that holds a company. */
  from: number;
}

/** How many of the cells are headers that are known, each role once; none beside a website or an address. */
export function headersIn(cells: readonly string[], choice: ColumnChoice): number {
  const plain = cells.map(plainHeader);
  const named = COLUMN_ROLES.filter((role) => plain.includes(plainHeader(choice[role] ?? '') || '-'));
  const roles = new Set(plain.flatMap((header) => RANKS.get(header)?.role ?? []));
  return cells.some(isContent) ? 0 : roles.size + named.length * COLUMN_ROLES.length;
}

/**
 * Which of a table's columns are what, and where its header stands: blank lines and titles may be above it.
 *
 * @param rows The first rows, blank ones included.
 * @throws {OpenFunnelError} `invalid_input` where no column is known, or one that was named is not there.
 */
export function headerOf(rows: readonly (readonly string[])[], choice: ColumnChoice): Header {
  const known = rows.map((cells) => headersIn(cells, choice));
  const most = Math.max(0, ...known);
  // Where no header is known, the row that looks most like one: the first with as many cells as any has.
  const filled = rows.map((cells) => cells.filter((cell) => cell.trim() !== '').length);
  const at = Math.max(0, most > 0 ? known.indexOf(most) : filled.indexOf(Math.max(0, ...filled)));
  const header = rows[at] ?? [];
  const shown = header.map((cell, index) => oneLine(cell, 60) || `column ${index + 1}`);
  const columns = most > 0 || isNamed(choice) ? columnsUnder(header, shown, choice) : [];
  if (columns.length > 0) {
    let from = at + 1;
    while (isHeaderAgain(rows[from], choice)) from += 1;
    if (!isNamed(choice)) columns.push(...sitesAmong(rows.slice(from), shown, columns));
    return { columns, at, from };
  }
  const guessed = byContent(rows);
  if (guessed.length > 0) return { columns: guessed, at: null, from: 0 };
  throw noColumns(shown);
}

const isNamed = (choice: ColumnChoice): boolean => COLUMN_ROLES.some((role) => choice[role] !== undefined);

/** The columns that the caller names, or else those whose headers are known. */
function columnsUnder(
  header: readonly string[],
  shown: readonly string[],
  choice: ColumnChoice,
): TakenColumn[] {
  const headers = header.map(plainHeader);
  return isNamed(choice) ? namedColumns(header, headers, shown, choice) : knownColumns(headers, shown);
}

function noColumns(shown: readonly string[]): Error {
  return importRefused(
    `No column was found for domain, website, company name, LinkedIn page or e-mail. The file has: ${list(shown)}. Name them with columns, such as {"domain": ${JSON.stringify(shown[0] ?? 'Domain')}}.`,
  );
}

function namedColumns(
  header: readonly string[],
  headers: readonly string[],
  shown: readonly string[],
  choice: ColumnChoice,
): TakenColumn[] {
  return COLUMN_ROLES.flatMap((role) => {
    const wanted = choice[role];
    if (wanted === undefined) return [];
    const exact = header.findIndex((each) => each.trim() === wanted.trim());
    const index = exact === -1 ? headers.indexOf(plainHeader(wanted) || '-') : exact;
    if (index !== -1) return [{ column: shown[index] ?? '', taken_as: role, index }];
    throw importRefused(
      `columns.${role}: there is no column ${JSON.stringify(oneLine(wanted, 60))}. The file has: ${list(shown)}.`,
    );
  });
}

function knownColumns(headers: readonly string[], shown: readonly string[]): TakenColumn[] {
  const best = new Map<ColumnRole, { index: number; rank: number }>();
  for (const [index, header] of headers.entries()) {
    const known = RANKS.get(header);
    if (!known || isPersons(known.role, header, headers)) continue;
    const before = best.get(known.role);
    if (!before || known.rank < before.rank) best.set(known.role, { index, rank: known.rank });
  }
  const columns = [...best].map(([taken_as, { index }]) => ({ column: shown[index] ?? '', taken_as, index }));
  // "Website 2" beside "Website".
  for (const [index, header] of headers.entries()) {
    const first = columns.find(
      (each) => SEVERAL.has(each.taken_as) && sameButNumber(headers[each.index], header),
    );
    if (first && !columns.some((each) => each.index === index))
      columns.push({ column: shown[index] ?? '', taken_as: first.taken_as, index });
  }
  return columns;
}

/** What a company can have in several columns. */
const SEVERAL: ReadonlySet<ColumnRole> = new Set(['domain', 'website', 'linkedin']);

function sameButNumber(one: string | undefined, other: string): boolean {
  const bare = (header: string) => header.replace(/\d{1,3}$/, '');
  return one !== undefined && bare(one) !== '' && bare(one) === bare(other);
}

/** Columns of websites or LinkedIn pages whose headers are not known, where no known one tells who a company is. */
function sitesAmong(
  rows: readonly (readonly string[])[],
  shown: readonly string[],
  columns: readonly TakenColumn[],
): TakenColumn[] {
  if (columns.some(({ taken_as }) => taken_as !== 'name')) return [];
  return byContent(rows).flatMap((found) => {
    const { index, taken_as } = found;
    const hosts = rows.flatMap((row) => linksIn(row[index]).slice(0, 1)).map(({ host }) => host);
    const ones = taken_as === 'linkedin' || new Set(hosts).size * 2 > hosts.length;
    const free = columns.every((column) => column.index !== index);
    return free && ones && taken_as !== 'email' ? [{ ...found, column: shown[index] ?? found.column }] : [];
  });
}

/**
 * What the fields of an object in a JSON file are, by their keys.
 *
 * @throws {OpenFunnelError} `invalid_input` as `headerOf`.
 */
export function columnsOfKeys(keys: readonly string[], choice: ColumnChoice): TakenColumn[] {
  const shown = keys.map((key) => oneLine(key, 60));
  const columns = columnsUnder(keys, shown, choice);
  if (columns.length === 0) throw noColumns(shown);
  return columns;
}

/** A second line of headers, such as the same in another language: at least half of its cells are known ones. */
function isHeaderAgain(cells: readonly string[] | undefined, choice: ColumnChoice): boolean {
  const filled = (cells ?? []).filter((cell) => cell.trim() !== '');
  if (filled.length === 0 || headersIn(filled, choice) === 0) return false;
  return filled.filter((cell) => RANKS.has(plainHeader(cell))).length * 2 >= filled.length;
}

/** Whether a cell is what tables hold, and no header: a website or an address. */
function isContent(cell: string): boolean {
  return /[@/]/.test(cell) || (cell.includes('.') && normalDomain(cell) !== null);
}

/** "Name" beside "First Name" is a person's. */
function isPersons(role: ColumnRole, header: string, headers: readonly string[]): boolean {
  return role === 'name' && BARE_NAME.test(header) && headers.some((other) => OF_A_PERSON.test(other));
}

const BARE_NAME = /^(?:name|nom|nombre|nome)$/;
const OF_A_PERSON =
  /^(?:first|last|given|sur|vor|nach)name$|^(?:job)?title$|^prenom$|^apellidos?$|^(?:sobre)?nome$|^cognome$/;

/** Tables without headers: a column is what most of its first cells are. */
function byContent(rows: readonly (readonly string[])[]): TakenColumn[] {
  const width = Math.max(0, ...rows.map(({ length }) => length));
  const columns: TakenColumn[] = [];
  for (let index = 0; index < Math.min(width, MAX_WIDTH); index += 1) {
    const cells = rows.map((row) => row[index]?.trim() ?? '').filter((cell) => cell !== '');
    const role = (['linkedin', 'email', 'domain'] as const).find(
      (each) => cells.filter((cell) => kindOf(cell) === each).length * 2 > cells.length,
    );
    if (role === undefined || columns.some(({ taken_as }) => taken_as === role)) continue;
    columns.push({ column: `column ${index + 1}`, taken_as: role, index });
  }
  return columns;
}

/** Columns that are looked at where there are no headers. */
const MAX_WIDTH = 200;

function kindOf(cell: string): ColumnRole | null {
  if (/linkedin\.com\//i.test(cell)) return 'linkedin';
  if (/^[^\s@]{1,100}@[^\s@]{1,255}$/.test(cell)) return 'email';
  return linksIn(cell).length > 0 ? 'domain' : null;
}

function plainHeader(header: string): string {
  return normalForm(header.slice(0, 200), 'NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, '');
}

function list(headers: readonly string[]): string {
  const shown = headers.slice(0, SHOWN_HEADERS).map((header) => JSON.stringify(header));
  return (
    shown.join(', ') + (headers.length > shown.length ? ` and ${headers.length - shown.length} more` : '')
  );
}
