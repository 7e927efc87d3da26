import type { Random } from '../lib/clock.ts';
import type { ErrorCode, OpenFunnelError } from '../lib/errors.ts';

// The retry decision. A POST is never sent again, and a failure that is not `retryable` (a TLS certificate, a redirect)
// is not retried whatever its kind.

/** Failures of an exchange: they may pass, and those of a page tell nothing about the others. */
const OF_EXCHANGE: readonly ErrorCode[] = ['network', 'timeout', 'upstream_unavailable'];

/** A GET is tried again for so long from its first attempt on, and so often. Milliseconds. */
export const RETRY_MS = 20_000;
const GET_ATTEMPTS = 8;
/** Less time than this is left to no retry: it would only turn the failure that is known into a timeout. Milliseconds. */
export const SHORTEST_ATTEMPT_MS = 1_000;

const BACKOFF_MS = 250;
const MAX_BACKOFF_MS = 4_000;

/** Milliseconds to wait after the `attempt`th failure (from 1): exponential, capped, full jitter. */
export function backoffMs(attempt: number, random: Random): number {
  return Math.round(random() * Math.min(MAX_BACKOFF_MS, BACKOFF_MS * 2 ** (attempt - 1)));
}

/** How long upstream asks to wait after a failure. Milliseconds, or null where it does not say. */
export function askedMs({ retryAfterSeconds }: OpenFunnelError): number | null {
  return retryAfterSeconds === null ? null : retryAfterSeconds * 1000;
}

/**
 * Milliseconds until a GET is sent again that failed `attempt` times, or null where it is not. `leftMs`: until the
 * call's deadline or the end of `RETRY_MS`. `pausedMs`: nothing is sent at all so long.
 */
export function retryInMs(
  failure: OpenFunnelError,
  facts: { attempt: number; leftMs: number; pausedMs: number; random: Random },
): number | null {
  const { attempt, leftMs, pausedMs, random } = facts;
  if (!mayPass(failure) || attempt >= GET_ATTEMPTS) return null;
  const wait = Math.max(askedMs(failure) ?? backoffMs(attempt, random), pausedMs);
  return wait + SHORTEST_ATTEMPT_MS > leftMs ? null : wait;
}

/** Whether a failure may pass while a wait goes on, and upstream asks for no longer than is left. */
export function worthWaiting(failure: OpenFunnelError, leftMs: number): boolean {
  return mayPass(failure) && (askedMs(failure) ?? 0) <= leftMs;
}

/** Whether a failure of one page says nothing about the others. */
export function concernsOnePage({ code }: OpenFunnelError): boolean {
  return code === 'not_found' || OF_EXCHANGE.includes(code);
}

/** Whether a page that failed when it was read ahead is read again when it is wanted, the others staying under way. */
export function passing({ retryable, code }: OpenFunnelError): boolean {
  return retryable && (code === 'rate_limited' || OF_EXCHANGE.includes(code));
}

/** Whether a GET is sent again within `RETRY_MS`, and a wait goes on. */
function mayPass(failure: OpenFunnelError): boolean {
  return passing(failure) || (failure.retryable && failure.code === 'upstream_invalid_response');
}

/**
 * Seconds that a `Retry-After` header asks for: a number, or a date (RFC 9110 §10.2.3, or ISO 8601), measured by the
 * answer's own `Date` header, else by `now` (ms); a past date means now. Null where there is none or it makes no sense.
 */
export function parseRetryAfter(
  header: string | undefined,
  sent: string | undefined,
  now: number,
): number | null {
  if (header === undefined) return null;
  const value = header.trim();
  if (/^\d+(\.\d+)?$/.test(value)) return Number(value);
  const until = parseDate(value);
  return until === null ? null : Math.max(0, Math.ceil((until - (parseDate(sent ?? '') ?? now)) / 1000));
}

/** Milliseconds since the epoch, or null. A date without a time zone is one of UTC. */
export function parseDate(text: string): number | null {
  const value = text.trim();
  // Date.parse reads "-5" as a year, so a date has to look like one.
  if (!/^(?:\d{4}-\d\d-\d\d[T ]|[A-Za-z]{3,9},? )/.test(value)) return null;
  const date = Date.parse(/(?:GMT|UTC?|Z|[+-]\d\d:?\d\d)$/i.test(value) ? value : `${value}Z`);
  return Number.isNaN(date) ? null : date;
}
