import { describe, expect, test } from 'vitest';
import { APPLICATION_ID, checkImage, DamagedImage, sealed } from '../../src/sql/image.ts';

/** Bytes that have what is looked at of an image: its length, whose it is, and its checksum. */
function image(): Uint8Array {
  const bytes = Uint8Array.from({ length: 1024 }, (_, at) => at * 7);
  new DataView(bytes.buffer).setUint32(68, APPLICATION_ID);
  return sealed(bytes);
}

describe('checkImage', () => {
  test('takes an image wherever it lies in its memory, and changes nothing there', () => {
    const pool = Buffer.alloc(4096, 1);
    pool.set(image(), 512);
    const before = Buffer.from(pool);
    for (let time = 0; time < 2; time += 1) checkImage(pool.subarray(512, 512 + 1024));
    expect(pool).toEqual(before);
  });

  test('sees any changed byte', () => {
    for (const at of [0, 59, 60, 63, 64, 99, 100, 1023]) {
      const bytes = Buffer.from(image());
      bytes[at] = (bytes[at] ?? 0) ^ 1;
      expect(() => checkImage(bytes), String(at)).toThrow(DamagedImage);
    }
  });
});
