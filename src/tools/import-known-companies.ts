import * as z from 'zod';
import { EXPORT_FOLDER } from '../lib/defaults.ts';
import { quoted } from '../lib/text.ts';
import { COLUMN_ROLES, IMPORT_MODES, listName } from '../lists/import/import-terms.ts';
import { type Imported, importCompanies } from '../lists/import/known-import.ts';
import { type ListMatches, matchesOf } from '../lists/selecting/overlaps.ts';
import { UNTRUSTED } from '../results/answer.ts';
import { invalidInput, success } from '../results/result.ts';
import { nextStepField, untrusted } from '../results/schema.ts';
import { defineTool } from './parts/define-tool.ts';

const header = z.string().max(200).optional();

export const importKnownCompanies = defineTool({
  name: 'import_known_companies',
  title: 'Import a list of known companies',
  description:
    'Imports companies the user already has, such as customers, CRM accounts or a blocklist, into a named list. Use it to exclude them from exported lookalike lists, with `known:<list>`. Free. Saves the list on this machine. Modes `remove` and `replace` change it for good, so use them only on request. Searches still deliver and bill known companies. To drop companies from one job, use mark_companies.',
  annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: true, openWorldHint: false },
  guards: {},
  input: z.strictObject({
    list: z.string().min(1).max(80).describe('Name of the list, such as crm. A new name starts a new list.'),
    companies: z
      .array(z.string().max(500))
      .max(2_000)
      .optional()
      .describe(
        'Domains (best), LinkedIn URLs or names. A name alone excludes nobody: it only flags possible matches. Give companies or file.',
      ),
    file: z
      .string()
      .max(300)
      .optional()
      .describe(
        `Name of a CSV, TSV, JSON or JSONL file in the export folder (~/${EXPORT_FOLDER} by default).`,
      ),
    columns: z
      .strictObject({ domain: header, website: header, name: header, linkedin: header, email: header })
      .optional()
      .describe('Only if the headers are misread: {"domain": "<its header>"}.'),
    mode: z
      .enum(IMPORT_MODES)
      .default('add')
      .describe(
        'Add the companies to the list, remove them from it, or replace the list with them. Replacing it with none deletes it.',
      ),
  }),
  output: z.object({
    untrusted,
    list: z.string().describe('Name of the list.'),
    mode: z.enum(IMPORT_MODES).describe('What was done.'),
    companies_in_list: z.number().describe('Companies in the list now.'),
    read: z.number().describe('Entries read.'),
    added: z.number().describe('Companies added.'),
    removed: z.number().describe('Companies taken out.'),
    already_there: z.number().describe('Entries that were in the list.'),
    not_there: z.number().describe('Entries to remove that were not in the list.'),
    repeated: z.number().describe('Entries given more than once.'),
    name_only: z.number().describe('Entries with only a name: they match only as known_maybe.'),
    names: z.array(z.string()).describe('The first entries with only a name.'),
    joined: z.number().describe('Entries merged into one, because a new entry names both.'),
    matched: z
      .object({
        companies: z.number().describe('Distinct companies.'),
        rows: z.number(),
        jobs: z.number().describe('Stored jobs with a match.'),
        of_jobs: z.number().describe('Stored jobs.'),
      })
      .nullable()
      .describe('Matches in stored jobs, by more than a name; null if not counted.'),
    passed_over: z
      .array(z.object({ what: z.string(), lines: z.number() }))
      .describe('Lines of the file that are not entries, such as headers.'),
    unusable: z
      .array(
        z.object({
          reason: z.string(),
          rows: z.number(),
          examples: z
            .array(
              z.object({
                line: z.number().describe('Line of the file, or number of the entry.'),
                text: z.string(),
              }),
            )
            .describe('The first three.'),
        }),
      )
      .describe('Entries that could not be used, by reason.'),
    columns: z
      .array(
        z.object({
          column: z.string().describe('Header in the file.'),
          taken_as: z.enum(COLUMN_ROLES),
        }),
      )
      .describe('How columns of the file were read.'),
    examples: z
      .array(
        z.object({
          name: z.string().nullable(),
          domain: z.string().nullable(),
          linkedin: z.string().nullable(),
        }),
      )
      .describe('Some entries, as they were read.'),
    next_step: nextStepField,
  }),
  async handle({ list: given, companies, file, columns, mode }, { known, exportDirectory, lists }, call) {
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
    const imported = await importCompanies(known, exportDirectory, { list, mode, from }, call.signal);
    return render(imported, await matchesOf(lists, list, call.signal));
  },
});

const REASONS: Readonly<Record<keyof Imported['unusable'], string>> = {
  empty: 'the columns that were read are empty',
  freemail: 'only an e-mail address of a free provider',
  shared: 'only a website that many companies share',
  no_company: 'no domain, LinkedIn company page or name',
};
/** What most likely is wrong where a fifth of a file or more can't be used. */
const CAUSES: Readonly<Record<keyof Imported['unusable'], string>> = {
  empty: 'another column holds the companies, or the file was exported without them',
  freemail: 'these are contacts with private addresses, not companies',
  shared: "the column holds pages on other websites, not the companies' own",
  no_company: 'another column holds the companies',
};
/** From this share of unusable entries on something is wrong with the file or the columns taken. */
const MANY = 0.2;

