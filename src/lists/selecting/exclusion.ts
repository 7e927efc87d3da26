import { OpenFunnelError } from '../../openfunnel/errors.ts';
import { JOB_ID } from '../../openfunnel/job-id.ts';
import { listName } from '../import/import-terms.ts';

/** Whom to leave out of a list, in the order in which a company is counted at the first that applies. */
const KINDS = [
  ...(['seeds', 'duplicates', 'dropped', 'known', 'known:*', 'job', 'earlier_jobs'] as const),
  'without domain',
] as const;

export interface Exclusion {
  kind: (typeof KINDS)[number];
  /** The known list or the job; empty for the others. */
  of: string;
  /** What it is counted as. */
  text: string;
}

/** Rows without a domain, where a file needs one; nobody names it. */
export const WITHOUT_DOMAIN: Exclusion = { kind: 'without domain', of: '', text: 'without domain' };

/** What an exclusion looks like. */
export const EXCLUSIONS =
  'seeds, duplicates, job:<job_id> (companies of that job), earlier_jobs (of all submitted before). Also dropped (by mark_companies), known:<list> and known:* (lists of import_known_companies)';

const ALSO: Readonly<Record<string, string>> = {
  seed: 'seeds',
  duplicate: 'duplicates',
  drop: 'dropped',
  known: 'known:*',
};

/**
 * What the caller wants left out, each once and in the order in which it is counted.
 *
 * @throws {OpenFunnelError} `invalid_input` for what is none.
 */
export function toExclusions(given: readonly string[]): Exclusion[] {
  const found = new Map<string, Exclusion>();
  for (const each of given) {
    const exclusion = toExclusion(each.trim());
    if (exclusion === null)
      throw new OpenFunnelError(
        'invalid_input',
        `exclude: ${JSON.stringify(each.slice(0, 80))} is not one of: ${EXCLUSIONS}. Nothing was written.`,
      );
    found.set(exclusion.text, exclusion);
  }
  return [...found.values()].sort((a, b) => KINDS.indexOf(a.kind) - KINDS.indexOf(b.kind));
}

function toExclusion(text: string): Exclusion | null {
  const word = text.toLowerCase();
  const plain = Object.hasOwn(ALSO, word) ? ALSO[word] : word;
  const kind = KINDS.find((each) => each === plain && !['known', 'job', 'without domain'].includes(each));
  if (kind !== undefined) return { kind, of: '', text: kind };
  const [, list] = /^known:(.+)$/i.exec(text) ?? [];
  const name = list === undefined ? null : listName(list);
  if (name !== null) return { kind: 'known', of: name, text: `known:${name}` };
  const [, jobId = ''] = /^job:(.+)$/i.exec(text) ?? [];
  return JOB_ID.test(jobId) ? { kind: 'job', of: jobId, text: `job:${jobId}` } : null;
}
