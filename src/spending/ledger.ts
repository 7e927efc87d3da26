import type { Clock } from '../lib/clock.ts';
import { isTerminal } from '../openfunnel/status.ts';
import type { SubmitBody } from '../openfunnel/wire.ts';
import { LedgerFile } from './ledger-file.ts';
import { History, type LedgerJob, type Submission } from './ledger-history.ts';
import type { LedgerRecord } from './ledger-records.ts';

export type { LedgerJob, Submission } from './ledger-history.ts';

export interface LedgerOptions {
  /** Folder of the ledger; made with mode 0700 where it does not exist. */
  directory: string;
  /** Other folders, as of now, whose file of that name is read as well, and never written. */
  elsewhere?: () => Promise<readonly string[]>;
  /** Name of the file in it. */
  fileName: string;
  /** Fingerprint of the API key; jobs of other accounts are marked. */
  account: string;
  clock: Clock;
  /** Told of each line that can't be read once, by its number and file; it stays in the file. */
  onDamage?: (line: number, path: string) => void;
}

/** Lines of the ledger that can't be read, so that the submits they recorded are unknown. */
export interface LedgerDamage {
  /** How many, in all files. */
  count: number;
  /** The files, each with the numbers of its first such lines. */
  places: Array<{ path: string; lines: readonly number[] }>;
  /** Until when they were written at the latest; milliseconds since the epoch, infinity where nothing tells. */
  until: number;
}

/** What the ledger says, and whether that is all that it knows. */
export interface LedgerView {
  /** Newest first. */
  jobs: LedgerJob[];
  /** In the order of their intents. */
  submissions: Submission[];
  /** False where the file can't be read: then there is only what this process remembers. */
  readable: boolean;
  /** Null where every line was read. */
  damage: LedgerDamage | null;
}

/** A status is noted again without having changed only after this time. Milliseconds. */
const NOTE_EVERY_MS = 15_000;
/** A read waits this long for its status to be noted, which goes on after it. Milliseconds. */
const NOTE_WAIT_MS = 250;

/**
 * The submits and jobs of this machine: upstream has no endpoint that lists them (contract, "submit").
 *
 * What can't be written is remembered for as long as the process lives, and written with the next record that
 * can be.
 */
export class Ledger {
  readonly #options: LedgerOptions;
  readonly #file: LedgerFile;
  #history: History;
  /** Files in other folders by folder, and what they have said. */
  readonly #elsewhere = new Map<string, { file: LedgerFile; records: LedgerRecord[] }>();
  /** Records that may not be in the file. */
  #unwritten: LedgerRecord[] = [];
  readonly #noted = new Map<string, { status: string; processed: number | null; at: number }>();

  constructor(options: LedgerOptions) {
    this.#options = options;
    this.#history = new History(options.account);
    this.#file = this.#open(options.directory, (records, restarted) => this.#take(records, restarted));
  }

