import type { Readable } from 'node:stream';
import { codeOf, TransportError } from './transport-error.ts';

/** The largest real page seen is 221 kB (contract, "Rows"); this leaves room for pages many times that. */
export const MAX_BODY_BYTES = 8 * 1024 * 1024;

/**
 * The whole body, unpacked, as text.
 *
 * @param onChunk Told of each piece that came, also where the body then breaks off.
 * @throws {TransportError} where it is too large or can't be unpacked.
 */
export async function readBody(
  raw: Readable,
  encodingHeader: string | string[] | undefined,
  onChunk: (chunk: Buffer) => void,
): Promise<string> {
  const encoding = String(encodingHeader ?? 'identity')
    .trim()
    .toLowerCase();
  if (encoding === 'identity' || encoding === '') return collect(raw, onChunk);
  const zlib = await import('node:zlib');
  const { pipeline } = await import('node:stream/promises');
  const unpack =
    encoding === 'gzip' || encoding === 'x-gzip'
      ? zlib.createGunzip()
      : encoding === 'deflate'
        ? zlib.createInflate()
        : encoding === 'br'
          ? zlib.createBrotliDecompress()
          : undefined;
  if (!unpack) {
    raw.on('error', () => {});
    raw.destroy();
    throw new TransportError('encoding', false);
  }
  let text = '';
  let tooLarge: unknown;
  try {
    await pipeline(raw, unpack, async (source) => {
      text = await collect(source, onChunk).catch((error: unknown) => {
        tooLarge = error instanceof TransportError ? error : undefined;
        throw error;
      });
    });
  } catch (error) {
    // Stopping the source fails too, and may be what the pipeline tells.
    if (tooLarge) throw tooLarge;
    const code = codeOf(error);
    if (code.startsWith('Z_') || code.startsWith('ERR__ERROR_'))
      throw new TransportError('encoding', false, error);
    throw error;
  }
  return text;
}

async function collect(source: AsyncIterable<Buffer>, onChunk: (chunk: Buffer) => void): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of source) {
    size += chunk.length;
    // Leaving the loop destroys the stream, and with it the socket: the rest is never read.
    if (size > MAX_BODY_BYTES) throw new TransportError('too_large', false);
    chunks.push(chunk);
    onChunk(chunk);
  }
  // A byte order mark is no part of JSON (RFC 8259 §8.1), and some servers send one.
  return Buffer.concat(chunks)
    .toString('utf8')
    .replace(/^\ufeff/, '');
}
