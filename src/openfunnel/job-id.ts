/** An id in one form: upstream's are UUIDs, which are the same in capitals; any other stays as it is. */
export function normalJobId(id: string): string {
  return /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i.test(id) ? id.toLowerCase() : id;
}

/** Every id of a job; nothing else is put into a URL, a file name or a sentence as one. */
export const JOB_ID = /^[A-Za-z0-9_-]{1,200}$/;
const UUID = /\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/gi;
/** In text that is no JSON: cut short, wrapped in something, or several values in a row. */
const NAMED = /["']?\bjob[_-]?id["']?\s*[:=]\s*["']?([A-Za-z0-9_-]{1,200})(?=["'\s,;}<])/i;
/** A complete string: of one that was cut short the rest of the id is missing. */
const NAMED_STRING = /["']job[_-]?id["']\s*:\s*["']([A-Za-z0-9_-]{1,200})["']/i;
/** Fields that hold the id of a job, the surest first; compared in lower case without "_" and "-". */
const SURE_FIELDS = ['jobid', 'bulkjobid', 'jobuuid'];
const FIELDS = ['id', 'uuid', 'job', 'searchid', 'bulkid', 'taskid'];
const MAX_DEPTH = 4;

/**
 * The id of a job in an answer that has not the documented form: under another name, deeper down, in text that
 * is no JSON or was cut short. Null where none can be read, or more than one.
 *
 * @param guess Whether an `id`, or the only UUID, may be it too: not in what may be about something else.
 */
export function findJobId(body: string, guess: boolean): string | null {
  const text = body.replace(/^\ufeff/, '');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    const named = (NAMED_STRING.exec(text) ?? NAMED.exec(text))?.[1];
    return named ?? (guess ? onlyUuid(text) : null);
  }
  for (const field of guess ? [...SURE_FIELDS, ...FIELDS] : SURE_FIELDS) {
    const found = inField(value, field, 0);
    if (found !== null) return found;
  }
  return guess && typeof value === 'string' ? onlyUuid(value) : null;
}

function inField(value: unknown, field: string, depth: number): string | null {
  if (typeof value !== 'object' || value === null || depth > MAX_DEPTH) return null;
  const entries = Object.entries(value);
  if (!Array.isArray(value)) {
    for (const [key, inner] of entries) {
      if (key.toLowerCase().replace(/[_-]/g, '') !== field) continue;
      const id = typeof inner === 'number' ? String(inner) : typeof inner === 'string' ? inner.trim() : '';
      if (JOB_ID.test(id)) return id;
    }
  } else if (value.length > 1) return null;
  for (const [, inner] of entries) {
    const found = inField(inner, field, depth + 1);
    if (found !== null) return found;
  }
  return null;
}

function onlyUuid(text: string): string | null {
  const found = new Set(text.match(UUID)?.map((each) => each.toLowerCase()));
  return found.size === 1 ? ([...found][0] ?? null) : null;
}
