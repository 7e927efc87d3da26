import type { Row } from '../openfunnel/wire.ts';

// The file of a kept job: one line of JSON with what is known of the job; then two blocks for each page, the
// fields that most questions are about and, apart from them, everything else, so that a question about countries
// does not read a hundred kilobytes of descriptions; then an index of the blocks, with a checksum for each; then
// one short line of fixed length that says where the index is. A file without that line was never finished.

/** The fields of the first block of each page, in its order. */
export const NEAR_FIELDS = [
  'name',
  'domain',
  'headquarters',
  'hq_country',
  'hq_city',
  'employee_count',
  'funding_stage',
  'revenue_usd',
  'linkedin_url',
  'linkedin_follower_count',
  'industries',
] as const;

// Loaded at the first call, and not at every start.
const crc32 = (bytes: Buffer): number => process.getBuiltinModule('node:zlib').crc32(bytes);

const NEAR_AT: ReadonlyMap<string, number> = new Map(NEAR_FIELDS.map((field, index) => [field, index]));

/** A row's part in the first block: the number of its shape, then the values of `NEAR_FIELDS`. */
export type NearRow = [shape: number, ...values: unknown[]];
/** A row's part in the second block: the values of its shape's other fields. */
export type FarRow = unknown[];

/** Where a block is: offset, bytes, checksum (CRC-32). */
export type Block = [offset: number, bytes: number, checksum: number];

/** What is known of a kept job beside its rows. */
export interface KeptHeader {
  kept_rows: 1;
  job_id: string;
  /** ISO 8601, UTC; so is `submitted_at`. */
  kept_at: string;
  status: string;
  manifest: Record<string, unknown> | null;
  error_message: string | null;
  processed: number | null;
  progress_message: string | null;
  submitted_at: string | null;
  label: string | null;
  /** The search as it was sent. */
  request: Record<string, unknown> | null;
}

export interface KeptIndex {
  rows: number;
  header_bytes: number;
  header_crc: number;
  /** The distinct lists of field names that rows have. */
  shapes: string[][];
  pages: Array<{ name: string; rows: number; near: Block; far: Block }>;
}

// Their checksums say that both are as `KeptEncoder` wrote them; what is left to tell is which version did.
function isHeader(value: unknown): value is KeptHeader {
  return isObject(value) && value.kept_rows === 1 && typeof value.job_id === 'string' && 'request' in value;
}

function isIndex(value: unknown): value is KeptIndex {
  return (
    isObject(value) &&
    Array.isArray(value.shapes) &&
    Array.isArray(value.pages) &&
    typeof value.rows === 'number' &&
    typeof value.header_bytes === 'number' &&
    typeof value.header_crc === 'number'
  );
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

/** Bytes of the last line: `kept-rows`, offset and length of the index, its checksum. */
export const END_BYTES = 48;

function endLine(offset: number, bytes: number, checksum: number): string {
  const line = `kept-rows ${offset.toString(36)} ${bytes.toString(36)} ${checksum.toString(36)}`;
  return `${line.padEnd(END_BYTES - 1)}\n`;
}

/** A file whose bytes are not those that were written. */
export class DamagedFileError extends Error {
  override readonly name = 'DamagedFileError';
}

/** Makes a kept file's bytes, part by part, in the order in which they are to be written. */
export class KeptEncoder {
  readonly #index: KeptIndex;
  readonly #shapes = new Map<string, number>();
  readonly #first: Buffer;
  #offset: number;

  constructor(facts: KeptHeader) {
    this.#first = Buffer.from(`${JSON.stringify(facts)}\n`);
    this.#offset = this.#first.length;
    this.#index = {
      rows: 0,
      header_bytes: this.#first.length,
      header_crc: crc32(this.#first),
      shapes: [],
      pages: [],
    };
  }

  get rows(): number {
    return this.#index.rows;
  }

  /** The bytes that come before any page. */
  begin(): Buffer {
    return this.#first;
  }

  /** The bytes of a page. Rows have to be cleaned already. */
  page(name: string, rows: readonly Row[]): Buffer {
    const near: NearRow[] = [];
    const far: FarRow[] = [];
    for (const row of rows) {
      const keys = Object.keys(row);
      const nearRow: NearRow = [this.#shape(keys)];
      for (const field of NEAR_FIELDS) nearRow.push(row[field] ?? null);
      near.push(nearRow);
      far.push(keys.filter((key) => !NEAR_AT.has(key)).map((key) => row[key]));
    }
    const nearBytes = Buffer.from(`${JSON.stringify(near)}\n`);
    const farBytes = Buffer.from(`${JSON.stringify(far)}\n`);
    this.#index.pages.push({
      name,
      rows: rows.length,
      near: this.#place(nearBytes),
      far: this.#place(farBytes),
    });
    this.#index.rows += rows.length;
    return Buffer.concat([nearBytes, farBytes]);
  }

  /** The bytes that come last. */
  end(): Buffer {
    const bytes = Buffer.from(`${JSON.stringify(this.#index)}\n`);
    const [offset, length, checksum] = this.#place(bytes);
    return Buffer.concat([bytes, Buffer.from(endLine(offset, length, checksum))]);
  }

  #place(bytes: Buffer): Block {
    const placed: Block = [this.#offset, bytes.length, crc32(bytes)];
    this.#offset += bytes.length;
    return placed;
  }

  #shape(keys: readonly string[]): number {
    const name = JSON.stringify(keys);
    const known = this.#shapes.get(name);
    if (known !== undefined) return known;
    this.#shapes.set(name, this.#index.shapes.length);
    return this.#index.shapes.push([...keys]) - 1;
  }
}

