import { OpenFunnelError } from '../openfunnel/errors.ts';
import type { Mark } from '../store/marks.ts';
import { listName } from './known-import.ts';
import type { QueryAnswer } from './query/queries.ts';
import type { SqlValue } from './query/side-table.ts';

/** Whom to leave out of a list, in the order in which a company is counted at the first that applies. */
export type Exclusion =
  | { kind: 'seeds' | 'duplicates' | 'dropped' | 'earlier_jobs' | 'known_any'; text: string }
  | { kind: 'known'; list: string; text: string }
  | { kind: 'job'; jobId: string; text: string };

/** What an exclusion looks like. */
export const EXCLUSIONS =
  'seeds, duplicates, dropped (in that job, by mark_companies), known:<list> (of import_companies), known:* (any list), job:<job_id> (its companies), earlier_jobs (of all submitted before)';

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
        `exclude: ${JSON.stringify(each.slice(0, 80))} is none of ${EXCLUSIONS}. Nothing was written.`,
      );
    }
    found.set(exclusion.text, exclusion);
  }
  return [...found.values()].sort((a, b) => ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind));
}

function toExclusion(text: string): Exclusion | null {
  const kind = PLAIN[text.toLowerCase()];
  if (kind !== undefined) return { kind, text: COUNTED[kind] ?? kind } as Exclusion;
  const [, list] = /^known:(.+)$/i.exec(text) ?? [];
  if (list !== undefined) {
    const name = listName(list);
    return name === null ? null : { kind: 'known', list: name, text: `known:${name}` };
  }
  const [, jobId] = /^job:([A-Za-z0-9_-]{1,200})$/i.exec(text) ?? [];
  return jobId === undefined ? null : { kind: 'job', jobId, text: `job:${jobId}` };
}

/** Companies left out, and how that is to be told. */
export interface Excluded {
  /** By rank, the exclusion that a company fell to. */
  rows: ReadonlyMap<number, string>;
  /** How many fell to each, none included. */
  counts: Record<string, number>;
  /** The first of them by name, with why. */
  named: Array<{ row: number; name: string | null; why: string }>;
  /** What could not be compared with. */
  notices: string[];
}

const MAX_NAMED = 20;

/** Asks the companies of one job, with others at hand for `also_in`. */
export type AskWithOthers = (
  question: {
    sql: string;
    params: readonly SqlValue[];
    jobId: string;
    others: readonly string[];
    maxRows: number;
    onBatch: (columns: readonly string[], rows: ReadonlyArray<readonly SqlValue[]>) => Promise<void>;
  },
  call: { signal: AbortSignal },
) => Promise<
  QueryAnswer & { jobs: ReadonlyArray<{ job_id: string; at_hand: boolean; reason: string | null }> }
>;

/**
 * Which companies of a final job are left out.
 *
 * @param earlier Jobs that `earlier_jobs` means.
 * @throws {OpenFunnelError} `conflict` where a job is not final.
 */
export async function excludedFrom(
  ask: AskWithOthers,
  jobId: string,
  exclusions: readonly Exclusion[],
  earlier: readonly string[],
  call: { signal: AbortSignal },
): Promise<Excluded> {
  const others = exclusions.flatMap((exclusion) =>
    exclusion.kind === 'job' ? [exclusion.jobId] : exclusion.kind === 'earlier_jobs' ? earlier : [],
  );
  const rows = new Map<number, string>();
  const counts = Object.fromEntries(exclusions.map(({ text }) => [text, 0]));
  const named: Excluded['named'] = [];
  const { jobs: asked } = await ask(
    {
      jobId,
      others: [...new Set(others)].filter((other) => other !== jobId),
      sql: `SELECT row, name, is_seed, same_as, verdict, known_in, also_in FROM companies
        WHERE job_id = ? ORDER BY row`,
      params: [jobId],
      maxRows: 0,
      onBatch: async (_, batch) => {
        for (const [row, name, seed, sameAs, verdict, knownIn, alsoIn] of batch) {
          const lists = textsIn(knownIn);
          const jobs = textsIn(alsoIn);
          const fits = (exclusion: Exclusion): boolean => {
            switch (exclusion.kind) {
              case 'seeds':
                return seed === 1;
              case 'duplicates':
                return sameAs !== null && sameAs !== undefined;
              case 'dropped':
                return verdict === 'drop';
              case 'known':
                return lists.includes(exclusion.list);
              case 'known_any':
                return lists.length > 0;
              case 'job':
                return jobs.some((job) => job.toLowerCase() === exclusion.jobId.toLowerCase());
              case 'earlier_jobs':
                return jobs.some((job) => earlier.includes(job));
            }
          };
          const first = exclusions.find(fits);
          if (first === undefined) continue;
          rows.set(Number(row), first.text);
          counts[first.text] = (counts[first.text] ?? 0) + 1;
          if (named.length < MAX_NAMED)
            named.push({ row: Number(row), name: typeof name === 'string' ? name : null, why: first.text });
        }
      },
    },
    call,
  );
  const notices: string[] = [];
  for (const { job_id, reason } of asked.filter(({ at_hand }) => !at_hand)) {
    if (exclusions.some((exclusion) => exclusion.kind === 'job' && exclusion.jobId === job_id)) {
      throw new OpenFunnelError(
        'conflict',
        `exclude: job ${job_id} can't be compared with: ${reason}. Nothing was written.`,
        { retryable: true },
      );
    }
    notices.push(
      `earlier_jobs: job ${job_id} could not be compared with (${reason}), so its companies were NOT left out.`,
    );
  }
  return { rows, counts, named, notices };
}

function textsIn(value: SqlValue | undefined): string[] {
  if (typeof value !== 'string' || value === '[]') return [];
  const texts: unknown = JSON.parse(value);
  return Array.isArray(texts) ? texts.filter((text) => typeof text === 'string') : [];
}

/** Columns that an export has behind the chosen fields where companies of the job are marked. */
export const MARK_COLUMNS = ['verdict', 'role', 'score', 'reason'] as const;

/** What those columns hold for a company. */
export function markColumns(
  mark: Mark | undefined,
): Record<(typeof MARK_COLUMNS)[number], string | number | null> {
  const { verdict = null, role = null, score = null, reason = null } = mark ?? {};
  return { verdict, role, score, reason };
}
