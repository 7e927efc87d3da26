import type { CsvStyle } from '../files/csv.ts';
import { type ExportFormat, exportFileName } from '../files/export-format.ts';
import { readExportedFile } from '../files/exported-file.ts';
import { RowExport } from '../files/row-export.ts';
import type { Clock, Random } from '../lib/clock.ts';
import { OpenFunnelError } from '../openfunnel/errors.ts';
import { isKnownStatus, type JobPage, type Row, type SubmitBody } from '../openfunnel/wire.ts';
import type { KeptJobFacts, KeptJobs, KeptOrigin } from '../store/kept-rows.ts';
import { type BulkApi, notingStatus } from './bulk-api.ts';
import { type Cancelled, cancelJob } from './cancel.ts';
import { type Collection, collect } from './collect.ts';
import { exportJob, type JobExport, type SelectRow } from './export-job.ts';
import { exportJobs, type JobsExport } from './export-jobs.ts';
import { type JobCost, JobCosts } from './job-costs.ts';
import { KeptPages } from './kept-pages.ts';
import { KeptSource } from './kept-source.ts';
import { KnownJobs } from './known-jobs.ts';
import type { Ledger, LedgerJob, Submission } from './ledger.ts';
import { pollDelayMs } from './polling.ts';
import { type ProgressReport, ProgressSink } from './progress.ts';
import { type ReadCall, type ReadJob, type RowSink, readJob } from './read-job.ts';
import { type PagePlace, RowNumbers } from './row-numbers.ts';
import { FileSink } from './row-sinks.ts';
import { type JobState, toJobState } from './state.ts';
import { type SubmitOptions, type Submitted, Submitter } from './submit.ts';
import { type PageSource, Waiter } from './wait.ts';
import { statusWord } from './words.ts';

/** What the work on jobs rests on. */
export interface JobsParts {
  api: BulkApi;
  ledger: Ledger;
  clock: Clock;
  random: Random;
  /** Folder that exports are written to. */
  exportDirectory: string;
  /** Rows of jobs that were read whole; null where none are to be kept. */
  kept: KeptJobs | null;
  /** Whether the companies are made up; file names then say so. */
  sandbox: boolean;
  /** The limits of all submits within a day together stay within this; null for no ceiling. Credits. */
  dailyCredits: number | null;
}

/** What belongs to one call, as far as jobs are concerned. */
export interface JobCall {
  signal: AbortSignal;
  /** Sends a progress notification, where the client asked for them. */
  report: (report: ProgressReport) => void;
}

export interface CollectRequest {
  jobId: string;
  /** How long to wait for the job's end. Milliseconds. */
  maxWaitMs: number;
  /** Rows to keep of each page. */
  sampleRows: number;
  /** What to keep of such a row. */
  pick: (row: Row) => Row;
  /** Also writes all rows to a file of this format, where the list is complete. */
  exportFormat?: ExportFormat | undefined;
  /** How it is written where it is a CSV. */
  csv?: CsvStyle | undefined;
}

export interface ExportRequest {
  jobId: string;
  format: ExportFormat;
  /** How it is written where it is a CSV. */
  csv?: CsvStyle | undefined;
  /** Fields to write, in this order; undefined is all there are. */
  fields: readonly string[] | undefined;
  dedupe: boolean;
  /** What of a row goes into the file; default all rows as they are. */
  select?: SelectRow | undefined;
  /** A bare name; undefined is one made of the job's id. */
  fileName: string | undefined;
  /** Writes what there is of a job that is not final, or whose pages can't all be read. */
  allowPartial: boolean;
}

/** Where a job stands. */
export interface StateNow {
  state: JobState;
  /** When it is worth another look. Milliseconds. */
  pollAfterMs: number;
  /** Whether there are companies to read. */
  delivered: boolean;
  notices: string[];
}

/** A page of a job, and where the job stands by what came with it. */
export interface PageNow {
  page: JobPage;
  state: JobState;
  /** Where its rows stand in the whole list. */
  place: PagePlace;
  notices: string[];
}

