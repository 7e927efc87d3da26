/**
 * Seconds that a `Retry-After` header asks for: a number of seconds, or a date (RFC 9110 §10.2.3; one of ISO 8601 is
 * taken as well) that is measured by the clock of who gave it, a date in the past meaning now. Null where there is
 * none or it makes no sense (negative, not a number): then the caller's own backoff decides.
 *
 * @param sent The answer's own `Date` header.
 * @param now Milliseconds since the epoch, where that header does not tell.
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
function parseDate(text: string): number | null {
  const value = text.trim();
  // Date.parse reads "-5" as a year, so a date has to look like one.
  const iso = /^\d{4}-\d\d-\d\d[T ]/.test(value);
  if (!iso && !/^[A-Za-z]{3,9},? /.test(value)) return null;
  const zoned = iso ? /(?:Z|[+-]\d\d:?\d\d)$/i.test(value) : /(?:GMT|UTC?|Z|[+-]\d{4})$/i.test(value);
  const date = Date.parse(zoned ? value : `${value}${iso ? 'Z' : ' GMT'}`);
  return Number.isNaN(date) ? null : date;
}
