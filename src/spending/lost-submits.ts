import { type SubmitBody, submitBody } from '../openfunnel/wire.ts';
import type { LedgerJob } from './ledger.ts';

/** What a kept list says of the submit of its job. Times in ISO 8601, UTC. */
interface KeptAbout {
  /** Null where it was submitted elsewhere, as is `request`. */
  submitted_at: string | null;
  request: Readonly<Record<string, unknown>> | null;
  status: string;
  kept_at: string;
}

/** The lists that are kept on this machine. */
export interface KeptLists {
  /** Their jobs, by ids in small letters. Must not reject. */
  all(): Promise<string[]>;
  /** What one says of itself; null where it can't be read, or not in time. Must not reject. */
  about(jobId: string): Promise<KeptAbout | null>;
}

/** A submit that only the kept list of its job tells of. Milliseconds since the epoch. */
interface LostSubmit {
  job_id: string;
  at: number;
  keptAt: number;
  request: SubmitBody;
  status: string;
}

/** What the ledger does not have of the submits from this machine, by the lists that are kept. */
export interface Lost {
  submits: LostSubmit[];
  /** The first job whose list can't be read just now, so that it can't be told; those behind it were not looked at. */
  unread: string | null;
}

/**
 * Finds the submits that the ledger has lost (it was deleted, emptied or replaced) and kept lists tell of. Never rejects.
 * @param jobs What the ledger has by now.
 */
export async function lostSubmits(kept: KeptLists, jobs: readonly LedgerJob[]): Promise<Lost> {
  const noted = new Set(jobs.flatMap(({ job_id, request }) => (request ? [job_id.toLowerCase()] : [])));
  const lost: Lost = { submits: [], unread: null };
  for (const job_id of await kept.all()) {
    if (noted.has(job_id)) continue;
    const about = await kept.about(job_id);
    if (about?.submitted_at === null) continue;
    const { data: request } = submitBody.safeParse(about?.request);
    if (!about || !request) {
      lost.unread = job_id;
      break;
    }
    const [at, keptAt] = [Date.parse(about.submitted_at), Date.parse(about.kept_at)];
    lost.submits.push({ job_id, at, keptAt, request, status: about.status });
  }
  return lost;
}
