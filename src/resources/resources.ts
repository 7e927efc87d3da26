import { BYTE_ORDER_MARK, cellText, MAX_CELL, openCsvWriter } from '../files/csv.ts';
import type { RowSink } from '../jobs/read-job.ts';
import { type JobState, nextStep, shownCursor } from '../jobs/state.ts';
import { statusWord } from '../jobs/words.ts';
import { cleanRecord } from '../lib/text.ts';
import { estimateTokens } from '../lib/tokens.ts';
import { OpenFunnelError } from '../openfunnel/errors.ts';
import type { Row } from '../openfunnel/wire.ts';
import { UNTRUSTED } from '../results/answer.ts';
import { fits, largestFitting } from '../results/budget.ts';
import { groupPages, missingPart } from '../results/job-parts.ts';
import { showRow, tableOf } from '../results/rows.ts';
import type { Services } from '../tools/define-tool.ts';

const JOB_ID = /^[A-Za-z0-9_-]{1,200}$/;
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
    const { jobs } = await services.jobs.list(null, { signal });
    const listed = largestFitting(jobs.length, MAX_TOKENS, (count) => {
      const left = jobs.length - count;
      const notices =
        left > 0 ? [`${left} older jobs were left out to fit; list_bulk_jobs with offset lists all.`] : [];
      return { jobs: jobs.slice(0, count), notices };
    });
    return asJson(uri, listed.built, services);
  }
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
  const { state, complete, summary, notices } = collection;
  const pages = groupPages(collection.pages, MAX_GROUPS);
  const { missing_pages } = missingPart(collection.missing_pages).fields;
  const delivered = (summary?.companies ?? 0) > 0 || (collection.missing_pages.length > 0 ? null : false);
  const facts = {
    ...state,
    next_step: nextStep(state, delivered),
    complete,
    summary,
    pages,
    missing_pages,
    notices,
  };
  return { untrusted: UNTRUSTED, ...facts };
}

async function readPage(jobId: string, cursor: string, { jobs }: Services, signal: AbortSignal) {
  const { page, state, place } = await jobs.page(jobId, cursor, { signal });
  refuseUnlessEnded(state);
  const render = (count: number, maxChars: number) => {
    const style = { fields: ['all'], maxChars };
    const rows = page.rows.slice(0, count).map((row, index) => ({
      row: place.firstRow + index,
      shown: showRow(row, style),
    }));
    const left = page.rows.length - count;
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
      row_count: page.rows.length,
      ...tableOf(rows, MAX_COLUMNS),
      row_numbers: place.numbers,
      next_cursor: shownCursor(page.next_cursor),
      notices,
    };
  };
  // As much of each company as lets all of the page in, then fewer companies.
  for (const maxChars of [4_000, 1_000, 300, 80]) {
    const whole = render(page.rows.length, maxChars);
    if (fits(whole, MAX_TOKENS)) return whole;
  }
  return largestFitting(page.rows.length, MAX_TOKENS, (count) => render(count, 80)).built;
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
  const row: Row = found;
  const shown = [4_000, 1_000, 300, 60].map((maxChars) => ({
    untrusted: UNTRUSTED,
    job_id: state.job_id,
    status: state.status,
    row: position,
    company: showRow(row, { fields: ['all'], maxChars }),
  }));
  return (
    shown.find((each) => fits(each, MAX_TOKENS)) ?? { job_id: state.job_id, row: position, company: null }
  );
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
  const csv = csvLines([columns, ...rows.map((row) => columns.map((column) => row[column]))]);
  if (estimateTokens(csv) > MAX_TOKENS) throw tooLarge(jobId);
  return BYTE_ORDER_MARK + csv;
}

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
