import { AppendLog, type LogDamage } from '../disk/append-log.ts';
import type { Clock } from '../lib/clock.ts';
import { type LedgerRecord, parseLedgerRecord } from './ledger-records.ts';

export interface LedgerFileOptions {
  directory: string;
  fileName: string;
  clock: Pick<Clock, 'monotonic' | 'sleep'>;
  /** See `AppendLog`. */
  onRecords: (records: readonly LedgerRecord[], restarted: boolean) => void;
  /** Told of each line that can't be read, by its number. */
  onDamage: (line: number) => void;
}

/** One file of the ledger, and what of it can't be read. */
export class LedgerFile {
  readonly #log: AppendLog<LedgerRecord>;
  /** The latest time that a record gives so far. Milliseconds since the epoch. */
  #latest = Number.NEGATIVE_INFINITY;
  /** Whether no record stands behind the last line that can't be read. */
  #atEnd = false;
  #damagedBefore = Number.NEGATIVE_INFINITY;

  constructor({ onRecords, onDamage, ...options }: LedgerFileOptions) {
    this.#log = new AppendLog({
      ...options,
      parse: parseLedgerRecord,
      onNews: (entries, restarted) => {
        if (restarted) {
          this.#latest = this.#damagedBefore = Number.NEGATIVE_INFINITY;
          this.#atEnd = false;
        }
        const records: LedgerRecord[] = [];
        for (const entry of entries) {
          if ('record' in entry) {
            records.push(entry.record);
            this.#date(entry.record);
          } else {
            this.#atEnd = true;
            onDamage(entry.damagedLine);
          }
        }
        onRecords(records, restarted);
      },
    });
  }

  get path(): string {
    return this.#log.path;
  }

  /** What can't be read, as of the last reading. */
  get damage(): LogDamage {
    return this.#log.damage;
  }

  /**
   * Until when the lines that can't be read were written at the latest, by the records behind them: milliseconds
   * since the epoch, infinity where nothing tells, and null where there is no such line.
   */
  get damagedUntil(): number | null {
    if (this.damage.count === 0) return null;
    return this.#atEnd ? Number.POSITIVE_INFINITY : this.#damagedBefore;
  }

  /** See `AppendLog.append`. */
  append(records: readonly LedgerRecord[], durable: boolean): Promise<void> {
    return this.#log.append(records, durable);
  }

  /** See `AppendLog.catchUp`. */
  catchUp(): Promise<void> {
    return this.#log.catchUp();
  }

  /** See `AppendLog.idle`. */
  idle(): Promise<void> {
    return this.#log.idle();
  }

  #date({ at }: LedgerRecord): void {
    // Where a clock was ahead for a while, what was written after that is as late: too late is the safe side.
    this.#latest = Math.max(this.#latest, Date.parse(at));
    if (this.#atEnd) this.#damagedBefore = this.#latest;
    this.#atEnd = false;
  }
}
