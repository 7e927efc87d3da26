import { jsonIn } from '../lib/json.ts';

/** An id in one form: upstream's are UUIDs, which are the same in capitals; any other stays as it is. */
export function normalJobId(id: string): string {
  return /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i.test(id) ? id.toLowerCase() : id;
}

/** Every id of a job; nothing else is put into a URL, a file name or a sentence as one. */
export const JOB_ID = /^[A-Za-z0-9_-]{1,200}$/;
const UUID = /\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/gi;
/** In text that is no JSON: cut short, wrapped in something, or several values in a row. */
const NAMED = /["']?\bjob[_-]?id["']?\s*[:=]\s*["']?([A-Za-z0-9_-]{1,200})(?=["'\s,;}<])/i;
/** Fields that hold the id of a job, the surest first; compared in lower case without "_" and "-". */
const SURE_FIELDS = ['jobid', 'bulkjobid', 'jobuuid'];
const FIELDS = ['id', 'uuid', 'job', 'searchid', 'bulkid', 'taskid'];
const MAX_DEPTH = 4;

/**
 * The id of a job in an answer that has not the documented form: under another name, deeper down, in text that is no
 * JSON or was cut short. Null where none can be read, or several. `guess`: an `id`, or the only UUID, may be it too.
 */
export function findJobId(body: string, guess: boolean): string | null {
  const text = body.replace(/^\ufeff/, '');
  const value = jsonIn(text);
  if (value === undefined) {
    return NAMED.exec(text)?.[1] ?? (guess ? onlyUuid(text) : null);
  }
  const found = [...namedIn(value, 0)];
  for (const field of guess ? [...SURE_FIELDS, ...FIELDS] : SURE_FIELDS) {
    const named = found.find(({ name }) => name === field);
    if (named) return named.id;
  }
  return guess && typeof value === 'string' ? onlyUuid(value) : null;
}

/** What can be an id, with its field's name, those of an object before what lies deeper; nothing of lists of several. */
function* namedIn(value: unknown, depth: number): Generator<{ name: string; id: string }> {
  if (typeof value !== 'object' || value === null || depth > MAX_DEPTH) return;
  if (Array.isArray(value) && value.length > 1) return;
  for (const [key, inner] of Array.isArray(value) ? [] : Object.entries(value)) {
    const id = typeof inner === 'number' ? String(inner) : typeof inner === 'string' ? inner.trim() : '';
    if (JOB_ID.test(id)) yield { name: key.toLowerCase().replace(/[_-]/g, ''), id: normalJobId(id) };
  }
  for (const inner of Object.values(value)) yield* namedIn(inner, depth + 1);
}

function onlyUuid(text: string): string | null {
  const found = new Set(text.match(UUID)?.map((each) => each.toLowerCase()));
  return found.size === 1 ? ([...found][0] ?? null) : null;
}
