import type { z } from 'zod';
import { type ErrorCode, OpenFunnelError } from '../lib/errors.ts';
import { oneLine, quoted } from '../lib/text.ts';
import { findJobId } from './job-id.ts';
import type { errorBody } from './wire.ts';

type ErrorBody = z.infer<typeof errorBody>;

/** Upstream's own words about an error, cleaned and in quotes, or ''. */
function upstreamSays(body: ErrorBody | undefined): string {
  const detail = body?.detail ?? body?.message ?? '';
  const said = Array.isArray(detail)
    ? detail.map(({ loc, msg }) => `${loc.filter((part) => part !== 'body').join('.')}: ${msg}`).join('; ')
    : detail;
  const clean = oneLine(said, 300);
  return clean === '' ? '' : ` OpenFunnel said: ${quoted(clean)}.`;
}

/** By status, or by the name that an answer gives its error. */
const CODES: ReadonlyMap<number | string, ErrorCode> = new Map<number | string, ErrorCode>([
  [400, 'invalid_input'],
  [401, 'unauthorized'],
  [402, 'insufficient_credits'],
  [403, 'forbidden'],
  [404, 'not_found'],
  [408, 'timeout'],
  [409, 'conflict'],
  [422, 'invalid_input'],
  [425, 'upstream_unavailable'],
  [429, 'rate_limited'],
  [501, 'upstream_invalid_response'],
  ['CREDITS_EXCEEDED', 'insufficient_credits'],
  ['RATE_LIMITED', 'rate_limited'],
]);

const SAYS: Readonly<Partial<Record<ErrorCode, string>>> = {
  invalid_input: 'OpenFunnel rejected the arguments as invalid. Correct what it names before you try again.',
  unauthorized:
    'OpenFunnel did not accept the API key. Ask the user to check OPENFUNNEL_API_KEY; trying again with the same key will not help.',
  insufficient_credits:
    'The account does not have enough credits. Ask the user to lower the limit or to top up.',
  forbidden: 'This API key may not do that. Ask the user to check the account’s plan or permissions.',
  not_found:
    'OpenFunnel has no such job or page for this API key. Check job_id, and cursor, which may name a page that is not written yet. list_bulk_jobs lists the job_ids known here.',
  timeout: 'OpenFunnel gave up waiting for the request.',
  conflict: 'The request conflicts with the current state of the job. Call get_bulk_status to see it.',
  rate_limited: 'OpenFunnel is limiting the rate of requests.',
  upstream_unavailable: 'OpenFunnel is unavailable or had an internal error.',
  upstream_invalid_response: 'OpenFunnel answered with an unexpected status.',
};
/** What of these is otherwise for a submit, which is about no job yet. */
const SAYS_OF_SUBMIT: typeof SAYS = {
  not_found:
    'OpenFunnel refused the submit: it has nothing at the address that submits go to. Nothing was submitted and nothing is billed. Ask the user to check OPENFUNNEL_BASE_URL. If it is right, the same submit can be sent again a little later.',
  conflict:
    'OpenFunnel refused the submit: it conflicts with something in the account. Nothing was submitted and nothing is billed. Call list_bulk_jobs to see what runs, and ask the user before you submit again.',
};
const REDIRECTED =
  'OpenFunnel answered with a redirect. Redirects are never followed, to protect the API key. Ask the user to check OPENFUNNEL_BASE_URL.';

const RETRYABLE: ReadonlySet<ErrorCode> = new Set(['timeout', 'rate_limited', 'upstream_unavailable']);

/** The error for an answer that is no success (contract: "Errors"); `retryAfter` in seconds; `submit`: to a submit. */
export function fromAnswer(
  httpStatus: number,
  body: ErrorBody | undefined,
  retryAfter: number | null,
  submit = false,
): OpenFunnelError {
  const usual = httpStatus >= 500 ? 'upstream_unavailable' : 'upstream_invalid_response';
  const code = CODES.get(body?.error_code ?? '') ?? CODES.get(httpStatus) ?? usual;
  const redirected = httpStatus >= 300 && httpStatus < 400;
  const says =
    tooLong(httpStatus, body) ?? (redirected ? REDIRECTED : (submit && SAYS_OF_SUBMIT[code]) || SAYS[code]);
  const retryable = RETRYABLE.has(code);
  const again = retryable ? ` Try again ${retryAfter ? `in ${retryAfter} s` : 'shortly'}.` : '';
  const said = upstreamSays(body);
  const message = `${says} (HTTP ${httpStatus}.)${said}${again}`;
  return new OpenFunnelError(code, message, {
    quotesUpstream: said !== '',
    httpStatus,
    retryable,
    retryAfterSeconds: retryable ? retryAfter : null,
  });
}

