import { chmod, type FileHandle, mkdir, open } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import type { SubmitBody } from '../openfunnel/wire.ts';
import { isTerminal } from './state.ts';

/** A job that was submitted from this machine, as last seen. */
export interface LedgerJob {
  job_id: string;
  /** ISO 8601, UTC. */
  submitted_at: string;
  request: SubmitBody;
  status: string;
  terminal: boolean;
  processed: number | null;
  /** When `status` was last read; ISO 8601, UTC. */
  checked_at: string;
}

const submitBody = z.looseObject({
  query: z.string().optional(),
  seed_domains: z.array(z.string()).optional(),
  limit: z.number(),
});
/** A submit whose answer was lost: a job may exist, whose id nobody has. */
export interface LostSubmit {
  /** ISO 8601, UTC. */
  at: string;
  request: SubmitBody;
}

const record = z.discriminatedUnion('type', [
  z.looseObject({
    type: z.literal('submit'),
    account: z.string(),
    job_id: z.string(),
    at: z.string(),
    request: submitBody,
    status: z.string(),
  }),
  z.looseObject({
    type: z.literal('status'),
    account: z.string(),
    job_id: z.string(),
    at: z.string(),
    status: z.string(),
    processed: z.number().nullable(),
  }),
  z.looseObject({ type: z.literal('lost'), account: z.string(), at: z.string(), request: submitBody }),
]);
type LedgerRecord = z.infer<typeof record>;

export interface LedgerOptions {
  /** Folder of the ledger; made with mode 0700 where it does not exist. */
  directory: string;
  /** Name of the file in it: sandbox jobs have one of their own. */
  fileName: string;
  /** Fingerprint of the API key; jobs of other accounts are not shown. */
  account: string;
  now: () => number;
  /** Told of each damaged line once, by its number; the line stays in the file. */
  onDamage: (line: number) => void;
}

const NEWLINE = 10;
/** A status is noted again without having changed only after this time. Milliseconds. */
const NOTE_EVERY_MS = 15_000;

/**
 * The jobs submitted from this machine: upstream has no endpoint that lists them (contract, "submit").
 *
 * An append-only file of JSON lines. Each record is one `write` to a file opened for appending, which the
 * system does as a whole, and begins with the line break: so what any number of processes write never mixes,
 * and a record torn by a crash damages no record but itself.
 */
export class Ledger {
  readonly #options: LedgerOptions;
  #known = nothingKnown();
  #reading: Promise<void> = Promise.resolve();
  #next: Promise<void> | undefined;
  readonly #noted = new Map<string, { status: string; processed: number | null; at: number }>();

  /** Jobs that are looked at from here but were submitted elsewhere. */
  readonly #foreign = new Set<string>();

  constructor(options: LedgerOptions) {
    this.#options = options;
  }

  get path(): string {
    return join(this.#options.directory, this.#options.fileName);
  }

  /** Records an accepted submit, on the disk when it resolves. Rejects when it could not be written. */
  async recordSubmit(jobId: string, request: SubmitBody, status: string): Promise<void> {
    this.#noted.set(jobId, { status, processed: null, at: this.#options.now() });
    await this.#append(
      {
        type: 'submit',
        account: this.#options.account,
        job_id: jobId,
        at: this.#time(),
        request: { ...request },
        status,
      },
      true,
    );
  }