/** The ledger's jobs, and what is to be known beside them. */
export interface JobList {
  /** Newest first. */
  jobs: LedgerJob[];
  /** Submits of late whose outcome nobody noted: jobs that may exist and are in no list. Oldest first. */
  unsettled: Submission[];
  /** False where the ledger can't be read: then there is only what this process remembers. */
  readable: boolean;
  /** Jobs whose state was asked for and could not be read. */
  unread: Array<{ job_id: string; code: string }>;
  /** Jobs whose state was asked for and is none that is documented, each with what was last known of it. */
  unknown: Array<{ job_id: string; status: string; notices: string[] }>;
}

/** A cancel waits for the final state this long. Milliseconds. */
const CANCEL_MS = 15_000;
/** A submit whose outcome nobody noted is spoken of for this time. Milliseconds. */
const UNSETTLED_FOR_MS = 7 * 24 * 60 * 60 * 1000;

/** Everything that can be done with bulk jobs. */
export class Jobs {
  readonly #parts: JobsParts;
  readonly #api: BulkApi;
  readonly #source: KeptSource;
  readonly #numbers = new RowNumbers();
  /** The source, noting which rows stand where. */
  readonly #noting: PageSource;
  readonly #known: KnownJobs;
  readonly #waiter: Waiter;
  readonly #submitter: Submitter;
  readonly #kept = new KeptPages();
  readonly #costs = new JobCosts();

  constructor(parts: JobsParts) {
    const { ledger, clock } = parts;
    this.#parts = parts;
    this.#api = notingStatus(parts.api, ledger, clock.now, (jobId, page) => this.#costs.note(jobId, page));
    this.#source = new KeptSource(this.#api, parts.kept, (jobId) => this.origin(jobId));
    this.#noting = this.#numbers.noting(this.#source);
    this.#known = new KnownJobs(ledger, clock);
    this.#waiter = new Waiter(this.#known, clock);
    this.#submitter = new Submitter(this.#api, ledger, clock, parts.dailyCredits);
  }

  /** Starts a job, or answers with the one that stands for the same search: see `Submitter.submit`. */
  submit(
    body: SubmitBody,
    options: Omit<SubmitOptions, 'signal'>,
    { signal }: Pick<JobCall, 'signal'>,
  ): Promise<Submitted> {
    return this.#submitter.submit(body, { ...options, signal });
  }

