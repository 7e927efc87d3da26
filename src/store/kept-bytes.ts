import { cleanRecord } from '../lib/text.ts';
import type { JobPage, Row } from '../openfunnel/wire.ts';
import { KeptEncoder, type KeptHeader } from './kept-format.ts';
import { type KeptOrigin, keptHeader, MAX_KEPT_TEXT } from './kept-rows.ts';

/** A job's rows as the file of a kept job would hold them, in memory, for where nothing can or may be kept. */
export class KeptBytes {
  readonly header: KeptHeader;
  readonly #encoder: KeptEncoder;
  readonly #parts: Buffer[];
  #whole: Uint8Array | null = null;

  constructor(jobId: string, final: JobPage, origin: KeptOrigin) {
    this.header = keptHeader(jobId, final, origin, 0);
    this.#encoder = new KeptEncoder(this.header);
    this.#parts = [this.#encoder.begin()];
  }

  get rows(): number {
    return this.#encoder.rows;
  }

  /** All of it, in memory that threads can share; null as long as the list is not whole. */
  get whole(): Uint8Array | null {
    return this.#whole;
  }

  take(rows: readonly Row[], { name }: { name: string }): void {
    const clean = rows.map((row) => cleanRecord(row, MAX_KEPT_TEXT));
    this.#parts.push(this.#encoder.page(name, clean));
  }

  async finish(whole: boolean): Promise<void> {
    if (whole) {
      this.#parts.push(this.#encoder.end());
      const length = this.#parts.reduce((sum, part) => sum + part.length, 0);
      this.#whole = new Uint8Array(new SharedArrayBuffer(length));
      let at = 0;
      for (const part of this.#parts) {
        this.#whole.set(part, at);
        at += part.length;
      }
    }
    this.#parts.length = 0;
  }
}