function render(imported: Imported, matched: ListMatches) {
  const {
    list,
    mode,
    changed,
    unchanged,
    companies,
    name_only,
    names,
    read,
    repeated,
    joined,
    columns,
    header,
  } = imported;
  const removing = mode === 'remove';
  const unusable = UNUSABLE.filter((kind) => imported.unusable[kind].rows > 0).map((kind) => ({
    reason: REASONS[kind],
    ...imported.unusable[kind],
  }));
  const passed_over = [
    { what: 'blank', lines: imported.blank },
    { what: 'above the header', lines: header?.above ?? 0 },
    { what: 'header', lines: header?.lines ?? 0 },
    { what: 'header again', lines: imported.headers_again },
  ].filter(({ lines }) => lines > 0);
  const excluded = JSON.stringify([`known:${list}`]);
  const structured = {
    ...(imported.examples.length + unusable.length > 0 ? { untrusted: UNTRUSTED } : {}),
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
    names,
    joined,
    matched,
    passed_over,
    unusable,
    columns,
    examples: imported.examples,
    next_step:
      companies === 0
        ? 'The list has no companies left, so it was deleted.'
        : `To leave these companies out of a file, call export_bulk_results with exclude: ${excluded}.`,
  };
  const lines = [
    `List "${list}": ${companies} companies now. Read ${read} entries: ${
      removing
        ? `${changed} removed, ${unchanged} not in the list`
        : `${changed} added, ${unchanged} already in the list`
    }, ${repeated} repeated, ${name_only} with only a name${joined > 0 ? `, ${joined} merged with another` : ''}.`,
  ];
  lines.push(matchedWords(matched));
  if (columns.length > 0)
    lines.push(
      `Columns: ${columns.map(({ column, taken_as }) => `${JSON.stringify(column)} read as ${taken_as}`).join(', ')}.`,
    );
  if (passed_over.length > 0)
    lines.push(
      `Lines that are not entries: ${passed_over.map(({ what, lines: count }) => `${what} ${count}`).join(', ')}.`,
    );
  if (structured.untrusted !== undefined) lines.push(UNTRUSTED);
  for (const { reason, rows, examples } of unusable)
    lines.push(
      `Unusable: ${rows} (${reason}), such as ${examples.map(({ line, text }) => `line ${line}: ${quoted(text, 80)}`).join('; ')}.`,
    );
  if (names.length > 0) lines.push(`Only a name: ${names.map((name) => quoted(name, 80)).join(', ')}.`);
  if (structured.examples.length > 0) {
    const shown = structured.examples.map(({ name, domain, linkedin }) =>
      [name, domain, linkedin && `linkedin:${linkedin}`].filter(Boolean).join(' | '),
    );
    lines.push(`For example: ${shown.join('; ')}`);
  }
  return success(structured, [...lines, `Next: ${structured.next_step}`].join('\n'), noticesOf(imported));
}

function matchedWords(matched: ListMatches): string {
  if (matched === null) return 'Matches in stored jobs could not be counted.';
  const { companies, rows, jobs, of_jobs } = matched;
  if (of_jobs === 0) return 'No job is stored on this machine to compare with.';
  return `It matches ${companies} companies (${rows} rows) in ${jobs} of ${of_jobs} stored jobs.`;
}

const UNUSABLE = ['empty', 'freemail', 'shared', 'no_company'] as const;

function noticesOf({
  mode,
  read,
  used,
  unusable,
  name_only,
  encoding,
  faulty,
  header,
  other_separator,
  suspect,
}: Imported): string[] {
  const notices: string[] = [];
  const missed = read - used;
  if (missed > 0 && missed >= read * MANY) {
    const most = UNUSABLE.reduce((a, b) => (unusable[b].rows > unusable[a].rows ? b : a));
    notices.push(
      `${missed} of ${read} entries (${Math.round((missed / read) * 100)} %) could not be used. The most likely cause: ${CAUSES[most]}. Check columns with the user, and import again with mode replace.`,
    );
  }
  if (suspect !== null)
    notices.push(
      `${suspect.rows} entries were read as one company (${quoted(suspect.key, 100)}). If that is not the company's own website, set columns and import again with mode replace.`,
    );
  if (header !== null && header.above > 0)
    notices.push(
      `The header is in line ${header.line}. The ${header.above} lines above it were skipped${header.title === null ? '' : `, the first of which is ${quoted(header.title, 80)}`}.`,
    );
  if (header !== null && header.lines > 1)
    notices.push(`The header has ${header.lines} lines, starting at line ${header.line}.`);
  if (other_separator > 0)
    notices.push(
      `${other_separator} lines have another separator than the rest of the file, and were read by that one.`,
    );
  if (encoding !== null) notices.push(`The file is not UTF-8, so it was read as ${encoding}.`);
  if (faulty)
    notices.push(
      'Some bytes of the file are not UTF-8, so a few names are wrong. Saving it as CSV UTF-8 fixes that.',
    );
  if (name_only > 0 && mode !== 'remove')
    notices.push(
      `${name_only} entries have only a name. They exclude nobody, and show as known_maybe in query_companies for the user to decide. lookup_companies finds their domains.`,
    );
  if (name_only > 0 && mode === 'remove')
    notices.push(
      `${name_only} entries to remove have only a name. They remove entries with only that name, and none with a domain or LinkedIn page.`,
    );
  return notices;
}
