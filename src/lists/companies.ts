import { join } from 'node:path';
import type { CsvStyle } from '../files/csv.ts';
import { type ExportFormat, exportFileName } from '../files/export-format.ts';
import { type ExportedFile, RowExport } from '../files/row-export.ts';
import { NotFinalError } from '../jobs/export-job.ts';
import type { Jobs } from '../jobs/jobs.ts';
import { isFinal, shownStatus } from '../jobs/state.ts';
import { quotesUpstream, statusWord } from '../jobs/words.ts';
import { OpenFunnelError } from '../openfunnel/errors.ts';
import { KeptBytes } from '../store/kept-bytes.ts';
import type { KeptHeader } from '../store/kept-format.ts';
import type { KeptJobFacts, KeptJobs } from '../store/kept-rows.ts';
import { MARKS_FOLDER, Marks } from '../store/marks.ts';
import type { JobAtHand } from './query/messages.ts';
import { type Queries, type Query, type QueryAnswer, QueryError } from './query/queries.ts';
import type { SqlValue } from './query/side-table.ts';

export interface CompaniesParts {
  jobs: Pick<Jobs, 'read' | 'origin'>;
  kept: KeptJobs | null;
  queries: Queries;
  /** Folder of the marks and the other records of this machine. */
  stateDirectory: string;
  /** Folder that exports are written to. */
  exportDirectory: string;
  /** Whether the companies are made up; file names then say so. */
  sandbox: boolean;
}

/** A job that a query was to be about. */
export interface JobReport {
  job_id: string;
  /** Whether its companies are in the tables. */
  at_hand: boolean;
  companies: number | null;
  /** Why not, where they are not. */
  reason: string | null;
}

export interface CompaniesQuery {
  /** One statement that reads. */
  sql: string;
  /** Values for its `?`. */
  params?: readonly SqlValue[];
  /** The jobs that the tables hold; undefined for all that are kept. */
  jobIds: readonly string[] | undefined;
  /** Rows to give back; all are counted. */
  maxRows: number;
  /** Also writes all rows to a file. */
  file?: { format: ExportFormat; fileName: string | undefined; csv?: CsvStyle | undefined };
}

export interface CompaniesAnswer extends QueryAnswer {
  jobs: JobReport[];
  export: ExportedFile | null;
}

/** A question to the companies of one job. */
type OneJobQuery = Pick<Query, 'sql' | 'params' | 'maxRows' | 'maxText' | 'onBatch'> & { jobId: string };

/** Companies in the tables at the most where no jobs are named: some 120 MB of memory. */
const MOST_AT_HAND = 200_000;

/** The companies of finished jobs, to be asked in SQL. */
export class Companies {
  readonly #parts: CompaniesParts;
  /** Jobs that were read and could not be kept, until the database is idle. */
  readonly #inMemory = new Map<string, JobAtHand>();

  constructor(parts: CompaniesParts) {
    this.#parts = parts;
    parts.queries.onIdle = () => this.#inMemory.clear();
  }

