import * as z from 'zod';
import { EXPORT_FOLDER } from '../config/values.ts';
import { counted, quoted } from '../lib/text.ts';
import type { Unusable } from '../lists/import/import-entry.ts';
import { COLUMN_ROLES, IMPORT_MODES, listName } from '../lists/import/import-terms.ts';
import { type Imported, importCompanies } from '../lists/import/known-import.ts';
import { type ListMatches, matchesOf } from '../lists/selecting/question.ts';
import { invalidInput, part, type Said, type ToolAnswer } from '../results/answer.ts';
import * as field from '../results/schema.ts';
import { defineTool } from './parts/define-tool.ts';

const header = z.string().max(200).optional();
const line = field.number('Line of the file, or number of the entry.');

export const importKnownCompanies = defineTool({
  name: 'import_known_companies',
  title: 'Import a list of known companies',
  description:
    'Imports companies the user already has, such as customers, CRM accounts or a blocklist, into a named list. Use it to exclude them from exported lookalike lists, with `known:<list>`. Free. Saves the list on this machine. Modes `remove` and `replace` change it for good, so use them only on request. Searches still deliver and bill known companies. To drop companies from one job, use mark_companies.',
  annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: true, openWorldHint: false },
  guards: {},
  input: z.strictObject({
    list: z.string().min(1).max(80).describe('Name of the list, such as crm. A new name starts a new list.'),
    companies: field.described(
      z.array(z.string().max(500)).max(2_000).optional(),
      'Domains (best), LinkedIn URLs or names. A name alone excludes nobody: it only flags possible matches. Give companies or file.',
    ),
    file: field.described(
      z.string().max(300).optional(),
      `Name of a CSV, TSV, JSON or JSONL file in the export folder (~/${EXPORT_FOLDER} by default).`,
    ),
    columns: field.described(
      z
        .strictObject({ domain: header, website: header, name: header, linkedin: header, email: header })
        .optional(),
      'Only if the headers are misread: {"domain": "<its header>"}.',
    ),
    mode: field.described(
      z.enum(IMPORT_MODES).default('add'),
      'Add the companies to the list, remove them from it, or replace the list with them. Replacing it with none deletes it.',
    ),
  }),
  output: z.object({
    list: field.text('Name of the list.'),
    mode: z.enum(IMPORT_MODES).describe('What was done.'),
    companies_in_list: field.number('Companies in the list now.'),
    read: field.number('Entries read.'),
    added: field.number('Companies added.'),
    removed: field.number('Companies taken out.'),
    already_there: field.number('Entries that were in the list.'),
    not_there: field.number('Entries to remove that were not in the list.'),
    repeated: field.number('Entries given more than once.'),
    name_only: field.number('Entries with only a name: they match only as known_maybe.'),
    names: field.texts('The first entries with only a name.'),
    joined: field.number('Entries merged into one, because a new entry names both.'),
    matched: z
      .object({
        companies: field.number('Distinct companies.'),
        rows: z.number(),
        jobs: field.number('Stored jobs with a match.'),
        of_jobs: field.number('Stored jobs.'),
      })
      .nullable()
      .describe('Matches in stored jobs, by more than a name; null if not counted.'),
    passed_over: field.objects(
      { what: z.string(), lines: z.number() },
      'Lines of the file that are not entries, such as headers.',
    ),
    unusable: field.objects(
      {
        reason: z.string(),
        rows: z.number(),
        examples: field.objects({ line, text: z.string() }, 'The first three.'),
      },
      'Entries that could not be used, by reason.',
    ),
    columns: field.objects(
      { column: field.text('Header in the file.'), taken_as: z.enum(COLUMN_ROLES) },
      'How columns of the file were read.',
    ),
    examples: field.texts('Some entries, as they were read.'),
  }),
  async handle({ list: given, companies, file, columns, mode }, { known, exportDirectory, lists }, call) {
    const list = listName(given);
    if (list === null)
      throw invalidInput('list: use a short name of letters and digits, such as "crm" or "customers 2024".');
    const sources = [companies, file].filter((each) => each !== undefined).length;
    if (sources > 1 || (sources === 0 && mode !== 'replace'))
      throw invalidInput('Give either companies or file.');
    const from = file === undefined ? { companies: companies ?? [] } : { file, columns: columns ?? {} };
    const imported = await importCompanies(known, exportDirectory, { list, mode, from }, call.signal);
    return tell(imported, await matchesOf(lists, list, call.signal));
  },
});

