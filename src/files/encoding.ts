import { isUtf8 } from 'node:buffer';

/**
 * The encoding of a file as `TextDecoder` names it, from all its bytes; null where it is no text. One that is UTF-8 but
 * for some bytes, which are read as U+FFFD, is faulty.
 * @param start Its beginning. @param pieces All of it, from the beginning at each call.
 */
export async function encodingOf(
  start: Buffer,
  pieces: () => AsyncIterable<Buffer>,
): Promise<{ encoding: string; faulty: boolean } | null> {
  const utf16 = utf16Of(start);
  if (utf16 !== null) return { encoding: utf16, faulty: false };
  let cut: Buffer | null = Buffer.alloc(0);
  for await (const piece of pieces()) {
    if (piece.includes(0)) return null;
    const bytes: Buffer = cut.length === 0 ? piece : Buffer.concat([cut, piece]);
    // A sign may go on in the next piece.
    const ends = [0, 1, 2, 3].map((back) => bytes.length - back);
    const end = ends.find((each) => isUtf8(bytes.subarray(0, each)));
    cut = end === undefined ? null : bytes.subarray(end);
    if (cut === null) break;
  }
  if (cut?.length === 0) return { encoding: 'utf-8', faulty: false };
  const faulty = await mostlyUtf8(pieces());
  return { encoding: faulty ? 'utf-8' : 'windows-1252', faulty };
}

/** UTF-16 has a mark at its beginning, or a zero in every other byte of what is Latin. */
function utf16Of(start: Buffer): string | null {
  // Behind the same mark, UTF-32 goes on with zeros.
  if (start[0] === 0xff && start[1] === 0xfe && (start[2] || start[3])) return 'utf-16le';
  if (start[0] === 0xfe && start[1] === 0xff) return 'utf-16be';
  if (!start.includes(0)) return null;
  const even = start.filter((byte, at) => byte === 0 && at % 2 === 0).length;
  const odd = start.filter((byte) => byte === 0).length - even;
  const many = start.length / 2 / 4;
  if (odd > many && even * 10 < odd) return 'utf-16le';
  return even > many && odd * 10 < even ? 'utf-16be' : null;
}

const SIGN = /[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}/g;

/** Whether a file has more signs of UTF-8 beyond ASCII than other bytes beyond it. */
async function mostlyUtf8(pieces: AsyncIterable<Buffer>): Promise<boolean> {
  let signs = 0;
  let faults = 0;
  for await (const bytes of pieces) {
    const text = bytes.toString('latin1');
    signs += text.match(SIGN)?.length ?? 0;
    faults += text.replace(SIGN, '').match(/[\x80-\xff]/g)?.length ?? 0;
  }
  return signs > faults;
}