  /**
   * Asks the companies of jobs. Jobs that are named, are final and are not kept yet are read first.
   *
   * @throws {QueryError} when the statement has no answer.
   * @throws {OpenFunnelError} when none of the jobs is at hand, or the file can't be written.
   */
  async query(query: CompaniesQuery, { signal }: { signal: AbortSignal }): Promise<CompaniesAnswer> {
    const { sandbox, exportDirectory, queries } = this.#parts;
    const { sql, params = [], jobIds, maxRows, file } = query;
    const fallback = `${sandbox ? 'sandbox-' : ''}lookalikes-query`;
    // Named before anything is read, so that a bad name costs nothing.
    const fileName = file && exportFileName(file.fileName, fallback, file.format, false);
    return this.#withJobs(jobIds, signal, async (hand, jobs) => {
      if (!file || fileName === undefined) {
        return { ...(await queries.run({ sql, params, jobs: hand, maxRows, signal })), jobs, export: null };
      }
      const { format, csv } = file;
      const first: SqlValue[][] = [];
      let rows: RowExport | undefined;
      try {
        const answer = await queries.run({
          sql,
          params,
          jobs: hand,
          maxRows,
          maxText: MAX_FILE_TEXT,
          signal,
          onBatch: async (columns, batch) => {
            rows ??= await RowExport.begin({
              directory: exportDirectory,
              fileName,
              format,
              csv,
              fields: columns,
            });
            for (const row of batch) {
              if (first.length < maxRows) first.push([...row]);
              rows.add(Object.fromEntries(columns.map((column, at) => [column, row[at] ?? null])));
            }
            await rows.drain();
          },
        });
        return { ...answer, rows: first, jobs, export: (await rows?.finish()) ?? null };
      } finally {
        await rows?.abandon();
      }
    });
  }

  /**
   * Asks the companies of one job: for what the program itself wants to know, with its own statement. What a
   * caller has written goes into `params`, or is checked by `whyNoCondition`.
   *
   * @throws as `query` does.
   */
  ask(question: OneJobQuery, call: { signal: AbortSignal }): Promise<QueryAnswer> {
    return this.askBeside({ ...question, others: [] }, call);
  }

  /** The same with further jobs in the tables, for `also_in`; which of them are not at hand is told. */
  askBeside(
    { jobId, others, ...question }: OneJobQuery & { others: readonly string[] },
    { signal }: { signal: AbortSignal },
  ): Promise<QueryAnswer & { jobs: JobReport[] }> {
    return this.#withJobs([jobId, ...others], signal, async (hand, jobs) => {
      const own = jobs.find(({ job_id }) => job_id === jobId);
      if (own?.at_hand === false) {
        throw new OpenFunnelError('conflict', `Job ${jobId} can't be asked: ${own.reason}.`, {
          retryable: true,
        });
      }
      return { ...(await this.#parts.queries.run({ ...question, jobs: hand, signal })), jobs };
    });
  }

  /** Deletes the kept rows of jobs and the marks on them from this machine; `bytes` is what that freed. */
  async forget(jobIds: readonly string[] | 'all'): Promise<{ forgotten: string[]; bytes: number }> {
    const { kept, queries, stateDirectory } = this.#parts;
    const all = async () => [
      ...(await (kept?.list() ?? [])).map(({ job_id }) => job_id),
      ...this.#inMemory.keys(),
    ];
    const wanted = jobIds === 'all' ? await all() : jobIds;
    const result = (await kept?.forget(wanted)) ?? { forgotten: [], bytes: 0 };
    const marks = new Marks({ directory: join(stateDirectory, MARKS_FOLDER), now: Date.now });
    result.bytes += await marks.forget(wanted);
    for (const jobId of wanted) if (this.#inMemory.delete(jobId)) result.forgotten.push(jobId);
    // What the database holds of them goes as well.
    await queries.end();
    return result;
  }

  /** Runs `work` with the jobs at hand; where files turn out to be damaged, once more after reading them anew. */
  async #withJobs<T>(
    named: readonly string[] | undefined,
    signal: AbortSignal,
    work: (hand: readonly JobAtHand[], reports: JobReport[]) => Promise<T>,
  ): Promise<T> {
    let jobIds = named;
    for (let again = false; ; again = true) {
      const { hand, reports } = await this.#atHand(jobIds, signal);
      try {
        return await work(hand, reports);
      } catch (error) {
        if (!(error instanceof QueryError) || error.failure.kind !== 'damaged' || again) throw error;
        for (const { job_id, why } of error.failure.jobs) await this.#parts.kept?.setAside(job_id, why);
        // All that were wanted are wanted still.
        jobIds ??= hand.map(({ job_id }) => job_id);
      }
    }
  }

  async #atHand(
    jobIds: readonly string[] | undefined,
    signal: AbortSignal,
  ): Promise<{ hand: JobAtHand[]; reports: JobReport[] }> {
    const found =
      jobIds === undefined ? await this.#allKept(signal) : await this.#named([...new Set(jobIds)], signal);
    const hand = found.flatMap(({ job }) => job ?? []);
    const reports = found.map(({ report }) => report);
    if (hand.length > 0) return { hand, reports };
    const [first] = reports;
    if (!first) {
      throw new OpenFunnelError(
        'not_found',
        'No finished job is kept on this machine yet, so there are no companies to query. Name one in job_ids (list_bulk_jobs lists them): a finished job is read first.',
      );
    }
    const [why] = found.flatMap(({ error }) => error ?? []);
    // What stands in the way of all of them is told as such.
    if (why && found.every(({ error }) => error?.code === why.code) && !(why instanceof NotFinalError))
      throw why;
    const said = reports.slice(0, 5).map(({ job_id, reason }) => `${job_id}: ${reason}`);
    throw new OpenFunnelError(
      'conflict',
      `There are no companies to query. ${said.join('; ')}${reports.length > 5 ? ' …' : ''}`,
      { retryable: true, quotesUpstream: quotesUpstream(said) },
    );
  }

  /** Kept jobs, the latest first, as far as memory goes. */
  async #allKept(signal: AbortSignal): Promise<Found[]> {
    const { kept: store } = this.#parts;
    let kept = (await store?.list()) ?? [];
    for (const facts of kept) await store?.isSound(facts);
    // What was kept and is damaged belongs to all that is kept: it is read anew.
    const damaged = store?.takeSetAside() ?? [];
    const anew = await this.#named(damaged, signal);
    if (damaged.length > 0) kept = (await store?.list()) ?? [];
    const known = new Set(kept.map(({ job_id }) => job_id));
    const others = [...this.#inMemory.values()].filter(({ job_id }) => !known.has(job_id));
    const found: Found[] = [];
    let companies = 0;
    for (const job of [...kept.map(fromFile), ...others]) {
      companies += job.facts.companies;
      found.push(
        companies <= MOST_AT_HAND || found.length === 0
          ? isAtHand(job)
          : isNot(job.job_id, job.facts.companies, 'left out to bound memory: name it in job_ids'),
      );
    }
    return [...found, ...anew.filter(({ report }) => !report.at_hand)];
  }

  async #named(jobIds: readonly string[], signal: AbortSignal): Promise<Found[]> {
    const found: Found[] = [];
    for (const jobId of jobIds) {
      try {
        found.push(isAtHand(await this.#one(jobId, signal)));
      } catch (error) {
        signal.throwIfAborted();
        if (!(error instanceof OpenFunnelError)) throw error;
        found.push({ ...isNot(jobId, null, reasonOf(error)), error });
      }
    }
    return found;
  }

  /** @throws {OpenFunnelError} where the job is not final or can't be read whole. */
  async #one(jobId: string, signal: AbortSignal): Promise<JobAtHand> {
    const { kept, jobs } = this.#parts;
    const facts = await kept?.find(jobId);
    if (facts && (await kept?.isSound(facts))) return fromFile(facts);
    const held = this.#inMemory.get(jobId);
    if (held) return held;
    // It is kept as it is read, or else held in memory.
    let bytes: KeptBytes | undefined;
    const origin = await jobs.origin(jobId);
    const read = await jobs.read(
      jobId,
      (state, first) => {
        if (!state.results_final) throw new NotFinalError(state);
        bytes = new KeptBytes(jobId, first, origin);
        return [bytes];
      },
      { signal },
    );
    if (!read.whole) {
      throw new OpenFunnelError(
        'upstream_invalid_response',
        `not all of it could be read: ${read.why ?? 'unknown'}`,
        { retryable: true, quotesUpstream: read.quotesUpstream },
      );
    }
    const now = await kept?.find(jobId);
    if (now) return fromFile(now);
    const whole = bytes?.whole;
    if (!bytes || !whole) throw new OpenFunnelError('not_found', 'it was forgotten meanwhile');
    const job = {
      ...atHandOf(bytes.header, bytes.rows),
      version: crypto.randomUUID(),
      source: { bytes: whole },
    };
    this.#inMemory.set(jobId, job);
    return job;
  }
}

