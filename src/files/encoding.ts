import { isUtf8 } from 'node:buffer';

interface Encoding {
  /** As `TextDecoder` names it. */
  encoding: string;
  /** Whether it is UTF-8 but for some bytes, which are read as U+FFFD. */
  faulty: boolean;
}

/**
 * The encoding of a file, from all its bytes; null where it is no text.
 *
 * @param start Its beginning. @param pieces All of it, from the beginning at each call.
 */
export async function encodingOf(
  start: Buffer,
  pieces: () => AsyncIterable<Buffer>,
): Promise<Encoding | null> {
  const utf16 = utf16Of(start);
  if (utf16 !== null) return { encoding: utf16, faulty: false };
  let valid = true;
  let cut: Buffer = Buffer.alloc(0);
  for await (const piece of pieces()) {
    if (piece.includes(0)) return null;
    const bytes = cut.length === 0 ? piece : Buffer.concat([cut, piece]);
    const end = wholeEnd(bytes);
    valid &&= isUtf8(bytes.subarray(0, end));
    if (!valid) break;
    cut = bytes.subarray(end);
  }
  if (valid && cut.length === 0) return { encoding: 'utf-8', faulty: false };
  const faulty = await mostlyUtf8(pieces());
  return { encoding: faulty ? 'utf-8' : 'windows-1252', faulty };
}

/** UTF-16 has a mark at its beginning, or a zero in every other byte of what is Latin. */
function utf16Of(start: Buffer): string | null {
  if (start[0] === 0xff && start[1] === 0xfe) return 'utf-16le';
  if (start[0] === 0xfe && start[1] === 0xff) return 'utf-16be';
  if (!start.includes(0)) return null;
  const nulls = [0, 0];
  for (const [at, byte] of start.entries()) if (byte === 0) nulls[at % 2] = (nulls[at % 2] ?? 0) + 1;
  const [even = 0, odd = 0] = nulls;
  const many = start.length / 2 / 4;
  if (odd > many && even * 10 < odd) return 'utf-16le';
  return even > many && odd * 10 < even ? 'utf-16be' : null;
}

/** Where the last whole sign of UTF-8 ends. */
function wholeEnd(bytes: Buffer): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back += 1) {
    const byte = bytes[bytes.length - back] ?? 0;
    if (byte < 0x80) return bytes.length;
    if (byte >= 0xc0) return bytes.length - back;
  }
  return bytes.length;
}

/** Whether a file has more signs of UTF-8 beyond ASCII than bytes that are none. */
async function mostlyUtf8(pieces: AsyncIterable<Buffer>): Promise<boolean> {
  let signs = 0;
  let faults = 0;
  /** Bytes that the sign still has to come to. */
  let open = 0;
  for await (const bytes of pieces) {
    for (const byte of bytes) {
      const inside = byte >= 0x80 && byte < 0xc0;
      if (open > 0 && inside) {
        open -= 1;
        if (open === 0) signs += 1;
        continue;
      }
      if (open > 0 || inside || byte > 0xf4 || byte === 0xc0 || byte === 0xc1) faults += 1;
      open = byte < 0xc2 || byte > 0xf4 ? 0 : byte < 0xe0 ? 1 : byte < 0xf0 ? 2 : 3;
    }
  }
  return signs > faults;
}
