import type { HttpAnswer } from '../../src/openfunnel/http.ts';
import type { Rows } from '../real-rows.ts';
import { syntheticPages } from '../synthetic-rows.ts';
import { pageOf } from '../upstream.ts';

type Args = Record<string, unknown>;
type Call = readonly [tool: string, args: Args];

/** What upstream answers a request with; a fault is thrown. */
export type Upstream = (request: { method: string; path: string }) => Partial<HttpAnswer> & { body: string };

/** A tool's result in one of its states, as `npm run update` writes it down. */
export interface Scenario {
  tool: string;
  /** Names the file: words with hyphens. */
  state: string;
  args: Args;
  upstream: Upstream;
  /** Calls made before, on the same server and folder. */
  before?: readonly Call[];
  /** Credits above which a submit needs a yes; default 500. */
  confirmAbove?: number;
}

export const JOB = 'd8a1bddb-44f1-4c7f-87a7-f37496354ff6';
const SEARCH = { query: 'expense management for startups', seed_domains: ['ramp.com'], limit: 30 };
const SUBMIT: Call = ['submit_lookalikes_bulk', SEARCH];
const PAGES: Rows[] = syntheticPages(3, 10);

const json = (body: unknown, status = 200) => ({ status, body: JSON.stringify(body) });

/** An upstream with one job, in a state that `over` tells; it takes submits and cancels, and has 962.5 credits. */
function job(over: Args = {}, pages: Rows[] = PAGES): Upstream {
  return ({ method, path }) => {
    const url = new URL(path, 'http://upstream');
    if (url.pathname.endsWith('/balance'))
      return json({ total_credits: 1000, credits_used: 37.5, credits_left: 962.5 });
    if (url.pathname.endsWith('/lookup-companies')) return json({ results: [MATCHED] });
    if (url.pathname.endsWith('/cancel'))
      return json({ job_id: JOB, status: 'cancelling', message: 'Cancellation requested' });
    if (method === 'POST') return json({ job_id: JOB, status: 'pending', message: 'Job accepted' });
    return json({ ...pageOf(pages, url.searchParams.get('cursor'), over), job_id: JOB });
  };
}

const refuses =
  (status: number, body: unknown): Upstream =>
  () =>
    json(body, status);

const RUNNING = {
  status: 'running',
  manifest: null,
  processed: 42,
  progress_message: 'qualifying_companies',
};
const FAILED = { status: 'failed', manifest: null, error_message: 'The index was not available.' };
const CANCELLED = {
  status: 'cancelled',
  progress_message: 'cancelled',
  manifest: { count: 30, pages: 3, page_size: 10, credits_consumed: 30, partial: true },
};
const HOLE: Upstream = (request) =>
  request.path.includes('page_0001') ? json({ detail: 'no such page' }, 404) : job()(request);

const MATCHED = {
  input: { name: 'Stripe', domain: null, linkedin_url: null },
  status: 'resolved',
  matches: [
    {
      company_id: 'ww_1',
      name: 'Stripe',
      domain: 'stripe.com',
      linkedin_url: 'https://www.linkedin.com/company/stripe',
      linkedin_slug: 'stripe',
      employee_count_min: 5000,
      employee_count_max: 10000,
      stage: 'private_equity',
      industries: 'Financial Services, FinTech',
      location_city: 'San Francisco',
      location_country: 'United States',
      location_country_code: 'us',
      matched_on: 'name',
      score: 0.97,
    },
  ],
};
const NOT_FOUND = {
  input: { name: 'Nobody at all', domain: null, linkedin_url: null },
  status: 'not_found',
  matches: [],
};

const ofJob = (args: Args = {}) => ({ job_id: JOB, ...args });

const marked = (where: string, verdict: string): Call => ['mark_companies', ofJob({ where, verdict })];
const JUDGED = [marked('row % 3 = 0', 'keep'), marked('row % 3 = 1 AND row < 25', 'drop')];

