import * as z from 'zod';
import { EXPORT_FOLDER } from '../lib/defaults.ts';
import { COLUMN_ROLES } from '../lists/import-columns.ts';
import { IMPORT_MODES, type Imported, listName } from '../lists/known-import.ts';
import { UNTRUSTED } from '../results/render.ts';
import { invalidInput, success } from '../results/result.ts';
import { nextStep, untrusted } from '../results/schema.ts';
import { defineTool } from './define-tool.ts';

const header = z.string().max(200).optional();

export const importCompanies = defineTool({
  name: 'import_companies',
  title: 'Import or change a list of companies that the user has',
  description:
    'Keeps on this machine a named list of companies that the user has already (customers, blocklist), to leave them out of files of lookalikes: exclude "known:<list>" in export_bulk_results and wait_and_collect. review_batch and enough of wait_and_collect pass over them, query_companies shows them (known_in); searches still deliver and bill them. mode remove and replace only when the user asks. Not for seeds (lookup_companies), nor to drop companies of one job (mark_companies). Free.',
  annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: true, openWorldHint: false },
  guards: {},
  input: z.strictObject({
    list: z
      .string()
      .min(1)
      .max(80)
      .describe('Name of the list, such as crm; a new name begins a new list: if unsure, ask the user.'),
    companies: z
      .array(z.string().max(500))
      .max(2_000)
      .optional()
      .describe(
        'Domains (best), LinkedIn URLs or names. A name alone leaves nobody out (lookup_companies gives the domain); it only flags possible matches (known_maybe in query_companies). Either this or file.',
      ),
    file: z
      .string()
      .max(300)
      .optional()
      .describe(
        `Instead of companies: bare name of a CSV, TSV, JSON or JSONL file that the user has put into the export folder (~/${EXPORT_FOLDER} unless they set another).`,
      ),
    columns: z
      .strictObject({ domain: header, website: header, name: header, linkedin: header, email: header })
      .optional()
      .describe(
        'With file, to correct how its columns were taken: {"domain": "<header in the file>"}. Entries misread before stay: offer mode replace.',
      ),
    mode: z
      .enum(IMPORT_MODES)
      .default('add')
      .describe(
        'add these to the list; remove these from it; replace: these become the whole list (over 2000: replace, then add; companies [] deletes it).',
      ),
  }),
  output: z.object({
    untrusted,
    list: z.string().describe('Name of the list.'),
    mode: z.enum(IMPORT_MODES).describe('What was done to it.'),
    companies_in_list: z.number().describe('Companies in the list now.'),
    read: z.number().describe('Entries read.'),
    added: z.number().describe('Companies added.'),
    removed: z.number().describe('Companies taken out.'),
    already_there: z.number().describe('Entries that the list had before.'),
    not_there: z.number().describe('Entries to remove that the list did not have.'),
    repeated: z.number().describe('Entries that stand more than once in what was given.'),
    name_only: z.number().describe('Entries known by name alone: they match only as known_maybe.'),
    unusable: z
      .array(z.object({ reason: z.string().describe('Why.'), rows: z.number().describe('Entries.') }))
      .describe('Entries that could not be used, by reason.'),
    columns: z
      .array(
        z.object({
          column: z.string().describe('Header in the file.'),
          taken_as: z.enum(COLUMN_ROLES).describe('What it was taken for.'),
        }),
      )
      .describe('Which column of the file was taken for what.'),
    examples: z
      .array(
        z.object({
          name: z.string().nullable().describe('Name.'),
          domain: z.string().nullable().describe('Domain.'),
          linkedin: z.string().nullable().describe('LinkedIn page.'),
        }),
      )
      .describe('Some of the entries, as they were understood.'),
    next_step: nextStep,
  }),
  async handle({ list: given, companies, file, columns, mode }, { lists }, call) {
    const list = listName(given);
    if (list === null)
      throw invalidInput('list: use a short name of letters and digits, such as "crm" or "customers 2024".');
    if (companies !== undefined && file !== undefined)
      throw invalidInput('Give companies or file, not both.');
    if (companies === undefined && file === undefined && mode !== 'replace')
      throw invalidInput('Give companies or file.');
    const choice = Object.fromEntries(
      COLUMN_ROLES.flatMap((role) => (columns?.[role] === undefined ? [] : [[role, columns[role]]])),
    );
    const from = file === undefined ? { companies: companies ?? [] } : { file, columns: choice };
    const imported = await lists.import({ list, mode, from }, call);
    return render(imported);
  },
});

const REASONS: Readonly<Record<keyof Imported['unusable'], string>> = {
  empty: 'nothing in the columns that were taken',
  freemail: 'only an e-mail address of a free provider',
  no_company: 'no domain, LinkedIn company page or name',
};

function render(imported: Imported) {
  const { list, mode, changed, unchanged, companies, name_only, read, repeated, columns, encoding } =
    imported;
  const removing = mode === 'remove';
  const unusable = Object.entries(imported.unusable)
    .filter(([, rows]) => rows > 0)
    .map(([reason, rows]) => ({ reason: REASONS[reason as keyof Imported['unusable']], rows }));
  const excluded = JSON.stringify([`known:${list}`]);
  const structured = {
    ...(imported.examples.length > 0 ? { untrusted: UNTRUSTED } : {}),
    list,
    mode,
    companies_in_list: companies,
    read,
    added: removing ? 0 : changed,
    removed: removing ? changed : 0,
    already_there: removing ? 0 : unchanged,
    not_there: removing ? unchanged : 0,
    repeated,
    name_only,
    unusable,
    columns,
    examples: imported.examples.map(({ name, domain, linkedin }) => ({ name, domain, linkedin })),
    next_step:
      companies === 0
        ? 'The list has no companies now, so it is gone.'
        : `To leave these out of a file: export_bulk_results with exclude: ${excluded}.`,
  };
  const notices: string[] = [];
  if (encoding !== null) notices.push(`The file was read as ${encoding}, since it is not UTF-8.`);
  if (name_only > 0 && !removing) {
    notices.push(
      `Of ${name_only} companies only the name is known: they are never left out on their own, but show as known_maybe in query_companies for a person to decide. lookup_companies finds their domains.`,
    );
  }
  const lines = [
    `List "${list}": ${companies} companies now. Read ${read}: ${
      removing
        ? `${changed} removed, ${unchanged} were not in it`
        : `${changed} added, ${unchanged} were in it already`
    }, ${repeated} repeated, ${name_only} by name only.`,
  ];
  if (columns.length > 0)
    lines.push(
      `Columns: ${columns.map(({ column, taken_as }) => `${JSON.stringify(column)} taken as ${taken_as}`).join(', ')}.`,
    );
  for (const { reason, rows } of unusable) lines.push(`Unusable: ${rows} (${reason}).`);
  if (structured.examples.length > 0) {
    const shown = structured.examples.map(({ name, domain, linkedin }) =>
      [name, domain, linkedin && `linkedin:${linkedin}`].filter(Boolean).join(' | '),
    );
    lines.push(UNTRUSTED, `For example: ${shown.join('; ')}`);
  }
  return success(structured, [...lines, `Next: ${structured.next_step}`].join('\n'), notices);
}
