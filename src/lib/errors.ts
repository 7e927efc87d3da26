/** Every way a tool can fail, as the model reads it in `structuredContent.error.code`. */
export const ERROR_CODES = [
  'missing_api_key',
  'invalid_configuration',
  'invalid_input',
  'unauthorized',
  'insufficient_credits',
  'forbidden',
  'not_found',
  'conflict',
  'rate_limited',
  'upstream_unavailable',
  'upstream_invalid_response',
  'network',
  'timeout',
  'submit_outcome_unknown',
  'job_failed',
  'seeds_not_found',
] as const;

export type ErrorCode = (typeof ERROR_CODES)[number];

/**
 * A failure with a code that the model can act on; one boundary (`tools/parts/boundary.ts`) turns it into a result. Messages
 * are ours: upstream's own words come only cleaned and quoted.
 */
export class OpenFunnelError extends Error {
  override readonly name = 'OpenFunnelError';
  readonly code: ErrorCode;
  readonly httpStatus: number | null = null;
  /** Whether the same call may succeed later. */
  readonly retryable: boolean = false;
  /** Seconds that upstream asked us to wait, or null when it did not say. */
  readonly retryAfterSeconds: number | null = null;
  /** Whether a bulk job was submitted: `unknown` only where a submit's answer was lost. */
  readonly submitted: 'no' | 'unknown' = 'no';
  /** Id of a job that the submit may have started, where one could be read out of its answer. */
  readonly jobId: string | null = null;
  readonly quotesUpstream: boolean = false;

  constructor(code: ErrorCode, message: string, { cause, ...facts }: FailureFacts = {}) {
    super(message, { cause });
    this.code = code;
    Object.assign(this, facts);
  }
}

export type FailureFacts = Partial<Omit<OpenFunnelError, 'name' | 'message' | 'code' | 'stack'>>;

/** What a caller gets whose time is up before OpenFunnel has answered. */
export const LATE = new OpenFunnelError(
  'timeout',
  'OpenFunnel did not answer within the time of this call. It can be tried again.',
  { retryable: true },
);

/** What `work` gives, or what it failed with in words for the caller. @throws what else it fails with, and the signal's reason. */
export async function orFailure<T>(work: Promise<T>, signal: AbortSignal): Promise<T | OpenFunnelError> {
  return work.catch((error: unknown) => {
    signal.throwIfAborted();
    if (!(error instanceof OpenFunnelError)) throw error;
    return error;
  });
}
