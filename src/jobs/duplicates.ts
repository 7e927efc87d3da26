import { IdentityIndex, identityOf } from '../lists/identity.ts';
import type { Row } from '../openfunnel/wire.ts';

/** How many rows fell to others of the same company, by what they were told to be the same. */
export interface Merged {
  by_domain: number;
  by_linkedin: number;
  /** Rows with neither domain nor LinkedIn page: nothing tells whether they are duplicates, so all of them stay. */
  without_identity: number;
}

interface Best {
  job: number;
  row: number;
}

/**
 * Finds the rows that stand for each company: of several rows of one company, in one job or in more, the one with
 * the best rank, and of equal ranks the one of the job that was given first.
 */
export class Duplicates {
  readonly merged: Merged = { by_domain: 0, by_linkedin: 0, without_identity: 0 };
  readonly #index = new IdentityIndex<Best>();
  readonly #best: Best[] = [];

  /**
   * Takes a row into account.
   *
   * @param job Number of its job.
   * @param position Its rank there, from 1.
   * @returns Whether no row of the same company came before.
   */
  add(row: Row, job: number, position: number): boolean {
    const company = identityOf(row);
    if (company.key === null) {
      this.merged.without_identity += 1;
      this.#best.push({ job, row: position });
      return true;
    }
    const match = this.#index.match(company);
    const best = match?.value ?? { job, row: position };
    this.#index.add(company, best);
    if (!match) {
      this.#best.push(best);
      return true;
    }
    this.merged[match.by === 'domain' ? 'by_domain' : 'by_linkedin'] += 1;
    if (position < best.row) Object.assign(best, { job, row: position });
    return false;
  }

  /** The ranks of the rows of a job that stand for their companies, once all rows were added. */
  standing(job: number): ReadonlySet<number> {
    return new Set(this.#best.filter((best) => best.job === job).map(({ row }) => row));
  }
}
