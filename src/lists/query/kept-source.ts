import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { DamagedFileError, type KeptIndex, type ReadBytes, readKeptFacts } from '../../store/kept-format.ts';
import type { JobAtHand } from './messages.ts';

/**
 * Reads a job's kept bytes, from its file or from memory. Nothing else goes on in this thread, so that it may
 * wait for the disk.
 *
 * @throws {DamagedFileError} and what the system throws where the file can't be read.
 */
export async function readingFrom(
  { source, job_id }: JobAtHand,
  work: (read: ReadBytes, index: KeptIndex) => Promise<void>,
): Promise<void> {
  const file = 'path' in source ? openSync(source.path, 'r') : null;
  try {
    const held =
      'bytes' in source
        ? Buffer.from(source.bytes.buffer, source.bytes.byteOffset, source.bytes.byteLength)
        : null;
    const size = file === null ? (held?.length ?? 0) : fstatSync(file).size;
    const read: ReadBytes = (offset, length) => {
      if (file === null) return (held ?? Buffer.alloc(0)).subarray(offset, offset + length);
      const bytes = Buffer.allocUnsafe(Math.max(0, Math.min(length, size)));
      return bytes.subarray(0, readSync(file, bytes, 0, bytes.length, offset));
    };
    const { header, index } = await readKeptFacts(read, size);
    if (header.job_id !== job_id) throw new DamagedFileError('it is the file of another job');
    await work(read, index);
  } finally {
    if (file !== null) closeSync(file);
  }
}
