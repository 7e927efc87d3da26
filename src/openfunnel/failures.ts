import type { z } from 'zod';
import { REPLACED } from '../lib/later.ts';
import { oneLine, quoted } from '../lib/text.ts';
import { type ErrorCode, OpenFunnelError } from './errors.ts';
import { findJobId } from './job-id.ts';
import { TransportError, type TransportFault } from './transport-error.ts';
import type { errorBody } from './wire.ts';

/** Upstream's own words about an error, cleaned and in quotes, or ''. */
export function upstreamSays(body: z.infer<typeof errorBody> | undefined): string {
  const said =
    typeof body?.detail === 'string'
      ? body.detail
      : Array.isArray(body?.detail)
        ? body.detail
            .map(({ loc, msg }) => `${loc.filter((part) => part !== 'body').join('.')}: ${msg}`)
            .join('; ')
        : (body?.message ?? '');
  const clean = oneLine(said, 300);
  return clean === '' ? '' : ` OpenFunnel said: ${quoted(clean)}.`;
}

const BY_STATUS: Readonly<Record<number, readonly [ErrorCode, retryable: boolean, message: string]>> = {
  400: [
    'invalid_input',
    false,
    'OpenFunnel rejected the request as invalid. Correct the arguments before you try again.',
  ],
  401: [
    'unauthorized',
    false,
    'OpenFunnel did not accept the API key. Ask the user to check OPENFUNNEL_API_KEY; trying again with the same key will not help.',
  ],
  402: [
    'insufficient_credits',
    false,
    'The account does not have enough credits. Ask the user to lower the limit or to top up.',
  ],
  403: [
    'forbidden',
    false,
    'This API key may not do that. Ask the user to check the account’s plan or permissions.',
  ],
  404: [
    'not_found',
    false,
    'OpenFunnel has no such job or page for this API key. Check job_id, and cursor, which may name a page that is not written yet. list_bulk_jobs lists the job_ids known here.',
  ],
  407: [
    'network',
    false,
    'A proxy on the way to OpenFunnel requires a user name and password. Ask the user to set them in HTTPS_PROXY, in the env of this server, as http://user:password@host:port.',
  ],
  408: ['timeout', true, 'OpenFunnel gave up waiting for the request.'],
  409: [
    'conflict',
    false,
    'The request conflicts with the current state of the job. Call get_bulk_status to see it.',
  ],
  422: [
    'invalid_input',
    false,
    'OpenFunnel rejected the arguments as invalid. Correct what it names before you try again.',
  ],
  425: ['upstream_unavailable', true, 'OpenFunnel is not ready for the request yet.'],
  429: ['rate_limited', true, 'OpenFunnel is limiting the rate of requests.'],
};

/**
 * The error for an answer that is no success (contract: "Errors").
 *
 * @param retryAfter Seconds, or null.
 */
export function fromAnswer(
  httpStatus: number,
  body: z.infer<typeof errorBody> | undefined,
  retryAfter: number | null,
): OpenFunnelError {
  const known =
    body?.error_code === 'CREDITS_EXCEEDED'
      ? BY_STATUS[402]
      : body?.error_code === 'RATE_LIMITED'
        ? BY_STATUS[429]
        : BY_STATUS[httpStatus];
  const [code, retryable, message] = tooLong(httpStatus, body) ?? known ?? otherStatus(httpStatus);
  const again = retryable ? ` Try again ${retryAfter ? `in ${retryAfter} s` : 'shortly'}.` : '';
  return new OpenFunnelError(code, `${message} (HTTP ${httpStatus}.)${upstreamSays(body)}${again}`, {
    quotesUpstream: upstreamSays(body) !== '',
    httpStatus,
    retryable,
    retryAfterSeconds: retryable ? retryAfter : null,
  });
}

