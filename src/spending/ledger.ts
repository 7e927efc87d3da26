import { AppendLog, type FileUnusable, isNoFile } from '../disk/append-log.ts';
import type { Clock } from '../lib/clock.ts';
import { isKnownStatus, isTerminal, type JobPage } from '../openfunnel/wire.ts';
import { promised } from '../reading/state.ts';
import { type History, historyOf, type LedgerJob } from './ledger-history.ts';
import { type LedgerRecord, ledgerRecord } from './ledger-records.ts';

export type { LedgerJob, Submission } from './ledger-history.ts';

export const LEDGER_FILE = 'jobs.jsonl';

export interface LedgerOptions {
  directory: string;
  /** Other folders, as of now, whose ledger is read as well, and never written. */
  elsewhere?: () => Promise<readonly string[]>;
  /** Fingerprint of the API key; jobs of other accounts are marked. */
  account: string;
  clock: Clock;
  /** The time that records are dated by, as for `Clock`; default that of the clock. */
  now?: () => number;
}

/** What can't be read, so that the submits that it records are unknown. */
export interface LedgerDamage {
  /** Why the whole file can't be read, in words; null where only lines can't. */
  unread: string | null;
  count: number;
  places: Array<{ path: string; lines: readonly number[] }>;
  /** Until when they were written at the latest; milliseconds since the epoch, infinity where nothing tells. */
  until: number;
}

type Unstamped<Each> = Each extends unknown ? Omit<Each, 'account' | 'at'> : never;
/** A record but for who writes it, and when. */
export type LedgerNote = Unstamped<LedgerRecord>;

/** A count of companies is noted again only after this time. Milliseconds. */
const NOTE_EVERY_MS = 15_000;
/** A submit whose outcome nobody noted is spoken of for this time. Milliseconds. */
const UNSETTLED_FOR_MS = 7 * 24 * 60 * 60 * 1000;
/** A read waits this long for its status to be noted, which goes on after it. Milliseconds. */
const NOTE_WAIT_MS = 250;

/**
 * The submits and jobs of this machine: upstream has no endpoint that lists them (contract, "submit"). What can't be
 * written is remembered for as long as the process lives, and written with the next record that can be.
 */
export class Ledger {
  readonly #options: LedgerOptions;
  readonly #now: () => number;
  readonly #own: AppendLog<LedgerRecord>;
  readonly #elsewhere = new Map<string, AppendLog<LedgerRecord>>();
  /** Records that may not be in the file; another list after each change. */
  #unwritten: readonly LedgerRecord[] = [];
  /** What the records added up to, and of which it was made. */
  #known: { history: History; of: readonly unknown[] } | undefined;

  constructor(options: LedgerOptions) {
    this.#options = options;
    this.#now = options.now ?? (() => options.clock.now());
    this.#own = this.#open(options.directory);
  }

