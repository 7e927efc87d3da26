import { normalDomain } from '../../companies/identity.ts';
import { linksIn } from '../../companies/keys.ts';
import { folded } from '../../companies/names.ts';
import { importRefused } from '../../files/import-file.ts';
import { oneLine } from '../../lib/text.ts';
import { COLUMN_ROLES, type ColumnRole } from './import-terms.ts';

/** Columns named by the caller, by their headers. */
export type ColumnChoice = Partial<Record<ColumnRole, string | undefined>>;

/**
 * Headers by role, the better one first; compared without case, accents, spaces and signs. Those of HubSpot, Salesforce,
 * Apollo, Attio, Clay and our own exports are among them, in English, German, French, Spanish, Italian and Portuguese.
 */
const HEADERS: Readonly<Record<ColumnRole, string>> = {
  domain: `companydomainname companydomain domain domainname primarydomain companyprimarydomain rootdomain
    accountdomain organizationdomain websitedomain companywebsitedomain domains companydomains companykey
    domaine domaines domaene domane nomdedomaine nomdomaine dominio dominios nombrededominio nomededominio`,
  website: `website companywebsite websiteurl companywebsiteurl companyurl accountwebsite
    organizationwebsite websites webseite homepage homepageurl companyhomepage web webpage webadresse
    internetseite internetadresse website1 site siteurl siteweb siteinternet sitioweb paginaweb sitoweb sito
    pagina url weburl urls internet url1 adressedusite adresseweb adresseinternet urldusite urldelsitioweb
    direccionweb websiteaddress websitelink weblink companylink lien enlace link links`,
  name: `companyname company accountname account organizationname organisationname organization organisation
    associatedcompany primaryassociatedcompany businessname business companynameforemails customername
    customer clientname client legalname companylegalname kunde kundenname firma firmenname firmierung
    unternehmen unternehmensname namederfirma namedesunternehmens entreprise nomentreprise nomdelentreprise
    societe nomsociete nomdelasociete raisonsociale nomclient nomduclient compte nomducompte empresa
    nombreempresa nombredelaempresa nombredeempresa compania razonsocial cliente nombrecliente
    nombredelcliente cuenta nombredelacuenta nomedaempresa razaosocial azienda ragionesociale nomeazienda
    employer bedrijf bedrijfsnaam nom nombre nome name`,
  linkedin: `companylinkedinurl linkedincompanypage companylinkedin linkedincompanyurl
    linkedincompanyprofile linkedincompany organizationlinkedinurl accountlinkedin linkedinurl linkedin
    linkedinpage linkedinprofile linkedinlink linkedinslug linkedinseite linkedinunternehmensseite
    pagelinkedin paginalinkedin paginadelinkedin perfildelinkedin profillinkedin`,
  email: `email emailaddress workemail companyemail contactemail businessemail primaryemail correo
    correoelectronico mail emailwork emailadresse mailadresse adressemail adresseemail adressecourriel
    courriel direcciondecorreo direcciondecorreoelectronico enderecodeemail emails emaildomain`,
};

const RANKS: ReadonlyMap<string, { role: ColumnRole; rank: number }> = new Map(
  COLUMN_ROLES.flatMap((role) =>
    HEADERS[role].split(/\s+/).map((header, rank) => [header, { role, rank }] as const),
  ),
);

export interface TakenColumn {
  taken_as: ColumnRole;
  index: number;
}

type Cells = readonly string[];

const SHOWN_HEADERS = 30;
const MAX_WIDTH = 200;
/** Rows at a table's beginning among which its header is. */
const FIRST_ROWS = 40;
/** What columns without headers can be, the clearest first. */
const BY_CONTENT = ['linkedin', 'email', 'domain'] as const;
/** What a company can have in several columns. */
const SEVERAL: ReadonlySet<ColumnRole> = new Set(['domain', 'website', 'linkedin']);
/** "Name" beside "First Name" is a person's. */
const BARE_NAME = /^(?:name|nom|nombre|nome)$/;
const OF_A_PERSON =
  /^(?:first|last|given|sur|vor|nach)name$|^(?:job)?title$|^prenom$|^apellidos?$|^(?:sobre)?nome$|^cognome$/;