/** Reads `length` bytes from `offset` on; fewer where the file ends before. */
export type ReadBytes = (offset: number, length: number) => Buffer | Promise<Buffer>;

/**
 * Reads what a kept file says of itself: its header and its index, both checked.
 *
 * @param size Bytes of the file.
 * @throws {DamagedFileError}
 */
export async function readKeptFacts(
  read: ReadBytes,
  size: number,
): Promise<{ header: KeptHeader; index: KeptIndex }> {
  if (size <= END_BYTES) throw new DamagedFileError('it is too short');
  const end = (await read(size - END_BYTES, END_BYTES)).toString('latin1').trimEnd().split(' ');
  const [mark, offset = 0, bytes = 0, checksum = 0] = end.map((part, at) =>
    at === 0 ? part : Number.parseInt(part, 36),
  );
  if (mark !== 'kept-rows' || Number(offset) + Number(bytes) + END_BYTES !== size)
    throw new DamagedFileError('its end is missing');
  const indexBytes = await checked(read, [Number(offset), Number(bytes), Number(checksum)]);
  const index = parse(indexBytes);
  if (!isIndex(index)) throw new DamagedFileError('its index is not readable');
  const header = parse(await checked(read, [0, index.header_bytes, index.header_crc]));
  if (!isHeader(header)) throw new DamagedFileError('its first line is not readable');
  return { header, index };
}

/** Holds every block of rows against its checksum. @throws {DamagedFileError} */
export async function checkBlocks(read: ReadBytes, { pages }: KeptIndex): Promise<void> {
  for (const { near, far } of pages) {
    await checked(read, near);
    await checked(read, far);
  }
}

/** A page's first block. @throws {DamagedFileError} */
export async function readNear(read: ReadBytes, page: KeptIndex['pages'][number]): Promise<NearRow[]> {
  return rowsOf(await checked(read, page.near), page.rows);
}

/** A page's second block. @throws {DamagedFileError} */
export async function readFar(read: ReadBytes, page: KeptIndex['pages'][number]): Promise<FarRow[]> {
  return rowsOf(await checked(read, page.far), page.rows);
}

/** The row that was kept, with its fields in their order. */
export function joinRow(near: NearRow, far: FarRow, shapes: KeptIndex['shapes']): Row {
  const row: Record<string, unknown> = {};
  let next = 0;
  for (const key of shapes[near[0]] ?? []) {
    const at = NEAR_AT.get(key);
    row[key] = at === undefined ? far[next++] : near[at + 1];
  }
  return row;
}

/** The fields of the second block of a row of that shape. */
export function farFields(shape: readonly string[]): string[] {
  return shape.filter((key) => !NEAR_AT.has(key));
}

async function checked(read: ReadBytes, [offset, length, checksum]: Block): Promise<Buffer> {
  const bytes = await read(offset, length);
  if (bytes.length !== length || crc32(bytes) !== checksum)
    throw new DamagedFileError('its checksums do not fit its bytes');
  return bytes;
}

function rowsOf<T>(bytes: Buffer, count: number): T[] {
  const rows = parse(bytes);
  if (!Array.isArray(rows) || rows.length !== count)
    throw new DamagedFileError('a page has another number of rows than its index says');
  // Their checksum says that they are as `KeptEncoder` wrote them.
  return rows as T[];
}

function parse(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return undefined;
  }
}
