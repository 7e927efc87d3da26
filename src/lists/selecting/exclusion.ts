import { OpenFunnelError } from '../../openfunnel/errors.ts';
import { JOB_ID } from '../../openfunnel/job-id.ts';
import { sqlLiteral } from '../../sql/columns.ts';
import { listName } from '../import/import-terms.ts';

const isIn = (jobs: readonly string[]) =>
  `also_in <> '[]' AND EXISTS (SELECT 1 FROM json_each(also_in)
    WHERE lower(value) IN (${jobs.map((job) => sqlLiteral(job.toLowerCase())).join(', ')}))`;

/**
 * Whom to leave out of a list, in the order in which a company is counted at the first that applies; and what a row says
 * of its company in this regard, as SQL: 1 that it applies, -1 that it does not whatever its other rows say, or 0.
 */
export const SAYS = {
  seeds: () => 'is_seed = 1',
  // This is about the row, and not about its company.
  duplicates: () => '0',
  dropped: () => "CASE verdict WHEN 'drop' THEN 1 WHEN 'keep' THEN -1 WHEN 'maybe' THEN -1 ELSE 0 END",
  known: (list: string) => `EXISTS (SELECT 1 FROM json_each(known_in) WHERE value = ${sqlLiteral(list)})`,
  'known:*': () => "known_in <> '[]'",
  job: (jobId: string) => isIn([jobId]),
  earlier_jobs: (_: string, earlier: readonly string[]) => isIn(earlier),
  // So is this, which files have that need one.
  'without domain': () => '0',
};

export interface Exclusion {
  kind: keyof typeof SAYS;
  /** The known list or the job; empty for the others. */
  of: string;
  /** What it is counted as. */
  text: string;
}

/** What an exclusion looks like. */
export const EXCLUSIONS =
  'seeds, duplicates, job:<job_id> (companies of that job), earlier_jobs (of all submitted before). Also dropped (by mark_companies), known:<list> and known:* (lists of import_known_companies)';

const KINDS = Object.keys(SAYS) as Array<Exclusion['kind']>;

/**
 * What the caller wants left out, each once and in the order in which it is counted.
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
  return KINDS.flatMap((kind) => [...found.values()].filter((exclusion) => exclusion.kind === kind));
}

function toExclusion(text: string): Exclusion | null {
  const kind = KINDS.find((each) => each === text.toLowerCase() && each !== 'known' && each !== 'job');
  if (kind !== undefined) return { kind, of: '', text: kind };
  const [, word = '', of = ''] = /^(known|job):(.+)$/i.exec(text) ?? [];
  if (word.toLowerCase() === 'job') return JOB_ID.test(of) ? { kind: 'job', of, text: `job:${of}` } : null;
  const list = listName(of);
  return list === null ? null : { kind: 'known', of: list, text: `known:${list}` };
}
