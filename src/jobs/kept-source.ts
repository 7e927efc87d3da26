import type { Deadline } from '../lib/deadline.ts';
import { Stuck } from '../lib/patience.ts';
import { OpenFunnelError } from '../openfunnel/errors.ts';
import type { JobPage } from '../openfunnel/wire.ts';
import { DamagedFileError } from '../store/kept-format.ts';
import type { KeptJobFacts, KeptJobs, KeptOrigin, KeptWriter } from '../store/kept-rows.ts';
import { isFinal, shownStatus } from './state.ts';
import type { PageSource } from './wait.ts';

/**
 * Pages of jobs that are kept on this machine come from the disk, whatever key is set; all others from upstream.
 * What is read whole of a final job is kept.
 */
export class KeptSource implements PageSource {
  readonly #upstream: PageSource;
  readonly #kept: KeptJobs | null;
  readonly #originOf: (jobId: string) => Promise<KeptOrigin>;
  /** Kept jobs that upstream was seen not to know any more. */
  readonly #gone = new Set<string>();

  /**
   * @param kept Null where no rows are to be kept.
   * @param originOf What is known of a job from its submit. Never rejects.
   */
  constructor(upstream: PageSource, kept: KeptJobs | null, originOf: (jobId: string) => Promise<KeptOrigin>) {
    this.#upstream = upstream;
    this.#kept = kept;
    this.#originOf = originOf;
  }

  /** @throws what upstream's `getPage` throws, for a page that is not kept. */
  async getPage(jobId: string, cursor?: string, signal?: AbortSignal, deadline?: Deadline): Promise<JobPage> {
    return (await this.#keptPage(jobId, cursor)) ?? this.#upstream.getPage(jobId, cursor, signal, deadline);
  }

  /**
   * A job's first page as upstream has it now; where upstream can't be asked or does not know the job any more,
   * as it is kept, with why.
   *
   * @throws {OpenFunnelError} where it is not kept either.
   */
  async latest(jobId: string, signal: AbortSignal): Promise<{ page: JobPage; notices: string[] }> {
    try {
      return { page: await this.#upstream.getPage(jobId, undefined, signal), notices: [] };
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof OpenFunnelError)) throw error;
      const page = await this.#keptPage(jobId, undefined);
      if (!page) throw error;
      if (error.code === 'not_found') this.#gone.add(jobId);
      const notices = await this.notices(jobId);
      if (error.code !== 'not_found') notices.push(`OpenFunnel could not be asked (${error.code}).`);
      return { page, notices };
    }
  }

  /** What is known of a kept job; null where it is not kept. */
  async find(jobId: string): Promise<KeptJobFacts | null> {
    return this.#kept?.find(jobId) ?? null;
  }

  /** Says that what is read of this job was kept, for the results; nothing where it comes from upstream. */
  async notices(jobId: string): Promise<string[]> {
    const facts = await this.find(jobId);
    if (!facts) return [];
    const gone = this.#gone.has(jobId)
      ? ' OpenFunnel no longer knows this job (404): this copy is all there is.'
      : '';
    return [
      `Read from the copy kept on this machine on ${facts.kept_at.slice(0, 10)}, which is final; OpenFunnel was not asked for rows.${gone}`,
    ];
  }

  /** What keeps the rows of a job that is about to be read; null where it is kept already, or is not to be. */
  async keeping(jobId: string, first: JobPage): Promise<KeptWriter | null> {
    if (!this.#kept || !isFinal(shownStatus(first.status))) return null;
    if (await this.#kept.find(jobId)) return null;
    return this.#kept.writer(jobId, first, await this.#originOf(jobId));
  }

  async #keptPage(jobId: string, cursor: string | undefined): Promise<JobPage | null> {
    const job = (await this.#kept?.open(jobId)) ?? null;
    if (!job) return null;
    try {
      return await job.page(cursor);
    } catch (error) {
      if (error instanceof Stuck) return null;
      if (!(error instanceof DamagedFileError)) throw error;
      await this.#kept?.setAside(jobId, error.message);
      return null;
    } finally {
      await job.close();
    }
  }
}
