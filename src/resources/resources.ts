import { BYTE_ORDER_MARK, MAX_CELL, openCsvWriter } from '../files/csv.ts';
import { readExportedFile } from '../files/exported-file.ts';
import { cleanValue } from '../lib/text.ts';
import { estimateTokens } from '../lib/tokens.ts';
import { type CollectedList, NotEndedError } from '../lists/collected-list.ts';
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

/** Resources with a fixed URI. */
export const RESOURCES = [
  {
    uri: 'lookalikes://jobs',
    name: 'jobs',
    title: 'Bulk jobs submitted from here',
    description: 'The ledger: every job submitted or looked at from this machine, newest first.',
    mimeType: JSON_TYPE,
  },
];

/** Resources by job; `job_id` is completed from the ledger. */
export const RESOURCE_TEMPLATES = [
  {
    uriTemplate: 'lookalikes://jobs/{job_id}',
    name: 'job',
    title: 'A bulk job',
    description: 'State of a job and, once it has ended, the summary of its companies.',
    mimeType: JSON_TYPE,
  },
  {
    uriTemplate: 'lookalikes://jobs/{job_id}/pages/{page}',
    name: 'job-page',
    title: 'A page of a bulk job',
    description:
      'The companies on one page (page_0000, page_0001 …) of a job that has ended, all fields, cut to fit.',
    mimeType: JSON_TYPE,
  },
  {
    uriTemplate: 'lookalikes://jobs/{job_id}/companies/{row}',
    name: 'job-company',
    title: 'A company of a bulk job',
    description: 'One company of a job that has ended, by its rank from 1, with all its fields.',
    mimeType: JSON_TYPE,
  },
  {
    uriTemplate: 'lookalikes://jobs/{job_id}/results.csv',
    name: 'job-results-csv',
    title: 'Results of a bulk job as CSV',
    description:
      'Every company of a small job that has ended, as CSV; for a large one call export_bulk_results.',
    mimeType: CSV,
  },
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
  if (uri === 'lookalikes://jobs') {
    const all = (await services.noted.list(null, { signal })).jobs;
    const jobs = all.filter(({ hidden }) => !hidden);
    const listed = largestFitting(jobs.length, MAX_TOKENS, (count) => {
      const left = jobs.length - count;
      const notices =
        left > 0 ? [`${left} older jobs were left out to fit; list_bulk_jobs with offset lists all.`] : [];
      return { jobs: jobs.slice(0, count), notices };
    });
    return asJson(uri, listed.built, services);
  }
  if (uri.startsWith('file:')) return { uri, ...(await readExportedFile(services.exportDirectory, uri)) };
  const [, given = '', rest = ''] = /^lookalikes:\/\/jobs\/([^/]+)(\/.*)?$/.exec(uri) ?? [];
  if (!JOB_ID.test(given)) throw noSuchResource();
  const rawId = normalJobId(given);
  if (rest === '') return asJson(uri, await readState(rawId, services, signal), services);
  if (rest === '/results.csv') return { uri, mimeType: CSV, text: await readCsv(rawId, services, signal) };
  const rank = /^\/companies\/([1-9]\d{0,6})$/.exec(rest)?.[1];
  if (rank !== undefined)
    return asJson(uri, await readCompany(rawId, Number(rank), services, signal), services);
  const page = /^\/pages\/([^/]{1,300})$/.exec(rest)?.[1];
  if (page === undefined) throw noSuchResource();
  return asJson(uri, await readPage(rawId, decode(page), services, signal), services);
}

function asJson(uri: string, value: Record<string, unknown>, { sandbox }: Services): ResourceText {
  const marked = sandbox ? { notice: 'SANDBOX: these companies are made up.', ...value } : value;
  return { uri, mimeType: JSON_TYPE, text: JSON.stringify(marked) };
}

async function readState(jobId: string, { collector }: Services, signal: AbortSignal) {
  const collection = await collector.collect(
    { jobId, maxWaitMs: 0, sampleRows: 0 },
    { signal, report: () => {} },
  );
  const { state, complete, summary, notices } = collection;
  const pages = groupPages(collection.pages, collection.industries, MAX_GROUPS);
  const { missing_pages } = missingPart(collection.missing_pages).fields;
  const delivered = (summary?.companies ?? 0) > 0 || (collection.missing_pages.length > 0 ? null : false);
  const facts = {
    ...state,
    next_step: nextStep(state, delivered),
    complete,
    summary: summary && shownSummary(summary),
    pages,
    missing_pages,
    notices,
  };
  return { untrusted: UNTRUSTED, ...facts };
}