/** Every tool in each of its states. To add one is to add a line here and to run `npm run update`. */
export const SCENARIOS: readonly Scenario[] = [
  { tool: 'submit_lookalikes_bulk', state: 'submitted', args: SEARCH, upstream: job() },
  {
    tool: 'submit_lookalikes_bulk',
    state: 'already-running',
    before: [SUBMIT],
    args: SEARCH,
    upstream: job(RUNNING),
  },
  {
    tool: 'submit_lookalikes_bulk',
    state: 'needs-a-yes',
    args: { ...SEARCH, limit: 600 },
    upstream: job(),
  },
  {
    tool: 'submit_lookalikes_bulk',
    state: 'answer-lost',
    args: SEARCH,
    upstream: (request) => (request.method === 'POST' ? json('<html>', 502) : job()(request)),
  },
  {
    tool: 'submit_lookalikes_bulk',
    state: 'too-few-credits',
    args: SEARCH,
    upstream: refuses(402, { error_code: 'CREDITS_EXCEEDED', message: 'not enough credits' }),
  },
  {
    tool: 'submit_lookalikes_bulk',
    state: 'refused-by-upstream',
    args: SEARCH,
    upstream: refuses(422, {
      detail: [
        { loc: ['body', 'limit'], msg: 'Input should be less than or equal to 25', type: 'less_than_equal' },
      ],
    }),
  },
  { tool: 'submit_lookalikes_bulk', state: 'nothing-to-search-for', args: { limit: 30 }, upstream: job() },
  { tool: 'wait_and_collect', state: 'completed', args: ofJob(), upstream: job() },
  {
    tool: 'wait_and_collect',
    state: 'still-running',
    args: ofJob({ max_wait_seconds: 0 }),
    upstream: job(RUNNING),
  },
  { tool: 'wait_and_collect', state: 'judged', before: JUDGED, args: ofJob(), upstream: job() },
  { tool: 'wait_and_collect', state: 'failed', args: ofJob(), upstream: job(FAILED) },
  { tool: 'wait_and_collect', state: 'cancelled', args: ofJob(), upstream: job(CANCELLED) },
  { tool: 'wait_and_collect', state: 'page-missing', args: ofJob(), upstream: HOLE },
  { tool: 'wait_and_collect', state: 'exported', args: ofJob({ format: 'csv' }), upstream: job() },
  {
    tool: 'wait_and_collect',
    state: 'no-such-job',
    args: ofJob(),
    upstream: refuses(404, { detail: 'Job not found' }),
  },
  { tool: 'get_bulk_status', state: 'running', args: ofJob(), upstream: job(RUNNING) },
  { tool: 'get_bulk_status', state: 'completed', args: ofJob(), upstream: job() },
  { tool: 'get_bulk_status', state: 'failed', args: ofJob(), upstream: job(FAILED) },
  { tool: 'get_bulk_status', state: 'unknown-status', args: ofJob(), upstream: job({ status: 'paused' }) },
  {
    tool: 'get_bulk_status',
    state: 'key-refused',
    args: ofJob(),
    upstream: refuses(401, { detail: 'Invalid API key' }),
  },
  {
    tool: 'get_bulk_status',
    state: 'rate-limited',
    args: ofJob(),
    upstream: refuses(429, {
      error_code: 'RATE_LIMITED',
      message: 'slow down',
      details: { retry_after_seconds: 4000 },
    }),
  },
  { tool: 'get_bulk_page', state: 'default', args: ofJob(), upstream: job() },
  {
    tool: 'get_bulk_page',
    state: 'all-fields',
    args: ofJob({ fields: ['all'], max_rows: 2 }),
    upstream: job(),
  },
  {
    tool: 'get_bulk_page',
    state: 'provisional',
    args: ofJob({ cursor: 'page_0002' }),
    upstream: job(RUNNING),
  },
  {
    tool: 'get_bulk_page',
    state: 'no-such-page',
    args: ofJob({ cursor: 'page_0009' }),
    upstream: refuses(404, { detail: 'Page not found' }),
  },
  { tool: 'cancel_bulk_job', state: 'accepted', args: ofJob(), upstream: job(CANCELLED) },
  {
    tool: 'cancel_bulk_job',
    state: 'already-ended',
    args: ofJob(),
    upstream: (request) =>
      request.method === 'POST' ? json({ detail: 'Job has already ended' }, 409) : job()(request),
  },
  { tool: 'list_bulk_jobs', state: 'none', args: {}, upstream: job() },
  { tool: 'list_bulk_jobs', state: 'one', before: [SUBMIT], args: {}, upstream: job() },
  { tool: 'list_bulk_jobs', state: 'refreshed', before: [SUBMIT], args: { refresh: true }, upstream: job() },
  { tool: 'export_bulk_results', state: 'written', args: ofJob(), upstream: job() },
  {
    tool: 'export_bulk_results',
    state: 'partial',
    args: ofJob({ allow_partial: true, format: 'jsonl' }),
    upstream: job(RUNNING),
  },
  { tool: 'export_bulk_results', state: 'not-final', args: ofJob(), upstream: job(RUNNING) },
  { tool: 'get_credit_balance', state: 'balance', args: {}, upstream: job() },
  {
    tool: 'lookup_companies',
    state: 'found-and-not',
    args: { companies: ['Stripe', 'Nobody at all'] },
    upstream: () => json({ results: [MATCHED, NOT_FOUND] }),
  },
  {
    tool: 'query_companies',
    state: 'counted',
    args: {
      sql: 'SELECT country, count(*) AS companies, min(row) AS best FROM companies GROUP BY country ORDER BY 2 DESC, 1 LIMIT 5',
      job_ids: [JOB],
    },
    upstream: job(),
  },
  {
    tool: 'query_companies',
    state: 'wrong-column',
    args: { sql: 'SELECT name, employee_count FROM companies', job_ids: [JOB] },
    upstream: job(),
  },
  {
    tool: 'query_companies',
    state: 'not-final',
    args: { sql: 'SELECT count(*) FROM companies', job_ids: [JOB] },
    upstream: job(RUNNING),
  },
  { tool: 'delete_job_data', state: 'nothing-kept', args: { job_ids: [JOB] }, upstream: job() },
  {
    tool: 'export_bulk_results',
    state: 'several',
    args: { job_ids: [JOB], exclude: ['duplicates'] },
    upstream: job(),
  },
  { tool: 'query_companies', state: 'nothing-kept', args: { sql: 'SELECT 1' }, upstream: job() },
  {
    tool: 'import_known_companies',
    state: 'added',
    args: {
      list: 'crm',
      companies: ['https://www.acme.com', 'linkedin.com/company/beta', 'Gamma Inc', 'joe@gmail.com'],
    },
    upstream: job(),
  },
  {
    tool: 'mark_companies',
    state: 'marked',
    args: ofJob({
      marks: [
        { row: 1, verdict: 'keep', role: 'peer', score: 9, reason: 'The same kind of product' },
        { row: 2, verdict: 'drop', role: 'servicer' },
      ],
    }),
    upstream: job(),
  },
  {
    tool: 'mark_companies',
    state: 'not-final',
    args: ofJob({ marks: [{ row: 1, verdict: 'keep' }] }),
    upstream: job(RUNNING),
  },
  {
    tool: 'mark_companies',
    state: 'marked-and-next',
    before: [marked('row < 13 AND row % 4 = 0', 'maybe'), marked('row < 13 AND row % 2 = 1', 'keep')],
    args: ofJob({ where: 'row < 13 AND row % 4 = 2', verdict: 'drop', next: true }),
    upstream: job(),
  },
  { tool: 'get_review_batch', state: 'next', args: ofJob({ size: 10 }), upstream: job() },
  { tool: 'get_review_batch', state: 'judged', before: JUDGED, args: ofJob({ size: 3 }), upstream: job() },
  {
    tool: 'get_review_batch',
    state: 'none-left',
    before: [...JUDGED, marked('verdict IS NULL', 'drop')],
    args: ofJob(),
    upstream: job(),
  },
  { tool: 'show_companies', state: 'completed', args: ofJob({ filter: 'fintech' }), upstream: job() },
  { tool: 'show_companies', state: 'running', before: [SUBMIT], args: {}, upstream: job(RUNNING) },
  { tool: 'show_companies', state: 'no-job-yet', args: {}, upstream: job() },
  { tool: 'view_status', state: 'completed', args: ofJob(), upstream: job() },
  { tool: 'view_rows', state: 'page', args: ofJob({ limit: 2, sort: 'name' }), upstream: job() },
  { tool: 'view_rows', state: 'one-company', args: ofJob({ row: 1 }), upstream: job() },
  {
    tool: 'view_mark',
    state: 'not-final',
    args: ofJob({ id: 'a', rows: [1], verdict: 'keep' }),
    upstream: job(RUNNING),
  },
  {
    tool: 'view_mark',
    state: 'none-that-match',
    args: ofJob({ id: 'a', all: true, search: 'nobody is called that', verdict: 'drop' }),
    upstream: job(),
  },
  { tool: 'view_mark', state: 'not-known', args: ofJob({ id: 'a', verdict: 'undo' }), upstream: job() },
  { tool: 'view_rows', state: 'running', args: ofJob({ limit: 2 }), upstream: job(RUNNING) },
  { tool: 'view_domains', state: 'some', args: ofJob({ search: 'a' }), upstream: job() },
  { tool: 'view_session', state: 'kept', args: ofJob({ session: '{}' }), upstream: job() },
  { tool: 'view_export', state: 'shown', args: ofJob({ which: 'shown' }), upstream: job() },
  { tool: 'view_cancel', state: 'accepted', args: ofJob(), upstream: job(CANCELLED) },
  {
    tool: 'import_known_companies',
    state: 'no-such-file',
    args: { list: 'crm', file: 'customers.csv' },
    upstream: job(),
  },
  {
    tool: 'mark_companies',
    state: 'no-such-row',
    args: ofJob({ marks: [{ row: 9_999, verdict: 'keep' }] }),
    upstream: job(),
  },
];
