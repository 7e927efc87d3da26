/**
 * Seconds that a `Retry-After` header asks for: a number of seconds or an HTTP date (RFC 9110 §10.2.3), a
 * date in the past meaning now. Null where there is none or it makes no sense (negative, not a number):
 * then the caller's own backoff decides.
 *
 * @param now Milliseconds since the epoch.
 */
export function parseRetryAfter(header: string | undefined, now: number): number | null {
  if (header === undefined) return null;
  const value = header.trim();
  if (/^\d+(\.\d+)?$/.test(value)) return Number(value);
  // Date.parse reads "-5" as a year, so a date has to look like one.
  if (!/^[A-Za-z]{3,9},? /.test(value)) return null;
  const date = Date.parse(value);
  return Number.isNaN(date) ? null : Math.max(0, Math.ceil((date - now) / 1000));
}