/** Why entries can't be used, and what most likely is wrong where a fifth of a file or more can't be. */
const UNUSABLE: Readonly<Record<Unusable, { reason: string; cause: string }>> = {
  empty: {
    reason: 'the columns that were read are empty',
    cause: 'another column holds the companies, or the file was exported without them',
  },
  freemail: {
    reason: 'only an e-mail address of a free provider',
    cause: 'these are contacts with private addresses, not companies',
  },
  shared: {
    reason: 'only a website that many companies share',
    cause: "the column holds pages on other websites, not the companies' own",
  },
  no_company: {
    reason: 'no domain, LinkedIn company page or name',
    cause: 'another column holds the companies',
  },
};
/** From this share of unusable entries on something is wrong with the file or the columns taken. */
const MANY = 0.2;

function tell(imported: Imported, matched: ListMatches): ToolAnswer {
  const { list, mode, companies_in_list, read, added, removed, already_there, not_there, repeated } =
    imported;
  const { name_only, names, joined, columns, header, examples } = imported;
  const unusable = [...imported.unusable].map(([kind, rows]) => ({ reason: UNUSABLE[kind].reason, ...rows }));
  const passed_over = [
    { what: 'blank', lines: imported.blank },
    { what: 'above the header', lines: header?.above ?? 0 },
    { what: 'header', lines: header?.lines ?? 0 },
    { what: 'header again', lines: imported.headers_again },
  ].filter(({ lines }) => lines > 0);
  const counts = { read, added, removed, already_there, not_there, repeated, name_only, names, joined };
  const done =
    mode === 'remove'
      ? `${removed} removed, ${not_there} not in the list`
      : `${added} added, ${already_there} already in the list`;
  const merged = joined > 0 ? `, ${joined} merged with another` : '';

  return {
    notices: noticesOf(imported),
    parts: [
      part(
        { list, mode, companies_in_list, ...counts },
        `List "${list}": ${counted(companies_in_list, 'company')} now. Read ${counted(read, 'entry')}: ${done}, ${repeated} repeated, ${name_only} with only a name${merged}.`,
      ),
      part({ matched }, matchedWords(matched)),
      part(
        { passed_over, unusable, columns, examples },
        columns.length > 0 &&
          `Columns: ${columns.map(({ column, taken_as }) => `${JSON.stringify(column)} read as ${taken_as}`).join(', ')}.`,
        passed_over.length > 0 &&
          `Lines that are not entries: ${passed_over.map(({ what, lines }) => `${what} ${lines}`).join(', ')}.`,
        ...unusable.map(
          ({ reason, rows, examples: first }) =>
            `Unusable: ${rows} (${reason}), such as ${first.map((each) => `line ${each.line}: ${quoted(each.text, 80)}`).join('; ')}.`,
        ),
        names.length > 0 && `Only a name: ${names.map((name) => quoted(name, 80)).join(', ')}.`,
        examples.length > 0 && `For example: ${examples.join('; ')}`,
      ),
    ],
    nextStep:
      companies_in_list === 0
        ? 'The list has no companies, so none is stored under this name.'
        : `To leave these companies out of a file, call export_bulk_results with exclude: ${JSON.stringify([`known:${list}`])}.`,
  };
}

function matchedWords(matched: ListMatches): string {
  if (matched === null) return 'Matches in stored jobs could not be counted.';
  const { companies, rows, jobs, of_jobs } = matched;
  if (of_jobs === 0) return 'No job is stored on this machine to compare with.';
  return `It matches ${counted(companies, 'company')} (${counted(rows, 'row')}) in ${jobs} of ${counted(of_jobs, 'stored job')}.`;
}

function noticesOf(imported: Imported): Said[] {
  const { mode, read, used, unusable, name_only, encoding, header } = imported;
  const missed = read - used;
  const [most] = [...unusable].toSorted(([, a], [, b]) => b.rows - a.rows);
  const title = header?.title == null ? '' : `, the first of which is ${quoted(header.title, 80)}`;
  return [
    most &&
      missed >= read * MANY &&
      `${missed} of ${counted(read, 'entry')} (${Math.round((missed / read) * 100)} %) could not be used. The most likely cause: ${UNUSABLE[most[0]].cause}. Check columns with the user, and import again with mode replace.`,
    header &&
      header.above > 0 &&
      `The header is in line ${header.line}. The ${header.above} lines above it were skipped${title}.`,
    header && header.lines > 1 && `The header has ${header.lines} lines, starting at line ${header.line}.`,
    encoding !== null && `The file is not UTF-8, so it was read as ${encoding}.`,
    imported.faulty &&
      'Some bytes of the file are not UTF-8, so a few names are wrong. Saving it as CSV UTF-8 fixes that.',
    name_only > 0 &&
      (mode === 'remove'
        ? `${counted(name_only, 'entry', 'have')} only a name. That removes entries with only that name, and none with a domain or LinkedIn page.`
        : `${counted(name_only, 'entry', 'have')} only a name. Such entries exclude nobody, and show as known_maybe in query_companies for the user to decide. lookup_companies finds their domains.`),
  ];
}
