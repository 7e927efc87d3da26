/** A record of a log, or a line of which something can't be read. */
export type LogEntry<T> = { record: T } | { damagedLine: number };

const NEWLINE = 10;
const [QUOTE, BACKSLASH, OPEN, CLOSE] = [0x22, 0x5c, 0x7b, 0x7d];

/**
 * The records in a piece of a log, in their order. Of a damaged line all whole records are taken that stand at its
 * begin or behind zeros: what was flushed is not lost to what a power cut left behind it.
 *
 * @param bytes From the end of what was taken before to the end of the file.
 * @param before How many line breaks were taken before.
 * @returns The entries, and how many bytes and line breaks are settled. A last line that may still be being
 * written is not.
 */
export function readLines<T>(
  bytes: Buffer,
  before: number,
  parse: (value: unknown) => T | undefined,
): { entries: Array<LogEntry<T>>; taken: number; line: number } {
  const entries: Array<LogEntry<T>> = [];
  let line = before;
  let start = 0;
  for (let end = bytes.indexOf(NEWLINE); end !== -1; end = bytes.indexOf(NEWLINE, start)) {
    line += 1;
    const { records, whole } = recordsIn(bytes.subarray(start, end), parse);
    for (const record of records) entries.push({ record });
    if (!whole) entries.push({ damagedLine: line });
    start = end + 1;
  }
  const last = bytes.subarray(start);
  const { records, whole } = recordsIn(last, parse);
  // Without a line break behind it, what only begins is still being written, or torn: the next reading tells.
  if (records.length > 0 || !(whole || isBeginning(last))) {
    for (const record of records) entries.push({ record });
    if (!whole) entries.push({ damagedLine: line + 1 });
    start = bytes.length;
  }
  return { entries, taken: start, line };
}

/** The records of one line, and whether that is all that it holds. Takes time in proportion to its length. */
function recordsIn<T>(
  line: Buffer,
  parse: (value: unknown) => T | undefined,
): { records: T[]; whole: boolean } {
  const text = line.toString('utf8');
  if (text.trim() === '') return { records: [], whole: true };
  const all = toRecord(text, parse);
  if (all !== undefined) return { records: [all], whole: true };
  const records: T[] = [];
  for (let start = 0; start < line.length; ) {
    const zero = line.indexOf(0, start);
    const end = zero === -1 ? line.length : zero;
    const piece = line.subarray(start, end);
    const record = toRecord(piece.toString('utf8', 0, objectEnd(piece) ?? piece.length), parse);
    if (record !== undefined) records.push(record);
    start = end + 1;
  }
  return { records, whole: false };
}

/** Whether this can be the beginning of a record. */
function isBeginning(line: Buffer): boolean {
  return line[0] === OPEN && !line.includes(0) && objectEnd(line) === null;
}

/** Where the JSON object ends that a piece begins with; null where it does not end. */
function objectEnd(piece: Buffer): number | null {
  let depth = 0;
  let quoted = false;
  for (let at = 0; at < piece.length; at += 1) {
    const byte = piece[at];
    if (quoted) {
      if (byte === BACKSLASH) at += 1;
      else if (byte === QUOTE) quoted = false;
    } else if (byte === QUOTE) quoted = true;
    else if (byte === OPEN) depth += 1;
    else if (byte === CLOSE) {
      depth -= 1;
      if (depth === 0) return at + 1;
    }
  }
  return null;
}

function toRecord<T>(text: string, parse: (value: unknown) => T | undefined): T | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? parse(value) : undefined;
  } catch {
    return undefined;
  }
}