/** The query alone is refused, for its length (contract, "submit": the twin of the endpoint takes 200 characters). */
function tooLong(status: number, body: ErrorBody | undefined): string | null {
  const { detail, message } = body ?? {};
  const about = Array.isArray(detail)
    ? detail.filter(({ loc }) => loc.at(-1) === 'query').map(({ msg, type }) => `${type} ${msg}`)
    : [detail, message].filter((said) => said?.includes('query'));
  const [, most] = /at most (\d{1,6}) characters/.exec(about.join(' ')) ?? [];
  if (status !== 422 || !(most || /too[ _]long/.test(about.join(' ')))) return null;
  return `OpenFunnel refused the query for its length${most === undefined ? '' : `: at most ${most} characters`}. Nothing was submitted and nothing is billed. Say what makes a company right in fewer words, leave countries, sizes and funding to the filters, and submit that.`;
}

/** The error for a success answer whose content can't be used. */
export function invalidResponse(httpStatus: number, what: string): OpenFunnelError {
  return new OpenFunnelError(
    'upstream_invalid_response',
    `OpenFunnel's answer could not be used: ${what}. Nothing of it was used. Try again shortly.`,
    { httpStatus, retryable: true },
  );
}

/** For a submit whose answer was lost (`httpStatus` null: none came): a job may exist, and bill up to `limit` credits. */
export function lostSubmit(httpStatus: number | null, body: string, limit: number): OpenFunnelError {
  const answer = `the answer (HTTP ${httpStatus}) did not say what became of it`;
  const how = httpStatus === null ? 'no usable answer came back' : answer;
  const taken = httpStatus !== null && httpStatus >= 200 && httpStatus < 300;
  const facts = { httpStatus, submitted: 'unknown' } as const;
  const jobId = findJobId(body, taken);
  if (jobId !== null) {
    const id = JSON.stringify(jobId);
    return new OpenFunnelError(
      'submit_outcome_unknown',
      `The submit was sent once, but ${how} in the documented form. It names ${id}, most likely the id of the job that it started, which runs and will be billed: that id is kept in the ledger. Call get_bulk_status {"job_id": ${id}} to see whether it is, and go on with it if so. Do NOT submit again.`,
      { ...facts, jobId },
    );
  }
  const words = oneLine(body, 200);
  return new OpenFunnelError(
    'submit_outcome_unknown',
    `The submit was sent once, but ${how}.${words === '' ? '' : ` It began: ${quoted(words)}.`} A job MAY exist, and if so it runs and will be billed. Do NOT submit again, not even with changes, until the user has looked: list_bulk_jobs keeps telling of this submit, with the balance before it and now; a job itself is seen in the OpenFunnel dashboard (a job_id found there can be read with wait_and_collect). A drop of the balance by up to ${limit} credits means that it ran. The same search would be caught by this server for 24 h; one with changes would NOT be, and would be billed as well. Only if the user then wants it sent again, at the risk of paying twice, call with allow_duplicate: true.`,
    { ...facts, quotesUpstream: words !== '' },
  );
}

export function missingApiKey(): OpenFunnelError {
  return new OpenFunnelError(
    'missing_api_key',
    'No API key is set, so nothing was sent. Tell the user: get a key from OpenFunnel (POST {"email"} to https://api.openfunnel.dev/api/v1/agent/sign-up, then {"email", "otp_code"} with the code from the e-mail to /api/v1/agent/verify; it starts with "of_"; a lost one comes back the same way), put it into OPENFUNNEL_API_KEY in this MCP server\'s "env" block of the client\'s configuration, and restart the client. To try everything with made-up companies and no key, set OPENFUNNEL_SANDBOX=1 instead.',
  );
}

const NO_ENDPOINT: ReadonlySet<number | null> = new Set([404, 405, 501]);

/** A failed look-up: what failed as it is, or that the API looks no companies up. */
export function noLookup(error: unknown): unknown {
  if (!(error instanceof OpenFunnelError) || !NO_ENDPOINT.has(error.httpStatus)) return error;
  const { httpStatus } = error;
  return new OpenFunnelError(
    'not_found',
    `This OpenFunnel API has no company lookup (HTTP ${httpStatus}). Ask the user for the companies' websites and use those as seed_domains.`,
    { httpStatus },
  );
}