  /**
   * Records that a submit is about to go out. Never rejects.
   *
   * @param credits_left Credits that are left right before; null where that is not known.
   * @returns Its key, and whether it is on the disk.
   */
  async intend(
    request: SubmitBody,
    label: string | null,
    credits_left: number | null,
  ): Promise<{ key: string; written: boolean }> {
    const key = crypto.randomUUID();
    const intent = { intent: key, ...this.#stamp(), request, label, credits_left };
    const written = await this.#record({ type: 'intent', ...intent });
    return { key, written };
  }

  /** Records an accepted submit. Never rejects; tells whether it is on the disk. */
  async accepted(
    jobId: string,
    request: SubmitBody,
    status: string,
    more: { intent?: string; label?: string | null; doubtful?: boolean } = {},
  ): Promise<boolean> {
    this.#noted.set(jobId, { status, processed: null, at: this.#options.clock.now() });
    return this.#record({ type: 'submit', ...this.#stamp(), job_id: jobId, request, status, ...more });
  }

  /** Records that no job came of a submit. Never rejects. */
  async refused(intent: string, code: string): Promise<void> {
    await this.#record({ type: 'refused', intent, ...this.#stamp(), code });
  }

  /** Records that the answer to a submit was lost. Never rejects: the caller reports it in any case. */
  async lost(intent: string, request: SubmitBody): Promise<void> {
    await this.#record({ type: 'lost', ...this.#stamp(), request, intent });
  }

  /**
   * Notes a status that was seen, where it tells something new; a job that was submitted elsewhere is in the
   * ledger from then on. Never rejects, and never holds up what it was read for.
   *
   * @param credits What its manifest says that it cost.
   */
  async noteStatus(
    jobId: string,
    status: string,
    processed: number | null,
    credits: number | null = null,
  ): Promise<void> {
    const timer = new AbortController();
    const wait = this.#options.clock.sleep(NOTE_WAIT_MS, timer.signal).catch(() => {});
    // What is lost is only what the next look at the job brings again.
    await Promise.race([this.#note(jobId, { status, processed, credits }).catch(() => {}), wait]);
    timer.abort();
  }

  /**
   * Notes that upstream knows no such job, where it is the first time since the job was last seen. Never rejects.
   *
   * @returns Since when that is so, milliseconds since the epoch; null for a job that the ledger does not have.
   */
  async noteMissing(jobId: string): Promise<number | null> {
    const job = await this.find(jobId);
    if (!job) return null;
    if (job.missing_since !== null) return Date.parse(job.missing_since);
    this.#noted.delete(jobId);
    const record: LedgerRecord = { type: 'missing', ...this.#stamp(), job_id: jobId };
    await this.#file.append([record], false).catch(() => this.#history.apply(record));
    return Date.parse(record.at);
  }

  /**
   * Notes another label for a job, or whether it is hidden in lists. Never rejects.
   *
   * @returns Whether that is on the disk; false for a job that the ledger does not have.
   */
  async noteWish(
    jobId: string,
    wish: { label?: string | undefined; hidden?: boolean | undefined },
  ): Promise<boolean> {
    const job = await this.find(jobId);
    if (!job) return false;
    return this.#record({ type: 'noted', ...this.#stamp(), job_id: job.job_id, ...wish });
  }

  /** What the ledger says by now. Never rejects. */
  async view(): Promise<LedgerView> {
    const readable = await this.#read();
    const { jobs, submissions } = this.#history;
    const newest = [...jobs.values()].reverse().map((job) => ({ ...job }));
    return {
      jobs: newest.sort((a, b) => Number(since(a) < since(b)) - Number(since(a) > since(b))),
      submissions: [...submissions.values()].map((submission) => ({ ...submission })),
      readable,
      damage: this.#damage(),
    };
  }

  /** All jobs, newest first. Never rejects: see `view`. */
  async list(): Promise<LedgerJob[]> {
    return (await this.view()).jobs;
  }

  /** One job, or undefined. Never rejects: a ledger that can't be read knows what the process remembers. */
  async find(jobId: string): Promise<LedgerJob | undefined> {
    await this.#read();
    const job = this.#history.jobs.get(jobId);
    return job && { ...job };
  }

  /** Resolves when nothing is being written or read. */
  async idle(): Promise<void> {
    await this.#file.idle();
  }

  #stamp(): { account: string; at: string } {
    const { account, clock } = this.#options;
    return { account, at: new Date(clock.now()).toISOString() };
  }

  /** Writes a record that money hangs on, and with it those that could not be written before. */
  async #record(record: LedgerRecord): Promise<boolean> {
    const batch = [...this.#unwritten, record];
    try {
      await this.#file.append(batch, true);
      this.#unwritten = this.#unwritten.filter((each) => !batch.includes(each));
      return true;
    } catch {
      this.#unwritten.push(record);
      this.#history.apply(record);
      return false;
    }
  }

  async #note(
    jobId: string,
    { status, processed, credits }: { status: string; processed: number | null; credits: number | null },
  ): Promise<void> {
    let last = this.#noted.get(jobId);
    const now = this.#options.clock.now();
    let type: 'status' | 'seen' = 'status';
    if (!last) {
      const known = await this.find(jobId);
      if (!known) type = 'seen';
      else if (known.terminal && known.status === status && known.missing_since === null) {
        if (credits === null || known.credits === credits) return;
      }
      // Found again is news, and so is what it cost.
      if (known?.missing_since === null && (credits === null || known.credits === credits))
        last = { ...known, at: Date.parse(known.checked_at) };
    }
    const news = last?.status !== status || (last.processed !== processed && now - last.at >= NOTE_EVERY_MS);
    // Of a job that has ended there is hardly anything left to note.
    if (isTerminal(status)) this.#noted.delete(jobId);
    else if (news || !this.#noted.has(jobId))
      this.#noted.set(jobId, { status, processed, at: news ? now : (last?.at ?? now) });
    if (!news) return;
    const cost = credits === null ? {} : { credits };
    const record = { type, ...this.#stamp(), job_id: jobId, status, processed, ...cost };
    await this.#file.append([record], false).catch(() => this.#history.apply(record));
  }

  /** Brings the history up to date; false where the file can't be read. */
  async #read(): Promise<boolean> {
    for (const directory of (await this.#options.elsewhere?.()) ?? []) {
      if (this.#elsewhere.has(directory)) continue;
      const records: LedgerRecord[] = [];
      const file = this.#open(directory, (news, restarted) => {
        if (restarted) records.length = 0;
        records.push(...news);
        for (const record of news) this.#history.apply(record);
      });
      this.#elsewhere.set(directory, { file, records });
    }
    // Where another one can't be read, the own file is what counts.
    await Promise.all([...this.#elsewhere.values()].map(({ file }) => file.catchUp().catch(() => {})));
    return this.#file.catchUp().then(
      () => true,
      () => false,
    );
  }

  #open(
    directory: string,
    onRecords: (records: readonly LedgerRecord[], restarted: boolean) => void,
  ): LedgerFile {
    const { fileName, clock, onDamage } = this.#options;
    const file: LedgerFile = new LedgerFile({
      directory,
      fileName,
      clock,
      onRecords,
      onDamage: (line) => onDamage?.(line, file.path),
    });
    return file;
  }

  #take(records: readonly LedgerRecord[], restarted: boolean): void {
    if (restarted) {
      this.#history = new History(this.#options.account);
      for (const other of this.#elsewhere.values())
        for (const record of other.records) this.#history.apply(record);
    }
    for (const record of records) this.#history.apply(record);
    if (restarted) for (const record of this.#unwritten) this.#history.apply(record);
  }

  #damage(): LedgerDamage | null {
    const damage: LedgerDamage = { count: 0, places: [], until: Number.NEGATIVE_INFINITY };
    for (const file of [this.#file, ...[...this.#elsewhere.values()].map((other) => other.file)]) {
      if (file.damagedUntil === null) continue;
      damage.count += file.damage.count;
      damage.places.push({ path: file.path, lines: file.damage.lines });
      damage.until = Math.max(damage.until, file.damagedUntil);
    }
    return damage.count === 0 ? null : damage;
  }
}

function since({ submitted_at, noted_at }: LedgerJob): string {
  return submitted_at ?? noted_at;
}