async function readPage(jobId: string, cursor: string, { states }: Services, signal: AbortSignal) {
  const page = await states.page(jobId, cursor, { signal });
  const { state, companies } = page;
  refuseUnlessEnded(state);
  const render = (count: number, maxChars: number) => {
    const style = { fields: ['all'], maxChars };
    const rows = companies.slice(0, count).map((company, index) => ({
      row: page.firstRow + index,
      company,
    }));
    const left = companies.length - count;
    const cut = `Texts over ${maxChars} characters are cut.`;
    const notices =
      left > 0
        ? [`${left} rows were left out to fit; get_bulk_page with offset ${count} shows them. ${cut}`]
        : [cut];
    const { manifest: _, ...facts } = state;
    return {
      untrusted: UNTRUSTED,
      ...facts,
      page: cursor,
      row_count: companies.length,
      ...tableOf(rows, style, MAX_COLUMNS),
      row_numbers: page.numbers,
      next_cursor: shownCursor(page.next),
      notices: [...page.notices, ...notices],
    };
  };
  // As much of each company as lets all of the page in, then fewer companies.
  for (const maxChars of [4_000, 1_000, 300, 80]) {
    const whole = render(companies.length, maxChars);
    if (fits(whole, MAX_TOKENS)) return whole;
  }
  return largestFitting(companies.length, MAX_TOKENS, (count) => render(count, 80)).built;
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

async function readCompany(jobId: string, position: number, services: Services, signal: AbortSignal) {
  const list = await listOf(jobId, services, signal);
  const { about, state, reading } = list;
  // Behind a page that is missing, ranks are not known.
  const sure = about.whole || (reading?.missing.length ?? 0) === 0;
  const [found] = sure ? await rowsOfList(services.lists, list, [position], { signal }) : [];
  if (!found) {
    throw new OpenFunnelError(
      sure ? 'not_found' : 'upstream_invalid_response',
      sure
        ? `The job has ${about.companies} companies, from 1 on.`
        : 'Not all of the job could be read, so ranks are not sure.',
      { retryable: !sure },
    );
  }
  const shown = [4_000, 1_000, 300, 60].map((maxChars) => ({
    untrusted: UNTRUSTED,
    job_id: state.job_id,
    status: state.status,
    row: position,
    company: showRow(found.company, { fields: ['all'], maxChars }),
    notices: list.notices,
  }));
  return (
    shown.find((each) => fits(each, MAX_TOKENS)) ?? { job_id: state.job_id, row: position, company: null }
  );
}

async function readCsv(jobId: string, services: Services, signal: AbortSignal): Promise<string> {
  const list = await listOf(jobId, services, signal);
  const { about, state } = list;
  refuseFailed(state);
  if (!about.whole) {
    throw new OpenFunnelError(
      'upstream_invalid_response',
      `Not all of the job could be read: ${about.why}.`,
      {
        retryable: true,
      },
    );
  }
  if (about.companies > MOST_IN_CSV) throw tooLarge(jobId);
  const numbers = Array.from({ length: about.companies }, (_, at) => at + 1);
  const rows = (await rowsOfList(services.lists, list, numbers, { signal })).map(({ company }) => company);
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const csvLines = await openCsvWriter();
  const lines = rows.map((row) => columns.map((column) => cleanValue(row[column] ?? null, MAX_CELL)));
  const csv = csvLines([columns, ...lines]);
  if (estimateTokens(csv) > MAX_TOKENS) throw tooLarge(jobId);
  const doubts = [
    ...(state.status === 'cancelled' ? ['PARTIAL: the job was cancelled.'] : []),
    ...about.doubts,
  ];
  // A file of rows alone has no place for a word about them, so that is a row of its own.
  return BYTE_ORDER_MARK + csv + doubts.map((doubt) => csvLines([[`# ${doubt}`]])).join('');
}

/** No result of more companies fits into a resource. */
const MOST_IN_CSV = 2_000;

function tooLarge(jobId: string): OpenFunnelError {
  return new OpenFunnelError(
    'conflict',
    `The result is too large for a resource: as CSV it is more than 24,000 tokens. Call export_bulk_results {"job_id": ${JSON.stringify(jobId)}}, which writes it to a file.`,
  );
}

function refuseFailed(state: JobState): void {
  if (state.results_final) return;
  throw new OpenFunnelError(
    'conflict',
    'The job failed, so there is no whole result to read; export_bulk_results with allow_partial: true writes what it delivered.',
  );
}

function refuseUnlessEnded(state: JobState): void {
  if (state.terminal) return;
  throw new OpenFunnelError(
    'conflict',
    `The job has not ended (status ${statusWord(state.status)}, processed ${state.processed ?? 'none yet'}), so its results can't be read as a resource. ${nextStep(state)}`,
    { retryable: true },
  );
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw noSuchResource();
  }
}

function noSuchResource(): OpenFunnelError {
  return new OpenFunnelError(
    'not_found',
    'No such resource. There are lookalikes://jobs, lookalikes://jobs/{job_id}, lookalikes://jobs/{job_id}/pages/{page}, lookalikes://jobs/{job_id}/companies/{row} and lookalikes://jobs/{job_id}/results.csv.',
  );
}
