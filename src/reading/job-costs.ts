import { isTerminal, shownStatus } from '../openfunnel/status.ts';
import type { JobPage } from '../openfunnel/wire.ts';
import { promised } from './state.ts';

/** What an ended job cost, by its manifest. */
export interface JobCost {
  job_id: string;
  credits: number;
}

/** Jobs remembered at the most. */
const MOST = 100;

/** What the manifests that this process has seen say that their jobs cost. */
export class JobCosts {
  readonly #credits = new Map<string, number>();

  /** Notes what a page's manifest says, where the job has ended and it says something. */
  note(jobId: string, page: Pick<JobPage, 'status' | 'manifest'>): void {
    const credits = isTerminal(shownStatus(page.status)) ? promised(page, 'credits_consumed') : null;
    if (credits === null) return;
    // Behind all others, as the one seen last.
    this.#credits.delete(jobId);
    this.#credits.set(jobId, credits);
    const [oldest] = this.#credits.keys();
    if (this.#credits.size > MOST && oldest !== undefined) this.#credits.delete(oldest);
  }

  /** The `most` jobs seen last, the latest first. */
  latest(most: number): JobCost[] {
    return [...this.#credits]
      .slice(-most)
      .reverse()
      .map(([job_id, credits]) => ({ job_id, credits }));
  }
}
