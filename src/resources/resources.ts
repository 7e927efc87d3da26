import { BYTE_ORDER_MARK, MAX_CELL, openCsvWriter } from '../files/csv.ts';
import { readExportedFile } from '../files/exported-file.ts';
import { cleanValue } from '../lib/text.ts';
import { estimateTokens } from '../lib/tokens.ts';
import { collect } from '../lists/collect.ts';
import { type CollectedList, NotEndedError } from '../lists/collected-list.ts';
import { notedJobs } from '../lists/noted-jobs.ts';
import { rowsOfList } from '../lists/selecting/fields.ts';
import { OpenFunnelError } from '../openfunnel/errors.ts';
import { JOB_ID, normalJobId } from '../openfunnel/job-id.ts';
import { type JobState, shownCursor } from '../reading/state.ts';
import { statusWord } from '../reading/words.ts';
import { UNTRUSTED } from '../results/answer.ts';
import { fits, largestFitting } from '../results/budget.ts';
import { groupPages, missingPart } from '../results/job-parts.ts';
import { nextStep } from '../results/next-step.ts';
import { showRow, tableOf } from '../results/rows.ts';
import { shownSummary } from '../results/summary-part.ts';
import type { Services } from '../tools/parts/define-tool.ts';

const CSV = 'text/csv';
const JSON_TYPE = 'application/json';
/** A resource is read into a model's context like a result. Tokens. */
const MAX_TOKENS = 23_500;
/** Pages are told one by one up to so many. */
const MAX_GROUPS = 100;
const MAX_COLUMNS = 60;
/** No result of more companies fits into a CSV. */
const MOST_IN_CSV = 2_000;
/** Texts are cut here, or where that does not fit, at the first of the others that does. Characters. */
const FULL = 4_000;
const CUTS = [1_000, 300, 80];
const JOBS = 'lookalikes://jobs';

/** Resources with a fixed URI. */
export const RESOURCES = [
  {
    uri: JOBS,
    name: 'jobs',
    title: 'Bulk jobs submitted from here',
    description: 'The ledger: every job submitted or looked at from this machine, newest first.',
    mimeType: JSON_TYPE,
  },
];

const template = (path: string, name: string, title: string, description: string, mimeType = JSON_TYPE) => ({
  uriTemplate: `${JOBS}/{job_id}${path}`,
  name,
  title,
  description,
  mimeType,
});

/** Resources by job; `job_id` is completed from the ledger. */
export const RESOURCE_TEMPLATES = [
  template('', 'job', 'A bulk job', 'State of a job and, once it has ended, the summary of its companies.'),
  template(
    '/pages/{page}',
    'job-page',
    'A page of a bulk job',
    'The companies on one page (page_0000, page_0001 …) of a job that has ended, all fields, cut to fit.',
  ),
  template(
    '/companies/{row}',
    'job-company',
    'A company of a bulk job',
    'One company of a job that has ended, by its rank from 1, with all its fields.',
  ),
  template(
    '/results.csv',
    'job-results-csv',
    'Results of a bulk job as CSV',
    'Every company of a small job that has ended, as CSV; for a large one call export_bulk_results.',
    CSV,
  ),
];

export interface ResourceText {
  uri: string;
  mimeType: string;
  text: string;
}

/**
 * Reads a resource.
 *
 * @throws {OpenFunnelError} `not_found` for a URI that names none, `conflict` for the results of a job that
 * has not ended, and what the API client throws.
 */
export async function readResource(
  uri: string,
  services: Services,
  signal: AbortSignal,
): Promise<ResourceText> {
  if (uri.startsWith('file:')) return { uri, ...(await readExportedFile(services.exportDirectory, uri)) };
  const [, id = '', csv, row, page] =
    /^lookalikes:\/\/jobs\/([^/]+)(?:\/(?:(results\.csv)|companies\/([1-9]\d{0,6})|pages\/([^/]{1,300})))?$/.exec(
      uri,
    ) ?? [];
  if (uri !== JOBS && !JOB_ID.test(id)) throw noSuchResource();
  const jobId = normalJobId(id);
  if (csv) return { uri, mimeType: CSV, text: await readCsv(jobId, services, signal) };
  const value =
    uri === JOBS
      ? await readJobs(services)
      : row
        ? await readCompany(jobId, Number(row), services, signal)
        : page
          ? await readPage(jobId, decoded(page), services, signal)
          : await readState(jobId, services, signal);
  const marked = services.sandbox ? { notice: 'SANDBOX: these companies are made up.', ...value } : value;
  return { uri, mimeType: JSON_TYPE, text: JSON.stringify(marked) };
}

async function readJobs({ ledger }: Services) {
  const jobs = (await notedJobs(ledger)).jobs.filter(({ hidden }) => !hidden);
  return largestFitting(jobs.length, MAX_TOKENS, (count) => {
    const left = jobs.length - count;
    const said = `${left} older jobs were left out to fit; list_bulk_jobs with offset lists all.`;
    return { jobs: jobs.slice(0, count), notices: left > 0 ? [said] : [] };
  }).built;
}

async function readState(jobId: string, services: Services, signal: AbortSignal) {
  const collection = await collect(
    services,
    { jobId, maxWaitMs: 0, sampleRows: 0 },
    { signal, report: () => {} },
  );
  const { state, complete, summary, notices } = collection;
  const delivered = (summary?.companies ?? 0) > 0 || (collection.missing_pages.length > 0 ? null : false);
  return {
    untrusted: UNTRUSTED,
    ...state,
    next_step: nextStep(state, delivered),
    complete,
    summary: summary && shownSummary(summary),
    pages: groupPages(collection.pages, collection.industries, MAX_GROUPS),
    missing_pages: missingPart(collection.missing_pages).fields.missing_pages,
    notices,
  };
}