/** How many of the cells are headers that are known, each role once; none beside a website or an address. */
export function headersIn(cells: Cells, choice: ColumnChoice): number {
  const plain = cells.map(plainHeader);
  const named = COLUMN_ROLES.filter((role) => plain.includes(plainHeader(choice[role] ?? '') || '-'));
  const roles = new Set(plain.flatMap((header) => RANKS.get(header)?.role ?? []));
  return cells.some(isContent) ? 0 : roles.size + named.length * COLUMN_ROLES.length;
}

/**
 * Which of a table's columns are what, and where its header stands: blank lines and titles may be above it.
 * @param all The first rows, blank ones included.
 * @returns The columns, the index of the row with the headers (null for none), and of the first that holds a company.
 * @throws {OpenFunnelError} `invalid_input` as `checkColumns`.
 */
export function headerOf(
  all: readonly Cells[],
  choice: ColumnChoice,
): { columns: TakenColumn[]; at: number | null; from: number } {
  const rows = all.slice(0, FIRST_ROWS);
  const known = rows.map((cells) => headersIn(cells, choice));
  const most = Math.max(0, ...known);
  // Where no header is known, the row that looks most like one: the first with as many cells as any has.
  const filled = rows.map((cells) => cells.filter((cell) => cell.trim() !== '').length);
  const at = Math.max(0, most > 0 ? known.indexOf(most) : filled.indexOf(Math.max(0, ...filled)));
  const header = rows[at] ?? [];
  const columns = most > 0 || isNamed(choice) ? columnsUnder(header, choice) : [];
  const guessed = columns.length > 0 || isNamed(choice) ? [] : byContent(rows);
  if (guessed.length > 0) return { columns: guessed, at: null, from: 0 };
  checkColumns(columns, header, choice);
  let from = at + 1;
  while (isHeaderAgain(rows[from], choice)) from += 1;
  const sites = isNamed(choice) ? [] : sitesAmong(rows.slice(from), columns);
  return { columns: [...columns, ...sites], at, from };
}

/** @throws {OpenFunnelError} `invalid_input` where a column that the caller named is not there, or none is known. */
export function checkColumns(columns: readonly TakenColumn[], header: Cells, choice: ColumnChoice): void {
  const names = header.slice(0, SHOWN_HEADERS).map((_, index) => JSON.stringify(shownHeader(header, index)));
  const more = header.length - names.length;
  const has = `The file has: ${names.join(', ')}${more > 0 ? ` and ${more} more` : ''}.`;
  const missing = COLUMN_ROLES.find(
    (role) => choice[role] !== undefined && !columns.some(({ taken_as }) => taken_as === role),
  );
  if (missing !== undefined)
    throw importRefused(
      `columns.${missing}: there is no column ${JSON.stringify(oneLine(choice[missing] ?? '', 60))}. ${has}`,
    );
  if (columns.length === 0)
    throw importRefused(
      `No column was found for domain, website, company name, LinkedIn page or e-mail. ${has} Name them with columns, such as {"domain": ${names[0] ?? '"Domain"'}}.`,
    );
}

/** A header as the file has it, cleaned; "column 3" where it has none. */
export function shownHeader(header: Cells, index: number): string {
  return oneLine(header[index] ?? '', 60) || `column ${index + 1}`;
}

const isNamed = (choice: ColumnChoice): boolean => COLUMN_ROLES.some((role) => choice[role] !== undefined);

