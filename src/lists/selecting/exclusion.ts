import { OpenFunnelError } from '../../openfunnel/errors.ts';
import { JOB_ID } from '../../openfunnel/job-id.ts';
import { listName } from '../import/import-terms.ts';

/** Whom to leave out of a list, in the order in which a company is counted at the first that applies. */
export type Exclusion =
  | { kind: 'seeds' | 'duplicates' | 'dropped' | 'earlier_jobs' | 'known_any'; text: string }
  | { kind: 'without_domain'; text: string }
  | { kind: 'known'; list: string; text: string }
  | { kind: 'job'; jobId: string; text: string };

/** Rows without a domain, where a file needs one; nobody names it. */
export const WITHOUT_DOMAIN: Exclusion = { kind: 'without_domain', text: 'without domain' };

/** What an exclusion looks like. */
export const EXCLUSIONS =
  'seeds, duplicates, job:<job_id> (companies of that job), earlier_jobs (of all submitted before). Also dropped (by mark_companies), known:<list> and known:* (lists of import_known_companies)';

const PLAIN: Readonly<Record<string, Exclusion['kind']>> = {
  seeds: 'seeds',
  seed: 'seeds',
  duplicates: 'duplicates',
  duplicate: 'duplicates',
  dropped: 'dropped',
  drop: 'dropped',
  'known:*': 'known_any',
  known: 'known_any',
  earlier_jobs: 'earlier_jobs',
};
const ORDER: readonly Exclusion['kind'][] = [
  'seeds',
  'duplicates',
  'dropped',
  'known',
  'known_any',
  'job',
  'earlier_jobs',
];
/** How the plain ones are counted. */
const COUNTED: Partial<Record<Exclusion['kind'], string>> = {
  seeds: 'seeds',
  duplicates: 'duplicates',
  dropped: 'dropped',
  known_any: 'known:*',
  earlier_jobs: 'earlier_jobs',
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
    if (exclusion === null) {
      throw new OpenFunnelError(
        'invalid_input',
        `exclude: ${JSON.stringify(each.slice(0, 80))} is not one of: ${EXCLUSIONS}. Nothing was written.`,
      );
    }
    found.set(exclusion.text, exclusion);
  }
  return [...found.values()].sort((a, b) => ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind));
}

function toExclusion(text: string): Exclusion | null {
  const word = text.toLowerCase();
  const kind = Object.hasOwn(PLAIN, word) ? PLAIN[word] : undefined;
  if (kind !== undefined) return { kind, text: COUNTED[kind] ?? kind } as Exclusion;
  const [, list] = /^known:(.+)$/i.exec(text) ?? [];
  if (list !== undefined) {
    const name = listName(list);
    return name === null ? null : { kind: 'known', list: name, text: `known:${name}` };
  }
  const [, jobId = ''] = /^job:(.+)$/i.exec(text) ?? [];
  return !JOB_ID.test(jobId) ? null : { kind: 'job', jobId, text: `job:${jobId}` };
}