  /** Where a job stands, and when it is worth another look. */
  async state(jobId: string, { signal }: Pick<JobCall, 'signal'>): Promise<StateNow> {
    const { page, notices } = await this.#source.latest(jobId, signal);
    const state = toJobState(jobId, page);
    const { limit, since } = await this.#known.facts(jobId);
    const ageMs = this.#parts.clock.monotonic() - since;
    const pollAfterMs = pollDelayMs({ ageMs, limit, state });
    const delivered = page.rows.length > 0 || page.next_cursor !== null;
    return { state, pollAfterMs, delivered, notices: [...notices, ...(await this.#aboutStatus(state))] };
  }

  /** One page of a job; the first without a cursor. */
  async page(
    jobId: string,
    cursor: string | undefined,
    { signal }: Pick<JobCall, 'signal'>,
  ): Promise<PageNow> {
    const notices = await this.#source.notices(jobId);
    const page = await this.#noting.getPage(jobId, cursor, signal);
    const state = toJobState(jobId, page);
    const place = this.#numbers.of(jobId, cursor, page);
    return { page, state, place, notices: [...notices, ...(await this.#aboutStatus(state))] };
  }

  /** What is known of a job from its submit. Never rejects. */
  async origin(jobId: string): Promise<KeptOrigin> {
    const job = await this.#parts.ledger.find(jobId).catch(() => undefined);
    const { submitted_at = null, label = null, request } = job ?? {};
    return { submitted_at, label, request: request ? { ...request } : null };
  }

  /** What is known of a job whose rows are kept; null where they are not. */
  keptFacts(jobId: string): Promise<KeptJobFacts | null> {
    return this.#source.find(jobId);
  }

  /** What the reader has to know of a status that is not documented. */
  async #aboutStatus({ job_id, status }: JobState): Promise<string[]> {
    if (isKnownStatus(status)) return [];
    const last = await this.#parts.ledger.find(job_id).catch(() => undefined);
    const known =
      last && isKnownStatus(last.status)
        ? `Last known: ${statusWord(last.status)}${last.processed === null ? '' : `, ${last.processed} processed`}, seen ${last.checked_at}.`
        : 'Nothing was known of it before.';
    return [`The job's status is UNKNOWN to this server, so it is not taken for the end. ${known}`];
  }

  /** Waits for a job's end and reads it: see `collect`. */
  async collect(request: CollectRequest, { signal, report }: JobCall): Promise<Collection> {
    const { clock, random } = this.#parts;
    const { jobId, maxWaitMs, sampleRows, pick, exportFormat, csv } = request;
    const notices = await this.#source.notices(jobId);
    const collection = await collect({
      waiter: this.#waiter,
      source: this.#noting,
      keeping: this.#keeping,
      kept: this.#kept,
      clock,
      random,
      jobId,
      maxWaitMs,
      sampleRows,
      pick,
      requestedLimit: (await this.#known.facts(jobId)).limit,
      signal,
      progress: new ProgressSink(report),
      openExport: exportFormat && ((state) => this.#openFile(jobId, exportFormat, csv, state)),
    });
    collection.notices.push(...notices, ...(await this.#aboutStatus(collection.state)));
    return collection;
  }

  /** Writes a job's rows to a file: see `exportJob`. */
  async export(request: ExportRequest, { signal, report }: JobCall): Promise<JobExport> {
    const { jobId, format, csv, fields, dedupe, select, allowPartial, fileName } = request;
    const nameOf = (partial: boolean) => exportFileName(fileName, this.#defaultName(jobId), format, partial);
    // A name that can't be used is said before anything is read.
    nameOf(false);
    const notices = await this.#source.notices(jobId);
    const exported = await exportJob({
      source: this.#noting,
      keeping: this.#keeping,
      kept: this.#kept,
      jobId,
      directory: this.#parts.exportDirectory,
      format,
      csv,
      fields,
      dedupe,
      select,
      allowPartial,
      fileName: nameOf,
      signal,
      progress: new ProgressSink(report),
    });
    exported.notices.push(...notices);
    return exported;
  }

  /** Writes the rows of several jobs to one file: see `exportJobs`. */
  async exportSeveral(
    { jobIds, ...request }: Omit<ExportRequest, 'jobId'> & { jobIds: readonly string[] },
    { signal, report }: JobCall,
  ): Promise<JobsExport> {
    const fallback = `${this.#parts.sandbox ? 'sandbox-' : ''}lookalikes-${jobIds.length}-jobs`;
    return exportJobs({
      ...request,
      jobIds,
      source: this.#source,
      keeping: this.#keeping,
      kept: this.#kept,
      directory: this.#parts.exportDirectory,
      fileName: (partial) => exportFileName(request.fileName, fallback, request.format, partial),
      signal,
      progress: new ProgressSink(report),
    });
  }

  /**
   * Reads what there is of a job into the sinks that `open` gives for its state: see `readJob`.
   *
   * @throws what `open` throws; nothing is read then.
   */
  async read(
    jobId: string,
    open: (state: JobState, first: JobPage) => readonly RowSink[],
    { signal }: Pick<JobCall, 'signal'>,
  ): Promise<ReadJob> {
    const first = await this.#source.getPage(jobId, undefined, signal);
    const sinks = open(toJobState(jobId, first), first);
    const { source, kept, keeping } = { source: this.#noting, kept: this.#kept, keeping: this.#keeping };
    return readJob(jobId, first, sinks, { source, kept, keeping, signal });
  }

  /** A file that was exported before: see `readExportedFile`. */
  exportedFile(uri: string): Promise<{ mimeType: string; text: string }> {
    return readExportedFile(this.#parts.exportDirectory, uri);
  }

  /** Asks upstream to stop a job: see `cancelJob`. */
  async cancel(jobId: string, { signal }: Pick<JobCall, 'signal'>): Promise<Cancelled> {
    const wait = async () => {
      const { clock, random } = this.#parts;
      const onPoll = () => {};
      const options = { source: this.#api, clock, random, jobId, maxWaitMs: CANCEL_MS, signal, onPoll };
      return (await this.#waiter.wait(options)).page;
    };
    const cancelled = await cancelJob(this.#api, jobId, wait, signal);
    return { ...cancelled, notices: [...cancelled.notices, ...(await this.#aboutStatus(cancelled.state))] };
  }

  /**
   * The jobs submitted or looked at from this machine.
   *
   * @param refresh Chooses of all jobs those that are asked about upstream, where they have not ended; null: none.
   * @throws {OpenFunnelError} `not_found` where the ledger can't be read and this process remembers nothing.
   */
  async list(
    refresh: ((jobs: readonly LedgerJob[]) => readonly LedgerJob[]) | null,
    { signal }: Pick<JobCall, 'signal'>,
  ): Promise<JobList> {
    const { ledger, clock } = this.#parts;
    const { jobs, submissions, readable } = await ledger.view();
    if (!readable && submissions.length + jobs.length === 0) {
      throw new OpenFunnelError(
        'not_found',
        'The ledger of jobs could not be read; ask the user to check OPENFUNNEL_STATE_DIR.',
      );
    }
    const since = clock.now() - UNSETTLED_FOR_MS;
    const unsettled = submissions.filter(
      ({ outcome, at }) => (outcome === 'open' || outcome === 'lost') && at >= since,
    );
    const open = (refresh?.(jobs) ?? []).filter(({ terminal }) => !terminal);
    const unread: JobList['unread'] = [];
    const unknown: JobList['unknown'] = [];
    const seen = new Map<string, Partial<LedgerJob>>();
    const look = async (job_id: string) => {
      try {
        const state = toJobState(job_id, await this.#api.getPage(job_id, undefined, signal));
        const { status, processed } = state;
        if (isKnownStatus(status)) return;
        seen.set(job_id, { status, processed, checked_at: new Date(clock.now()).toISOString() });
        unknown.push({ job_id, status, notices: await this.#aboutStatus(state) });
      } catch (error) {
        signal.throwIfAborted();
        if (!(error instanceof OpenFunnelError)) throw error;
        unread.push({ job_id, code: error.code });
      }
    };
    await Promise.all(open.map(({ job_id }) => look(job_id)));
    const now = open.length > 0 ? await ledger.list() : jobs;
    const shown = now.map((job) => ({ ...job, ...seen.get(job.job_id) }));
    return { jobs: shown, unsettled, readable, unread, unknown };
  }

  /** Resolves when no submit is under way, and what is to be noted of jobs is noted. */
  async idle(): Promise<void> {
    await this.#submitter.idle();
    await this.#parts.ledger.idle();
  }

  readonly #keeping: ReadCall['keeping'] = (jobId, first) => this.#source.keeping(jobId, first);

  /** What the jobs that were seen ended last, up to `most`, cost by their manifests; the latest first. */
  costs(most: number): JobCost[] {
    return this.#costs.latest(most);
  }

  async #openFile(
    jobId: string,
    format: ExportFormat,
    csv: CsvStyle | undefined,
    { status }: JobState,
  ): Promise<FileSink> {
    const rows = await RowExport.begin({
      directory: this.#parts.exportDirectory,
      fileName: exportFileName(undefined, this.#defaultName(jobId), format, status === 'cancelled'),
      format,
      csv,
      fields: undefined,
    });
    return new FileSink(rows, null);
  }

  /** Name of an export where the user gave none; made-up companies are not mistaken for real ones. */
  #defaultName(jobId: string): string {
    return `${this.#parts.sandbox ? 'sandbox-' : ''}lookalikes-${jobId.slice(0, 80)}`;
  }
}
