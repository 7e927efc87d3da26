import type { JobPage } from '../openfunnel/wire.ts';
import { isFinal } from './state.ts';
import type { PageSource } from './wait.ts';

/** Pages held at the most, over all jobs. Bytes of JSON. */
const MAX_BYTES = 64 * 1024 * 1024;

interface KeptJob {
  /** What upstream said of the job when its pages were kept; where it says something else, they are read anew. */
  said: string;
  pages: Map<string, Buffer>;
  bytes: number;
}

/**
 * Pages of final jobs that were read and did not make up the whole result yet, so that the next call goes on
 * where the last one stopped. A job whose whole result was read is forgotten again. As bytes they cost a third
 * of what they do as objects.
 */
export class KeptPages {
  readonly #jobs = new Map<string, KeptJob>();
  #bytes = 0;

  /** How many pages of a job are kept. */
  count(jobId: string): number {
    return this.#jobs.get(jobId)?.pages.size ?? 0;
  }

  /** Forgets a job's pages. */
  forget(jobId: string): void {
    const job = this.#jobs.get(jobId);
    if (!job) return;
    this.#bytes -= job.bytes;
    this.#jobs.delete(jobId);
  }

  /** `upstream` with what is kept of the job before it; pages that come from there are kept. */
  before(upstream: PageSource, jobId: string, first: JobPage): PageSource {
    if (!isFinal(first.status)) return upstream;
    const said = JSON.stringify([first.status, first.manifest]);
    if (this.#jobs.get(jobId)?.said !== said) this.forget(jobId);
    return {
      getPage: async (id, cursor, signal, deadline) => {
        const kept = cursor === undefined ? undefined : this.#jobs.get(id)?.pages.get(cursor);
        if (kept) return JSON.parse(kept.toString('utf8')) as JobPage;
        const page = await upstream.getPage(id, cursor, signal, deadline);
        if (cursor !== undefined && page.status === first.status) this.#keep(id, said, cursor, page);
        return page;
      },
    };
  }

  #keep(jobId: string, said: string, cursor: string, page: JobPage): void {
    const job = this.#jobs.get(jobId) ?? { said, pages: new Map<string, Buffer>(), bytes: 0 };
    if (job.said !== said || job.pages.has(cursor)) return;
    const bytes = Buffer.from(JSON.stringify(page), 'utf8');
    for (const other of [...this.#jobs.keys()]) {
      if (this.#bytes + bytes.length <= MAX_BYTES) break;
      if (other !== jobId) this.forget(other);
    }
    if (this.#bytes + bytes.length > MAX_BYTES) return;
    job.pages.set(cursor, bytes);
    job.bytes += bytes.length;
    this.#bytes += bytes.length;
    // Last in, last out.
    this.#jobs.delete(jobId);
    this.#jobs.set(jobId, job);
  }
}
