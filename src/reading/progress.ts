/** One progress notification. `progress` grows strictly; `total` is in the same unit, where it is known. */
export interface ProgressReport {
  progress: number;
  total?: number;
  message: string;
}

/** Share of the whole that waiting stands for; reading the pages is the rest. */
const WAITING_SHARE = 0.9;

/** Turns a job's course into reports whose `progress` grows strictly, whatever upstream says. */
export class ProgressSink {
  #last = -1;
  readonly #report: (report: ProgressReport) => void;

  constructor(report: (report: ProgressReport) => void) {
    this.#report = report;
  }

  /** A poll: `processed` companies of `total`, as far as known. */
  waiting(processed: number | null, total: number | null, message: string): void {
    this.#send((processed ?? 0) * WAITING_SHARE, total, message);
  }

  /** Pages are being read: `rows` so far of `total`. The last page is left out: its result speaks for itself. */
  reading(rows: number, total: number | null, message: string): void {
    if (total !== null && rows >= total && rows > 0) return;
    const base = (total ?? 0) * WAITING_SHARE;
    this.#send(base + rows * (1 - WAITING_SHARE), total, message);
  }

  #send(value: number, total: number | null, message: string): void {
    const step = (total ?? 1_000) / 1_000_000;
    const capped = total === null ? value : Math.min(value, total);
    this.#last = Math.max(capped, this.#last < 0 ? 0 : this.#last + step);
    this.#report({
      progress: this.#last,
      message,
      ...(total !== null && this.#last <= total ? { total } : {}),
    });
  }
}
