import { readExportedFile } from '../files/exported-file.ts';
import { OpenFunnelError } from '../lib/errors.ts';
import { counted } from '../lib/text.ts';
import { estimateTokens } from '../lib/tokens.ts';
import { NotFinalError } from '../lists/collected-list.ts';
import { notedJobs } from '../lists/noted-jobs.ts';
import { rowsOfList } from '../lists/selecting/fields.ts';
import { JOB_ID, normalJobId } from '../openfunnel/job-id.ts';
import { resultOf, saidOf, UNTRUSTED } from '../results/answer.ts';
import { CHOSEN_BUDGET, fitting } from '../results/budget.ts';
import { callOf } from '../results/next-step.ts';
import { showRow } from '../results/rows.ts';
import { tellPage } from '../tools/get-bulk-page.ts';
import type { Services } from '../tools/parts/define-tool.ts';
import { waitAndCollect } from '../tools/wait-and-collect.ts';

const CSV = 'text/csv';
const JSON_TYPE = 'application/json';
/** Fields that are shown of a row at the most, where a page is too large otherwise. */
const MAX_COLUMNS = 60;
/** No result of more companies fits into a CSV. */
const MOST_IN_CSV = 2_000;
/** Texts are cut at the first of these with which a resource fits. Characters. */
const CUTS = [4_000, 1_000, 300, 80];
const JOBS = 'lookalikes://jobs';

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

/** Reads a resource. @throws {OpenFunnelError} `not_found` for none, `conflict` for results of a job that has not ended. */
export async function readResource(
  uri: string,
  services: Services,
  signal: AbortSignal,
): Promise<{ uri: string; mimeType: string; text: string }> {
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
  const build = (count: number) => {
    const left = jobs.length - count;
    const said = `${left} older jobs were left out to fit; list_bulk_jobs with offset lists all.`;
    return { jobs: jobs.slice(0, count), notices: left > 0 ? [said] : [] };
  };
  return fitting(CHOSEN_BUDGET, [{ most: jobs.length, least: 0, build }]);
}

/** As `wait_and_collect` tells it without waiting. */
async function readState(job_id: string, services: Services, signal: AbortSignal) {
  const call = { signal, report: () => {}, ask: async () => 'unavailable' as const };
  const args = { job_id, max_wait_seconds: 0, sample_rows: 0 };
  return resultOf(await waitAndCollect.run(args, services, call)).structuredContent;
}

/** As `get_bulk_page` tells it, with all fields: as much of each company as lets all of the page in, then fewer companies. */
async function readPage(job_id: string, cursor: string, { states }: Services, signal: AbortSignal) {
  const now = await states.page(job_id, cursor, { signal });
  if (!now.state.terminal) throw new NotFinalError(now.state);
  const most = now.companies.length;
  const fields = ['all'];
  const build = (maxChars: number, maxColumns?: number) => (count: number) => {
    const args = { job_id, cursor, offset: 0, fields, max_chars: maxChars };
    const style = { fields, maxChars, ...(maxColumns !== undefined && { maxColumns }) };
    return resultOf(tellPage(args, now, count, style)).structuredContent;
  };
  return fitting(CHOSEN_BUDGET, [
    ...CUTS.map((maxChars) => ({ most, build: build(maxChars) })),
    { most, least: 0, build: build(CUTS.at(-1) ?? 0, MAX_COLUMNS) },
  ]);
}

async function readCompany(jobId: string, row: number, services: Services, signal: AbortSignal) {
  const list = await services.lists.get(jobId, { signal });
  const { about, state, reading } = list;
  // Behind a page that is missing, ranks are not known.
  if (!about.whole && reading?.missing.length)
    throw new OpenFunnelError(
      'upstream_invalid_response',
      'Not all of the job could be read, so ranks are not sure.',
      { retryable: true },
    );
  const [found] = await rowsOfList(list, [row], { signal });
  if (!found)
    throw new OpenFunnelError('not_found', `The job has ${counted(about.companies, 'company')}, from 1 on.`);
  const { job_id, status } = state;
  const told = { untrusted: UNTRUSTED, job_id, status, row, notices: list.notices };
  const ways = CUTS.map((maxChars) => ({
    most: 1,
    build: () => ({ ...told, company: showRow(found.company, { fields: ['all'], maxChars }) }),
  }));
  return fitting<object>(CHOSEN_BUDGET, [...ways, { most: 1, build: () => ({ ...told, company: null }) }]);
}

async function readCsv(jobId: string, services: Services, signal: AbortSignal): Promise<string> {
  const list = await services.lists.final(jobId, { signal });
  const { about, state } = list;
  const tooLarge = new OpenFunnelError(
    'conflict',
    `The result is too large for a resource: as CSV it is more than 24,000 tokens. Call ${callOf('export_bulk_results', { job_id: jobId })}, which writes it to a file.`,
  );
  if (about.companies > MOST_IN_CSV) throw tooLarge;
  // A file of rows alone has no place for a word about them, so that is a row of its own.
  const doubts = saidOf([state.status === 'cancelled' && 'PARTIAL: the job was cancelled.', ...about.doubts]);
  const csv = await services.exporter.csv(list, doubts, { signal });
  if (estimateTokens(csv) > CHOSEN_BUDGET.tokens) throw tooLarge;
  return csv;
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
