import type { ExportedFile, RowExport } from '../files/row-export.ts';
import { OpenFunnelError } from '../openfunnel/errors.ts';
import type { Row } from '../openfunnel/wire.ts';
import type { ProgressSink } from './progress.ts';
import type { RowSink } from './read-job.ts';
import { Industries, Summarizer, type Summary } from './summary.ts';

/** Sums up all rows. */
export class SummarySink implements RowSink {
  readonly #summarizer = new Summarizer();

  take(rows: readonly Row[]): void {
    for (const row of rows) this.#summarizer.add(row);
  }

  summary(): Summary {
    return this.#summarizer.summary();
  }
}

export interface CollectedPage {
  page: string;
  rows: number;
  /** Numbers of the page's first and last row in the whole list, from 1; null on a page without rows. */
  first_row: number | null;
  last_row: number | null;
  /** Its first rows, as they were picked. */
  sample: Row[];
  industries: Industries;
}

/** Samples of all pages together; a result can't show more. Characters of JSON. */
const MAX_SAMPLES = 1_000_000;

/** Notes each page, with its first rows. */
export class SampleSink implements RowSink {
  readonly pages: CollectedPage[] = [];
  readonly #sampleRows: number;
  readonly #pick: (row: Row) => Row;
  #left = MAX_SAMPLES;

  /**
   * @param sampleRows Rows to keep of each page.
   * @param pick What to keep of a row: what is not shown is let go at once.
   */
  constructor(sampleRows: number, pick: (row: Row) => Row) {
    this.#sampleRows = sampleRows;
    this.#pick = pick;
  }

  take(rows: readonly Row[], { name, firstRow }: { name: string; firstRow: number }): void {
    const sample: Row[] = [];
    const industries = new Industries();
    for (const row of rows) industries.add(row);
    for (const row of rows.slice(0, this.#sampleRows)) {
      const picked = this.#pick(row);
      this.#left -= JSON.stringify(picked).length;
      if (this.#left < 0) break;
      sample.push(picked);
    }
    this.pages.push({
      page: name,
      rows: rows.length,
      first_row: rows.length === 0 ? null : firstRow,
      last_row: rows.length === 0 ? null : firstRow + rows.length - 1,
      sample,
      industries,
    });
  }
}

/** Reports how far the reading is. */
export function progressSink(
  progress: ProgressSink,
  total: number | null,
  say: (rows: number, pages: number) => string,
): RowSink {
  let read = 0;
  let pages = 0;
  return {
    take(rows) {
      read += rows.length;
      pages += 1;
      progress.reading(read, total, say(read, pages));
    },
  };
}

/** Writes all rows to a file, which is put in place where it is whole, or where partial ones are wanted too. */
export class FileSink implements RowSink {
  /** The file that was written, or null. */
  file: ExportedFile | null = null;
  readonly #rows: RowExport;
  readonly #partialName: string | null;
  readonly #choose: (row: Row, position: number) => Row | null;

  /**
   * @param partialName Name of a file that is not whole; null where none is wanted then.
   * @param choose What of a row, the `position`th of the list, goes into the file; null for nothing. Default all.
   */
  constructor(
    rows: RowExport,
    partialName: string | null,
    choose: (row: Row, position: number) => Row | null = (row) => row,
  ) {
    this.#rows = rows;
    this.#partialName = partialName;
    this.#choose = choose;
  }

  async take(rows: readonly Row[], { firstRow }: { firstRow: number }): Promise<void> {
    for (const [at, row] of rows.entries()) {
      const chosen = this.#choose(row, firstRow + at);
      if (chosen !== null) this.#rows.add(chosen);
    }
    await this.#rows.drain();
  }

  async finish(whole: boolean): Promise<void> {
    if (!whole && this.#partialName === null) return;
    if (!whole && this.#partialName !== null) this.#rows.rename(this.#partialName);
    this.file = await this.#rows.finish();
  }

  abandon(): Promise<void> {
    return this.#rows.abandon();
  }
}

/** A sink whose failure costs what it would have made, never the reading. */
export class OptionalSink<S extends RowSink> implements RowSink {
  /** What went wrong, in words, or null. */
  failure: string | null = null;
  readonly #opening: Promise<S | null>;

  /** @param open Opens the sink; what it throws counts as a failure as well. */
  constructor(open: () => Promise<S>) {
    this.#opening = open().catch((error: unknown) => this.#fail(error));
  }

  async take(rows: readonly Row[], page: { name: string; firstRow: number }): Promise<void> {
    const sink = await this.#opening;
    if (this.failure !== null) return;
    try {
      await sink?.take(rows, page);
    } catch (error) {
      this.#fail(error);
    }
  }

  async finish(whole: boolean): Promise<void> {
    const sink = await this.#opening;
    if (this.failure !== null) return;
    await sink?.finish?.(whole).catch((error: unknown) => this.#fail(error));
  }

  async abandon(): Promise<void> {
    await (await this.#opening)?.abandon?.();
  }

  /** The sink, where it could be opened. */
  async sink(): Promise<S | null> {
    return this.#opening;
  }

  #fail(error: unknown): null {
    if (!(error instanceof OpenFunnelError)) throw error;
    this.failure = error.message;
    return null;
  }
}
