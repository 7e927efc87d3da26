import { crc32 } from 'node:zlib';
import type { Database } from 'sql.js';
import type { About } from './messages.ts';

// The file of a collected list is an ordinary SQLite file that says by itself what it is:
//   about          one row: the job, its search, dates, status, manifest, and whether it is whole
//   pages          upstream's pages, in order
//   upstream_rows  each row as upstream sent it; fields that have no column are JSON in `extra`
//   derived        what `companyOf` made of it; made anew from upstream_rows by other rules
//   companies      a view over both, with the columns that questions see; jobs, the same over about

/** Version of what `derived` is made by: to be raised with each change of the rules or of the file's form. */
export const RULES = 6;
/** "OFLL" in the file's header, where SQLite keeps the id of the program that a file belongs to. */
export const APPLICATION_ID = 0x4f_46_4c_4c;
/** Where SQLite's header has a number of the program's own, `user_version`: here the file's checksum. */
const CHECKSUM_AT = 60;
const APPLICATION_AT = 68;

/** SQLite's header. Bytes. */
const HEAD = 100;

export class DamagedImage extends Error {
  override readonly name = 'DamagedImage';
}

/** The image with its checksum in its header, which is put in its place. */
export function sealed(image: Uint8Array): Uint8Array<ArrayBuffer> {
  const bytes =
    image.buffer instanceof ArrayBuffer ? (image as Uint8Array<ArrayBuffer>) : new Uint8Array(image);
  const view = new DataView(bytes.buffer);
  view.setUint32(CHECKSUM_AT, 0);
  view.setUint32(CHECKSUM_AT, crc32(bytes));
  return bytes;
}

/**
 * Holds an image against the checksum in its header.
 *
 * @throws {DamagedImage} with what is wrong, in words.
 */
export function checkImage(bytes: Uint8Array): void {
  if (bytes.length < HEAD || bytes.length % 512 !== 0) throw new DamagedImage('its end is missing');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint32(APPLICATION_AT) !== APPLICATION_ID)
    throw new DamagedImage('it is no list of this server');
  const said = view.getUint32(CHECKSUM_AT);
  // A copy: what `slice` gives of a Buffer is the Buffer's own bytes, and may lie anywhere in a pool of many.
  const head = new Uint8Array(bytes.subarray(0, HEAD));
  new DataView(head.buffer).setUint32(CHECKSUM_AT, 0);
  if (crc32(bytes.subarray(HEAD), crc32(head)) !== said)
    throw new DamagedImage('its checksum does not fit its bytes');
}

/** What a list says of itself that its table `about` has as it is. */
const PLAIN =
  'job_id label submitted_at status processed progress_message error_message companies why kept_at'.split(
    ' ',
  );

/** What an open image says of itself, and by which rules it was made. @throws {DamagedImage} */
export function readAbout(db: Database): { about: About; rules: number } {
  try {
    const [told] = rowsOf(db, 'SELECT * FROM about');
    if (!told) throw new DamagedImage('it does not say what it is');
    const json = (value: unknown): unknown => JSON.parse(typeof value === 'string' ? value : 'null');
    const about: Record<string, unknown> = {
      ...Object.fromEntries(PLAIN.map((name) => [name, told[name]])),
      request: json(told.request),
      manifest: json(told.manifest),
      whole: told.whole === 1,
      doubts: json(told.doubts) ?? [],
      addressing_assistant: json(told.addressing_assistant) ?? { count: 0, rows: [] },
      pages: rowsOf(db, 'SELECT name, first_row, rows FROM pages ORDER BY number'),
    };
    return { about: about as About & typeof about, rules: Number(told.rules) };
  } catch (error) {
    throw error instanceof DamagedImage ? error : new DamagedImage('it can not be read as a list');
  }
}

/** All rows of a statement of ours, by the names of its columns. */
export function rowsOf(db: Database, sql: string): Array<Record<string, unknown>> {
  const [{ columns, values } = { columns: [], values: [] }] = db.exec(sql);
  return values.map((row) => Object.fromEntries(columns.map((name, at) => [name, row[at]])));
}