/** Longest text in a file: a cell of a spreadsheet. Characters. */
const MAX_FILE_TEXT = 32_000;

interface Found {
  job: JobAtHand | null;
  error?: OpenFunnelError;
  report: JobReport;
}

function isAtHand(job: JobAtHand): Found {
  const { job_id, facts } = job;
  return { job, report: { job_id, at_hand: true, companies: facts.companies, reason: null } };
}

function isNot(job_id: string, companies: number | null, reason: string): Found {
  return { job: null, report: { job_id, at_hand: false, companies, reason } };
}

function reasonOf(error: OpenFunnelError): string {
  if (!(error instanceof NotFinalError)) return `${error.code}: ${error.message}`;
  return error.state.terminal
    ? 'the job failed'
    : `the job is not final yet (status ${statusWord(error.state.status)}): wait for it with wait_and_collect`;
}

function fromFile(facts: KeptJobFacts): JobAtHand {
  const { path, version, companies } = facts;
  return { ...atHandOf(facts, companies), version, source: { path } };
}

/** A job's line in the table `jobs`, and its seeds. */
function atHandOf(header: KeptHeader, companies: number): Omit<JobAtHand, 'version' | 'source'> {
  const { query, limit, seed_domains } = header.request ?? {};
  const seeds = textsOf(seed_domains);
  return {
    job_id: header.job_id,
    seeds: [...seeds, ...textsOf(header.manifest?.resolved_seed_domains)],
    facts: {
      label: header.label,
      submitted_at: header.submitted_at,
      query: typeof query === 'string' ? query : null,
      seed_domains: seeds.length === 0 ? null : seeds,
      requested_limit: typeof limit === 'number' ? limit : null,
      status: isFinal(shownStatus(header.status)) ? shownStatus(header.status) : header.status,
      companies,
      credits: Number.isFinite(Number(header.manifest?.credits_consumed ?? Number.NaN))
        ? Number(header.manifest?.credits_consumed)
        : null,
    },
  };
}

function textsOf(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}