async function readPage(jobId: string, cursor: string, { states }: Services, signal: AbortSignal) {
  const page = await states.page(jobId, cursor, { signal });
  const { companies } = page;
  refuseUnlessEnded(page.state);
  const { manifest: _, ...facts } = page.state;
  const render = (count: number, maxChars: number) => {
    const rows = companies.slice(0, count).map((company, index) => ({
      row: page.firstRow + index,
      company,
    }));
    const left = companies.length - count;
    const omitted = `${left} rows were left out to fit; get_bulk_page with offset ${count} shows them. `;
    const notice = `${left > 0 ? omitted : ''}Texts over ${maxChars} characters are cut.`;
    return {
      untrusted: UNTRUSTED,
      ...facts,
      page: cursor,
      row_count: companies.length,
      ...tableOf(rows, { fields: ['all'], maxChars }, MAX_COLUMNS),
      row_numbers: page.numbers,
      next_cursor: shownCursor(page.next),
      notices: [...page.notices, notice],
    };
  };
  // As much of each company as lets all of the page in, then fewer companies.
  const { cut, built } = firstFitting((maxChars) => render(companies.length, maxChars));
  return fits(built, MAX_TOKENS)
    ? built
    : largestFitting(companies.length, MAX_TOKENS, (count) => render(count, cut)).built;
}

async function readCompany(jobId: string, row: number, services: Services, signal: AbortSignal) {
  const list = await listOf(jobId, services, signal);
  const { about, state, reading } = list;
  // Behind a page that is missing, ranks are not known.
  const sure = about.whole || (reading?.missing.length ?? 0) === 0;
  if (!sure) throw unreadable('Not all of the job could be read, so ranks are not sure.');
  const [found] = await rowsOfList(list, [row], { signal });
  if (!found) throw new OpenFunnelError('not_found', `The job has ${about.companies} companies, from 1 on.`);
  const { built } = firstFitting((maxChars) => ({
    untrusted: UNTRUSTED,
    job_id: state.job_id,
    status: state.status,
    row,
    company: showRow(found.company, { fields: ['all'], maxChars }),
    notices: list.notices,
  }));
  return fits(built, MAX_TOKENS) ? built : { job_id: state.job_id, row, company: null };
}

async function readCsv(jobId: string, services: Services, signal: AbortSignal): Promise<string> {
  const list = await listOf(jobId, services, signal);
  const { about, state } = list;
  if (!state.results_final)
    throw new OpenFunnelError(
      'conflict',
      'The job failed, so there is no whole result to read; export_bulk_results with allow_partial: true writes what it delivered.',
    );
  if (!about.whole) throw unreadable(`Not all of the job could be read: ${about.why}.`);
  const tooLarge = new OpenFunnelError(
    'conflict',
    `The result is too large for a resource: as CSV it is more than 24,000 tokens. Call export_bulk_results {"job_id": ${JSON.stringify(jobId)}}, which writes it to a file.`,
  );
  if (about.companies > MOST_IN_CSV) throw tooLarge;
  const numbers = Array.from({ length: about.companies }, (_, at) => at + 1);
  const rows = (await rowsOfList(list, numbers, { signal })).map(({ company }) => company);
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const csvLines = await openCsvWriter();
  const lines = rows.map((row) => columns.map((column) => cleanValue(row[column] ?? null, MAX_CELL)));
  const csv = csvLines([columns, ...lines]);
  if (estimateTokens(csv) > MAX_TOKENS) throw tooLarge;
  const doubts = [
    ...(state.status === 'cancelled' ? ['PARTIAL: the job was cancelled.'] : []),
    ...about.doubts,
  ];
  // A file of rows alone has no place for a word about them, so that is a row of its own.
  return BYTE_ORDER_MARK + csv + doubts.map((doubt) => csvLines([[`# ${doubt}`]])).join('');
}

/** What is built with the first cut that lets it fit, or else with the shortest. */
function firstFitting<T>(build: (maxChars: number) => T): { cut: number; built: T } {
  let made = { cut: FULL, built: build(FULL) };
  for (const cut of CUTS) {
    if (fits(made.built, MAX_TOKENS)) break;
    made = { cut, built: build(cut) };
  }
  return made;
}

/** The list of a job that has ended. */
async function listOf(jobId: string, { lists }: Services, signal: AbortSignal): Promise<CollectedList> {
  try {
    return await lists.get(jobId, { signal });
  } catch (error) {
    if (error instanceof NotEndedError) refuseUnlessEnded(error.state);
    throw error;
  }
}

function refuseUnlessEnded(state: JobState): void {
  if (state.terminal) return;
  throw new OpenFunnelError(
    'conflict',
    `The job has not ended (status ${statusWord(state.status)}, processed ${state.processed ?? 'none yet'}), so its results can't be read as a resource. ${nextStep(state)}`,
    { retryable: true },
  );
}

function unreadable(message: string): OpenFunnelError {
  return new OpenFunnelError('upstream_invalid_response', message, { retryable: true });
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw noSuchResource();
  }
}

function noSuchResource(): OpenFunnelError {
  const known = [JOBS, ...RESOURCE_TEMPLATES.map(({ uriTemplate }) => uriTemplate)];
  return new OpenFunnelError('not_found', `No such resource. There are ${known.join(', ')}.`);
}
