import { BYTE_ORDER_MARK, cellText, MAX_CELL, openCsvWriter } from '../files/csv.ts';
import type { RowSink } from '../jobs/read-job.ts';
import { type JobState, nextStep, shownCursor } from '../jobs/state.ts';
import { cleanRecord } from '../lib/text.ts';
import { estimateTokens } from '../lib/tokens.ts';
import { OpenFunnelError } from '../openfunnel/errors.ts';
import type { Row } from '../openfunnel/wire.ts';
import { showRow } from '../results/rows.ts';
import type { Services } from '../tools/define-tool.ts';

const JOB_ID = /^[A-Za-z0-9_-]{1,200}$/;
const CSV = 'text/csv';
const JSON_TYPE = 'application/json';
/** A resource is read into a model's context like a result. Tokens. */
const MAX_TOKENS = 24_000;

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
    description: 'All fields of the companies on one page (page_0000, page_0001 …) of a job that has ended.',
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
    description: 'Every company of a job that has ended, as CSV.',
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
  if (uri === 'lookalikes://jobs')
    return asJson(uri, { jobs: (await services.jobs.list(0, { signal })).jobs }, services);
  if (uri.startsWith('file:')) return { uri, ...(await services.jobs.exportedFile(uri)) };
  const [, rawId = '', rest = ''] = /^lookalikes:\/\/jobs\/([^/]+)(\/.*)?$/.exec(uri) ?? [];
  if (!JOB_ID.test(rawId)) throw noSuchResource();
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

async function readState(jobId: string, { jobs }: Services, signal: AbortSignal) {
  const request = { jobId, maxWaitMs: 0, sampleRows: 0, pick: (row: Row) => row };
  const collection = await jobs.collect(request, { signal, report: () => {} });
  const { state, complete, summary, missing_pages, notices } = collection;
  const pages = collection.pages.map(({ page, rows }) => ({ page, rows }));
  return { ...state, next_step: nextStep(state), complete, summary, pages, missing_pages, notices };
}

async function readPage(jobId: string, cursor: string, { jobs }: Services, signal: AbortSignal) {
  const { page, state } = await jobs.page(jobId, cursor, { signal });
  refuseUnlessEnded(state);
  const rows = page.rows.map((row) => showRow(row, ['all']));
  return { ...state, page: cursor, row_count: rows.length, rows, next_cursor: shownCursor(page.next_cursor) };
}

async function readCompany(jobId: string, position: number, { jobs }: Services, signal: AbortSignal) {
  let found: Row | undefined;
  const sink: RowSink = {
    take(rows, { firstRow }) {
      found ??= rows[position - firstRow];
    },
  };
  const { state, rows, whole } = await jobs.read(
    jobId,
    (now) => {
      refuseUnlessEnded(now);
      return [sink];
    },
    { signal },
  );
  // Behind a page that is missing, ranks are not known.
  if (!found || (!whole && state.results_final)) {
    throw new OpenFunnelError(
      whole ? 'not_found' : 'upstream_invalid_response',
      whole
        ? `The job has ${rows} companies, from 1 on.`
        : 'Not all of the job could be read, so ranks are not sure.',
      { retryable: !whole },
    );
  }
  return { job_id: state.job_id, status: state.status, row: position, company: showRow(found, ['all']) };
}

async function readCsv(jobId: string, { jobs }: Services, signal: AbortSignal): Promise<string> {
  const rows: Array<Record<string, unknown>> = [];
  let tokens = 0;
  const sink: RowSink = {
    take(taken) {
      for (const row of taken) {
        const clean = cleanRecord(row, MAX_CELL);
        tokens += estimateTokens(Object.values(clean).map(cellText).join(','));
        if (tokens > MAX_TOKENS) throw tooLarge(jobId);
        rows.push(clean);
      }
    },
  };
  const { why } = await jobs.read(
    jobId,
    (state) => {
      refuseUnlessEnded(state);
      refuseFailed(state);
      return [sink];
    },
    { signal },
  );
  if (why !== null) {
    throw new OpenFunnelError('upstream_invalid_response', `Not all of the job could be read: ${why}.`, {
      retryable: true,
    });
  }
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const csvLines = await openCsvWriter();
  return BYTE_ORDER_MARK + csvLines([columns, ...rows.map((row) => columns.map((column) => row[column]))]);
}

function tooLarge(jobId: string): OpenFunnelError {
  return new OpenFunnelError(
    'conflict',
    `The result is too large for a resource: as CSV it is more than ${MAX_TOKENS} tokens. Call export_bulk_results {"job_id": ${JSON.stringify(jobId)}}, which writes it to a file.`,
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
    `The job has not ended (status ${state.status}, processed ${state.processed ?? 'none yet'}), so its results can't be read as a resource. ${nextStep(state)}`,
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