/** The query alone is refused, for its length (contract, "submit": the twin of the endpoint takes 200 characters). */
function tooLong(
  status: number,
  body: z.infer<typeof errorBody> | undefined,
): readonly [ErrorCode, retryable: boolean, message: string] | null {
  if (status !== 422) return null;
  const about = Array.isArray(body?.detail)
    ? body.detail.filter(({ loc }) => loc.at(-1) === 'query').map(({ msg, type }) => `${type} ${msg}`)
    : [body?.detail, body?.message].filter((said) => said?.includes('query'));
  const [found] = about.flatMap((said) => TOO_LONG.exec(said ?? '') ?? []);
  if (found === undefined) return null;
  const [, most] = about.flatMap((said) => AT_MOST.exec(said ?? '') ?? []);
  return [
    'invalid_input',
    false,
    `OpenFunnel refused the query for its length${most === undefined ? '' : `: at most ${most} characters`}. Nothing was submitted and nothing is billed. Say what makes a company right in fewer words, leave countries, sizes and funding to the filters, and submit that.`,
  ];
}

const AT_MOST = /at most (\d{1,6}) characters/;
const TOO_LONG = /too[ _]long|at most \d{1,6} characters/;

function otherStatus(status: number): readonly [ErrorCode, boolean, string] {
  if (status === 501) return ['upstream_unavailable', false, 'OpenFunnel does not offer that.'];
  if (status >= 500)
    return ['upstream_unavailable', true, 'OpenFunnel is unavailable or had an internal error.'];
  if (status >= 300 && status < 400) {
    return [
      'upstream_invalid_response',
      false,
      'OpenFunnel answered with a redirect. Redirects are never followed, to protect the API key. Ask the user to check OPENFUNNEL_BASE_URL.',
    ];
  }
  return ['upstream_invalid_response', false, 'OpenFunnel answered with an unexpected status.'];
}

/** The error for a success answer whose content can't be used. */
export function invalidResponse(httpStatus: number, what: string): OpenFunnelError {
  return new OpenFunnelError(
    'upstream_invalid_response',
    `OpenFunnel's answer could not be used: ${what}. Nothing of it was used. Try again shortly.`,
    { httpStatus, retryable: true },
  );
}

const FAULTS: Readonly<
  Record<TransportFault, readonly [ErrorCode, retryable: boolean, message: string, advice?: string]>
> = {
  refused: ['network', true, 'The connection to OpenFunnel was refused or has no route.'],
  dns: ['network', true, "OpenFunnel's host name could not be resolved."],
  connect_timeout: ['network', true, 'The connection to OpenFunnel timed out.'],
  tls: ['network', false, "OpenFunnel's TLS certificate or handshake was rejected."],
  authority: [
    'network',
    false,
    "OpenFunnel's TLS certificate was signed by an authority that Node.js does not know, probably of a company that inspects TLS.",
    'Ask the user to set NODE_EXTRA_CA_CERTS, in the env of this server, to the PEM file with the certificates of their company, and to restart the client.',
  ],
  proxy: ['network', false, 'The configured proxy refused to connect to OpenFunnel.'],
  proxy_password: [
    'network',
    false,
    'The configured proxy requires a user name and password (HTTP 407).',
    'Ask the user to set or check them in HTTPS_PROXY, in the env of this server, as http://user:password@host:port with special characters percent-encoded, and to restart the client.',
  ],
  broken: ['network', true, 'The connection to OpenFunnel broke before the answer was complete.'],
  timeout: ['timeout', true, 'OpenFunnel did not answer in time.'],
  too_large: [
    'upstream_invalid_response',
    false,
    "OpenFunnel's answer was far larger than a page and was not read to its end.",
  ],
  encoding: ['upstream_invalid_response', true, "OpenFunnel's answer could not be decompressed."],
  program: ['invalid_configuration', false, REPLACED, 'Nothing was sent.'],
};

/** The error for a request that brought no answer. */
export function fromTransport(error: TransportError): OpenFunnelError {
  const [code, retryable, message, advice] = FAULTS[error.fault];
  const next = retryable
    ? 'Try again shortly.'
    : 'Ask the user to check the network, proxy and OPENFUNNEL_BASE_URL settings.';
  return new OpenFunnelError(code, `${message} ${advice ?? next}`, { retryable, cause: error });
}