  /** Records a submit whose answer was lost. Never rejects: the caller is told of it in any case. */
  async recordLost(request: SubmitBody): Promise<void> {
    const { account } = this.#options;
    await this.#append({ type: 'lost', account, at: this.#time(), request: { ...request } }, true).catch(
      () => {},
    );
  }

  /** Submits of this account whose answer was lost after `since` (ms since the epoch), oldest first. */
  async lost(since: number): Promise<LostSubmit[]> {
    const { lost } = await this.#read();
    return lost.filter(({ at }) => Date.parse(at) >= since);
  }

  /** Notes a status that was seen, where it tells something new about a job of the ledger. Never rejects. */
  async noteStatus(jobId: string, status: string, processed: number | null): Promise<void> {
    try {
      if (!this.#noted.has(jobId)) {
        if (this.#foreign.has(jobId)) return;
        const known = await this.find(jobId);
        if (!known) {
          this.#foreign.add(jobId);
          return;
        }
        if (known.terminal && known.status === status) return;
        this.#noted.set(jobId, { ...known, at: Date.parse(known.checked_at) });
      }
      const now = this.#options.now();
      const last = this.#noted.get(jobId);
      const news =
        last?.status !== status || (last.processed !== processed && now - last.at >= NOTE_EVERY_MS);
      if (!news) return;
      // Of a job that has ended there is hardly anything left to note.
      if (isTerminal(status)) this.#noted.delete(jobId);
      else this.#noted.set(jobId, { status, processed, at: now });
      await this.#append(
        {
          type: 'status',
          account: this.#options.account,
          job_id: jobId,
          at: this.#time(),
          status,
          processed,
        },
        false,
      );
    } catch {
      // What is lost is only what the next look at the job brings again.
    }
  }

  /** All jobs of this account, newest first. Rejects when the file exists but can't be read. */
  async list(): Promise<LedgerJob[]> {
    const { jobs } = await this.#read();
    const newest = [...jobs.values()].reverse().map((job) => ({ ...job }));
    return newest.sort(
      (a, b) => Number(a.submitted_at < b.submitted_at) - Number(a.submitted_at > b.submitted_at),
    );
  }

  /** One job of this account, or undefined. */
  async find(jobId: string): Promise<LedgerJob | undefined> {
    const job = (await this.#read()).jobs.get(jobId);
    return job && { ...job };
  }

  #time(): string {
    return new Date(this.#options.now()).toISOString();
  }

  async #append(entry: LedgerRecord, durable: boolean): Promise<void> {
    const { directory } = this.#options;
    await mkdir(directory, { recursive: true, mode: 0o700 });
    await chmod(directory, 0o700).catch(() => {});
    const file = await open(this.path, 'a', 0o600);
    try {
      const bytes = Buffer.from(`\n${JSON.stringify(entry)}`);
      const { bytesWritten } = await file.write(bytes);
      if (bytesWritten < bytes.length) throw new Error('the record was cut short: is the disk full?');
      if (durable) await file.sync();
    } finally {
      await file.close();
    }
  }

  /** What the file says by now. Only what was appended since the last time is read, one reading at a time. */
  async #read(): Promise<Known> {
    // Callers share a reading that has not begun; one that has may have missed what is on the disk by now.
    this.#next ??= this.#reading.then(() => {
      this.#next = undefined;
      return this.#catchUp();
    });
    this.#reading = this.#next.catch(() => {});
    await this.#next;
    return this.#known;
  }

  async #catchUp(): Promise<void> {
    let file: FileHandle;
    try {
      file = await open(this.path, 'r');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      this.#known = nothingKnown();
      return;
    }
    try {
      const { ino, size } = await file.stat();
      // Another file, or one that was cut: all of it is news.
      if (ino !== this.#known.inode || size < this.#known.offset)
        this.#known = { ...nothingKnown(), inode: ino };
      const { offset } = this.#known;
      const bytes = Buffer.alloc(size - offset);
      const { bytesRead } = await file.read(bytes, 0, bytes.length, offset);
      this.#take(bytes.subarray(0, bytesRead));
    } finally {
      await file.close();
    }
  }

  #take(bytes: Buffer): void {
    const known = this.#known;
    let start = 0;
    for (let end = bytes.indexOf(NEWLINE); end !== -1; end = bytes.indexOf(NEWLINE, start)) {
      known.line += 1;
      const line = bytes.toString('utf8', start, end);
      if (line.trim() !== '' && !this.#apply(line)) this.#options.onDamage(known.line);
      start = end + 1;
    }
    // The last line has no break behind it: either it is whole, or it is still being written, or torn.
    if (this.#apply(bytes.toString('utf8', start))) start = bytes.length;
    known.offset += start;
  }

  /** Takes over a record; false where it is none. */
  #apply(line: string): boolean {
    const { success, data: entry } = record.safeParse(parseLine(line));
    if (!success) return false;
    const { jobs, lost } = this.#known;
    if (entry.account !== this.#options.account) return true;
    if (entry.type === 'lost') lost.push({ at: entry.at, request: entry.request as SubmitBody });
    else if (entry.type === 'submit') {
      jobs.set(entry.job_id, {
        job_id: entry.job_id,
        submitted_at: entry.at,
        request: entry.request as SubmitBody,
        status: entry.status,
        terminal: isTerminal(entry.status),
        processed: null,
        checked_at: entry.at,
      });
    } else {
      const job = jobs.get(entry.job_id);
      // Two processes may note out of order: what has ended stays ended.
      if (!job || (job.terminal && !isTerminal(entry.status))) return true;
      job.status = entry.status;
      job.terminal = isTerminal(entry.status);
      job.processed = entry.processed;
      job.checked_at = entry.at;
    }
    return true;
  }
}

/** What was read of the file so far. */
interface Known {
  inode: number | null;
  /** Bytes, and lines, that were taken over. */
  offset: number;
  line: number;
  jobs: Map<string, LedgerJob>;
  lost: LostSubmit[];
}

function nothingKnown(): Known {
  return { inode: null, offset: 0, line: 0, jobs: new Map(), lost: [] };
}

function parseLine(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