  /**
   * Writes a record, and those that could not be written before; `durable` where money hangs on it. Never rejects.
   * @returns Whether it is on the disk.
   */
  async record(note: LedgerNote, durable = true): Promise<boolean> {
    const { account } = this.#options;
    const record: LedgerRecord = { ...note, account, at: new Date(this.#now()).toISOString() };
    const batch = [...this.#unwritten, record];
    try {
      await this.#own.append(batch, durable || batch.length > 1);
      this.#unwritten = this.#unwritten.filter((each) => !batch.includes(each));
      return true;
    } catch {
      this.#unwritten = [...this.#unwritten, record];
      return false;
    }
  }

  /** Notes a status, and the credits by the manifest, where that is news. Never rejects, nor holds up its reader. */
  async noteStatus(job_id: string, page: Pick<JobPage, 'status' | 'processed' | 'manifest'>): Promise<void> {
    const { clock } = this.#options;
    const { status, processed } = page;
    const seen = {
      status,
      processed,
      credits: isTerminal(status) ? promised(page, 'credits_consumed') : null,
    };
    const timer = new AbortController();
    const wait = clock.sleep(NOTE_WAIT_MS, timer.signal).catch(() => {});
    const note = async () => {
      const job = await this.find(job_id);
      if (!job || isNews(job, seen, this.#now()))
        await this.record({ type: 'status', job_id, ...seen }, false);
    };
    await Promise.race([note(), wait]);
    timer.abort();
  }

  /** Notes that upstream knows no such job, where that is new, and gives what is known of the job by now. Never rejects. */
  async noteMissing(jobId: string): Promise<LedgerJob | undefined> {
    const job = await this.find(jobId);
    if (job?.missing_since === null) await this.record({ type: 'missing', job_id: jobId }, false);
    return this.find(jobId);
  }

  /** What the ledger says by now. Never rejects. */
  async view() {
    const failure = await this.#read();
    const { jobs, submissions } = this.#history();
    const all = [...submissions.values()];
    const late = this.#options.clock.now() - UNSETTLED_FOR_MS;
    const since = ({ submitted_at, noted_at }: LedgerJob) => Date.parse(submitted_at ?? noted_at);
    return {
      /** Newest first. */
      jobs: [...jobs.values()].reverse().sort((a, b) => since(b) - since(a)),
      /** In the order of their intents. */
      submissions: all,
      /** Those of late whose outcome nobody noted, oldest first: jobs that may exist and are in no list. */
      unsettled: all.filter(({ outcome, at }) => (outcome === 'open' || outcome === 'lost') && at >= late),
      /** False where the file can't be read: then there is only what this process remembers. */
      readable: failure === null,
      damage: this.#damage(failure),
    };
  }

  /** One job, or undefined. Never rejects: a ledger that can't be read knows what the process remembers. */
  async find(jobId: string): Promise<LedgerJob | undefined> {
    await this.#read();
    return this.#history().jobs.get(jobId);
  }

  async idle(): Promise<void> {
    await this.#own.idle();
  }

  /** Reads what is new; gives why the own file can't be read. What can't be read elsewhere does not count. */
  async #read(): Promise<FileUnusable | null> {
    for (const directory of (await this.#options.elsewhere?.()) ?? [])
      if (!this.#elsewhere.has(directory)) this.#elsewhere.set(directory, this.#open(directory));
    await Promise.all([...this.#elsewhere.values()].map((log) => log.read().catch(() => {})));
    return this.#own.read().then(
      () => null,
      (failure: FileUnusable) => failure,
    );
  }

  #open(directory: string): AppendLog<LedgerRecord> {
    const { clock } = this.#options;
    return new AppendLog({ directory, fileName: LEDGER_FILE, clock, schema: ledgerRecord });
  }

  #history(): History {
    const logs = [...this.#elsewhere.values(), this.#own];
    const of = [...logs.map(({ entries }) => entries), this.#unwritten];
    if (this.#known?.of.length !== of.length || of.some((each, at) => each !== this.#known?.of[at])) {
      const records = [...logs.flatMap((log) => log.records), ...this.#unwritten];
      this.#known = { history: historyOf(records, this.#options.account), of };
    }
    return this.#known.history;
  }

  #damage(failure: FileUnusable | null): LedgerDamage | null {
    if (failure && !isNoFile(failure))
      return { unread: failure.why, count: 0, places: [], until: Number.POSITIVE_INFINITY };
    const places = [this.#own, ...this.#elsewhere.values()].flatMap((log) => {
      const { path, damagedLines: lines } = log;
      return lines.length === 0 ? [] : [{ path, lines, until: damagedUntil(log) }];
    });
    const count = places.reduce((sum, { lines }) => sum + lines.length, 0);
    const until = Math.max(...places.map((place) => place.until));
    return count === 0 ? null : { unread: null, count, places, until };
  }
}

/** What has ended stays ended, and a status that is not documented takes the place of none that is. */
function isNews(
  job: LedgerJob,
  { status, processed, credits }: Pick<LedgerJob, 'status' | 'processed' | 'credits'>,
  now: number,
): boolean {
  if (!isKnownStatus(status) && isKnownStatus(job.status)) return false;
  if (job.missing_since !== null || (credits !== null && credits !== job.credits)) return true;
  if (job.terminal && !isTerminal(status)) return false;
  if (status !== job.status) return true;
  const age = now - Date.parse(job.checked_at);
  return !job.terminal && processed !== job.processed && age >= NOTE_EVERY_MS;
}

/** Until when the lines that can't be read were written at the latest, by the records behind them; see `LedgerDamage`. */
function damagedUntil({ entries, isUnfinished }: AppendLog<LedgerRecord>): number {
  const last = entries.findLastIndex((entry) => 'damagedLine' in entry);
  if (isUnfinished || last === entries.length - 1) return Number.POSITIVE_INFINITY;
  const until = entries.slice(0, last + 2);
  // Where a clock was ahead for a while, what was written after that is as late: too late is the safe side.
  return until.reduce(
    (latest, entry) => ('record' in entry ? Math.max(latest, Date.parse(entry.record.at)) : latest),
    Number.NEGATIVE_INFINITY,
  );
}