/**
 * The error for a submit whose answer was lost: a job may exist, and may bill.
 *
 * @param httpStatus Null where no whole answer came.
 * @param body What came of the answer, or ''.
 * @param limit Companies asked for: the most credits it can cost.
 */
export function lostSubmit(
  httpStatus: number | null,
  body: string,
  cause: unknown,
  limit: number,
): OpenFunnelError {
  const how =
    httpStatus === null
      ? 'no usable answer came back'
      : `the answer (HTTP ${httpStatus}) did not say what became of it`;
  const taken = httpStatus !== null && httpStatus >= 200 && httpStatus < 300;
  const jobId = findJobId(body, taken);
  if (jobId !== null) {
    return new OpenFunnelError(
      'submit_outcome_unknown',
      `The submit was sent once, but ${how} in the documented form. It names ${JSON.stringify(jobId)}, most likely the ` +
        'id of the job that it started, which runs and will be billed: that id is kept in the ledger. Call ' +
        `get_bulk_status {"job_id": ${JSON.stringify(jobId)}} to see whether it is, and go on with it if so. Do NOT submit again.`,
      { httpStatus, submitted: 'unknown', jobId, cause },
    );
  }
  const words = oneLine(body, 200);
  return new OpenFunnelError(
    'submit_outcome_unknown',
    `The submit was sent once, but ${how}.${words === '' ? '' : ` It began: ${quoted(words)}.`} A job MAY exist, and if so it runs and will be billed. Do NOT submit ` +
      'again, not even with changes, until the user has looked: list_bulk_jobs keeps telling of this submit, with the ' +
      'balance before it and now; a job itself is seen in the OpenFunnel dashboard (a job_id found there can be read ' +
      `with wait_and_collect). A drop of the balance by up to ${limit} credits means that it ran. The same search ` +
      'would be caught by this server for 24 h; one with changes would NOT be, and would be billed as well. Only if the user then wants it sent again, at the risk of paying twice, call with ' +
      'allow_duplicate: true.',
    { httpStatus, submitted: 'unknown', quotesUpstream: words !== '', cause },
  );
}

/** No key is set. */
export function missingApiKey(): OpenFunnelError {
  return new OpenFunnelError(
    'missing_api_key',
    'No API key is set, so nothing was sent. Tell the user: get a key from OpenFunnel (POST {"email"} to ' +
      'https://api.openfunnel.dev/api/v1/agent/sign-up, then {"email", "otp_code"} with the code from the e-mail to ' +
      '/api/v1/agent/verify; it starts with "of_"; a lost one comes back the same way), put it into OPENFUNNEL_API_KEY in this MCP server\'s "env" block of the client\'s ' +
      'configuration, and restart the client. To try everything with made-up companies and no key, set ' +
      'OPENFUNNEL_SANDBOX=1 instead.',
  );
}

/** Answers of an API that has no such endpoint. */
const NO_ENDPOINT: ReadonlySet<number | null> = new Set([404, 405, 501]);

/** A failed look-up: what failed as it is, or that the API looks no companies up. */
export function noLookup(cause: unknown): unknown {
  if (!(cause instanceof OpenFunnelError) || !NO_ENDPOINT.has(cause.httpStatus)) return cause;
  return new OpenFunnelError(
    'not_found',
    `This OpenFunnel API has no company lookup (HTTP ${cause.httpStatus}). Ask the user for the companies' websites and use those as seed_domains.`,
    { httpStatus: cause.httpStatus, cause },
  );
}

/** What a read failed with. @throws what is no failure of OpenFunnel or the way to it. */
export function toFailure(error: unknown): OpenFunnelError {
  if (error instanceof OpenFunnelError) return error;
  if (error instanceof TransportError) return fromTransport(error);
  throw error;
}