/** The columns that the caller names, or else those whose headers are known. */
export function columnsUnder(header: Cells, choice: ColumnChoice): TakenColumn[] {
  const headers = header.map(plainHeader);
  if (!isNamed(choice)) return knownColumns(headers);
  return COLUMN_ROLES.flatMap((taken_as) => {
    const wanted = choice[taken_as] ?? '';
    const exact = header.findIndex((each) => each.trim() === wanted.trim());
    const index = exact === -1 ? headers.indexOf(plainHeader(wanted) || '-') : exact;
    return choice[taken_as] === undefined || index === -1 ? [] : [{ taken_as, index }];
  });
}

function knownColumns(headers: Cells): TakenColumn[] {
  const areContacts = headers.some((header) => OF_A_PERSON.test(header));
  const best = new Map<ColumnRole, { index: number; rank: number }>();
  for (const [index, header] of headers.entries()) {
    const known = RANKS.get(header);
    if (!known || (areContacts && BARE_NAME.test(header))) continue;
    if (known.rank < (best.get(known.role)?.rank ?? Infinity)) best.set(known.role, { ...known, index });
  }
  const columns = [...best].map(([taken_as, { index }]) => ({ taken_as, index }));
  // "Website 2" beside "Website".
  for (const [index, header] of headers.entries()) {
    const bare = withoutNumber(header);
    const first = columns.find(
      (each) => SEVERAL.has(each.taken_as) && withoutNumber(headers[each.index] ?? '') === bare,
    );
    if (first && bare !== '' && columns.every((each) => each.index !== index))
      columns.push({ ...first, index });
  }
  return columns;
}

const withoutNumber = (header: string) => header.replace(/\d{1,3}$/, '');

/** Columns of websites or LinkedIn pages whose headers are not known, where no known one tells who a company is. */
function sitesAmong(rows: readonly Cells[], columns: readonly TakenColumn[]): TakenColumn[] {
  if (columns.some(({ taken_as }) => taken_as !== 'name')) return [];
  return byContent(rows).filter(({ index, taken_as }) => {
    const hosts = rows.flatMap((row) => linksIn(row[index]).slice(0, 1)).map(({ host }) => host);
    const ones = taken_as === 'linkedin' || new Set(hosts).size * 2 > hosts.length;
    return ones && taken_as !== 'email' && columns.every((column) => column.index !== index);
  });
}

/** A second line of headers, such as the same in another language: at least half of its cells are known ones. */
function isHeaderAgain(cells: Cells | undefined, choice: ColumnChoice): boolean {
  const filled = (cells ?? []).filter((cell) => cell.trim() !== '');
  if (filled.length === 0 || headersIn(filled, choice) === 0) return false;
  return filled.filter((cell) => RANKS.has(plainHeader(cell))).length * 2 >= filled.length;
}

/** Whether a cell is what tables hold, and no header: a website or an address. */
function isContent(cell: string): boolean {
  return /[@/]/.test(cell) || (cell.includes('.') && normalDomain(cell) !== null);
}

/** Tables without headers: a column is what most of its first cells are. */
function byContent(rows: readonly Cells[]): TakenColumn[] {
  const width = Math.min(MAX_WIDTH, Math.max(0, ...rows.map(({ length }) => length)));
  const kinds = Array.from({ length: width }, (_, index) =>
    rows.flatMap((row) => kindOf(row[index]?.trim() ?? '')),
  );
  return BY_CONTENT.flatMap((taken_as) => {
    const most = (all: readonly string[]) => all.filter((kind) => kind === taken_as).length * 2 > all.length;
    const index = kinds.findIndex(most);
    return index === -1 ? [] : [{ taken_as, index }];
  });
}

function kindOf(cell: string): Array<(typeof BY_CONTENT)[number] | 'other'> {
  if (cell === '') return [];
  if (/linkedin\.com\//i.test(cell)) return ['linkedin'];
  if (/^[^\s@]{1,100}@[^\s@]{1,255}$/.test(cell)) return ['email'];
  return linksIn(cell).length > 0 ? ['domain'] : ['other'];
}

function plainHeader(header: string): string {
  return folded(header.slice(0, 200)).replace(/[^\p{L}\p{N}]/gu, '');
}
