import { OpenFunnelError } from '../../openfunnel/errors.ts';
import { hasRank, type Ranks } from '../../sql/columns.ts';
import type { SqlValue } from '../../sql/messages.ts';
import type { CollectedLists } from '../collected.ts';
import type { CollectedList } from '../collected-list.ts';
import type { Exclusion } from './exclusion.ts';
import { listIn } from './fields.ts';

/** A company that is left out. */
export interface LeftOut {
  job_id: string;
  row: number;
  name: string | null;
  /** All exclusions that apply to it, in the order in which they count. */
  why: string[];
}

/** Companies left out, and how that is to be told. */
export interface Excluded {
  /** By job and row. */
  rows: ReadonlyMap<string, ReadonlySet<number>>;
  /** How many rows fell to each; to the first that applies, none included. */
  counts: Record<string, number>;
  /** In order of rank. */
  companies: LeftOut[];
  /** Companies, each once over all lists, that are not left out, no seed and on none of the user's own lists. */
  net_new: number;
  /** How many rows fell to others of the same company, where duplicates are left out; else null. */
  merged: Merged | null;
  /** What could not be compared with, in words: companies are not left out by it. */
  not_compared: string[];
}

/** How many rows fell to others of the same company. */
export interface Merged {
  /** To an earlier row of the same job. */
  within: number;
  /** To a row of another job. */
  across: number;
  /** Rows with neither domain nor LinkedIn page: nothing tells whether they are duplicates, so all of them stay. */
  without_identity: number;
}

/** What leaving companies out works with. */
export interface ExclusionParts {
  lists: CollectedLists;
  /** Jobs of this machine, with when they were submitted (ISO 8601), where that is known. */
  jobs: () => Promise<Array<{ job_id: string; submitted_at: string | null; status: string }>>;
  /** Names of the user's own lists, and of those that can't be read, with why. */
  known: () => Promise<{ names: string[]; damaged: Array<{ list: string; why: string }> }>;
  /** Why the marks on a job can't all be read, or null. */
  damagedMarks: (jobId: string) => Promise<string | null>;
}

/**
 * Which companies of some lists are left out. A company leaves with all its rows, whichever of them says why.
 *
 * @param ranks The rows that are written at all; no others are left out, or stand for a company. Null for all.
 * @throws {OpenFunnelError} `invalid_input` for a list of the user's that is not there or can't be read, `conflict`
 * where a job that is named can't be compared with.
 */
export async function excludedFrom(
  parts: ExclusionParts,
  from: readonly CollectedList[],
  exclusions: readonly Exclusion[],
  { ranks = null, ...call }: { signal: AbortSignal; ranks?: Ranks | null },
): Promise<Excluded> {
  const not_compared = await whatIsNotKnown(parts, from, exclusions);
  const ids = from.map(({ about }) => about.job_id.toLowerCase());
  const others = await otherLists(parts, ids, exclusions, call, not_compared);
  const hand = [...from, ...others.lists];
  const companies = new Map<string, Found>();
  const rows: Ranked[] = [];
  await parts.lists.ask(
    hand,
    [
      {
        sql: `SELECT job_id, "row", name, company_key, is_seed, verdict, known_in, also_in, domain
          FROM companies WHERE job_id IN (${from.map(() => '?').join(', ')}) ORDER BY "row"`,
        params: from.map(({ about }) => about.job_id),
        maxRows: 0,
      },
    ],
    {
      ...call,
      onBatch: async (_, batch) => {
        for (const [job, row, name, key, seed, verdict, knownIn, alsoIn, domain] of batch) {
          const company = typeof key === 'string' ? key : `${job} ${row}`;
          const found = companies.get(company) ?? newFound();
          companies.set(company, found);
          if (seed === 1) found.seed = true;
          if (verdict === 'drop') found.dropped = true;
          if (verdict === 'keep' || verdict === 'maybe') found.spared = true;
          for (const list of textsIn(knownIn)) found.known.add(list);
          for (const id of textsIn(alsoIn)) found.jobs.add(id.toLowerCase());
          if (ranks !== null && !hasRank(ranks, Number(row))) continue;
          rows.push({
            job_id: String(job),
            row: Number(row),
            name: typeof name === 'string' ? name : null,
            company,
            known: typeof key === 'string',
            domain: domain !== null,
          });
        }
      },
    },
  );
  // The best rank stands for a company, and of equal ranks the one of the job that was given first.
  rows.sort(
    (a, b) => a.row - b.row || ids.indexOf(a.job_id.toLowerCase()) - ids.indexOf(b.job_id.toLowerCase()),
  );
  return { ...leftOut(rows, companies, exclusions, others.earlier), not_compared };
}

interface Ranked {
  job_id: string;
  row: number;
  name: string | null;
  company: string;
  /** Whether anything tells which company it is. */
  known: boolean;
  /** Whether it has one. */
  domain: boolean;
}

interface Found {
  seed: boolean;
  dropped: boolean;
  spared: boolean;
  known: Set<string>;
  jobs: Set<string>;
  /** Jobs of its rows that were met. */
  met: Set<string>;
  /** Whether one of its rows was counted as new. */
  counted: boolean;
}

function newFound(): Found {
  const sets = { known: new Set<string>(), jobs: new Set<string>(), met: new Set<string>() };
  return { seed: false, dropped: false, spared: false, ...sets, counted: false };
}

function leftOut(
  rows: readonly Ranked[],
  companies: ReadonlyMap<string, Found>,
  exclusions: readonly Exclusion[],
  earlier: ReadonlySet<string>,
): Omit<Excluded, 'not_compared'> {
  const left = new Map<string, Set<number>>();
  const counts = Object.fromEntries(exclusions.map(({ text }) => [text, 0]));
  const named: LeftOut[] = [];
  const merged = { within: 0, across: 0, without_identity: 0 };
  const needsDomain = exclusions.some(({ kind }) => kind === 'without_domain');
  let net_new = 0;
  for (const { job_id, row, name, company, known, domain } of rows) {
    const found = companies.get(company) ?? newFound();
    const again = found.met.size > 0;
    if (!known) merged.without_identity += 1;
    else if (again) merged[found.met.has(job_id) ? 'within' : 'across'] += 1;
    // A row that is no use itself stands for no other.
    if (domain || !needsDomain) found.met.add(job_id);
    const why = exclusions
      .filter((exclusion) =>
        exclusion.kind === 'without_domain' ? !domain : fits(exclusion, found, again, earlier),
      )
      .map(({ text }) => text);
    const [first] = why;
    if (first === undefined) {
      // Its first row may be left out, or lie outside of the ranks.
      if (!found.seed && found.known.size === 0 && !found.counted) net_new += 1;
      found.counted = true;
      continue;
    }
    counts[first] = (counts[first] ?? 0) + 1;
    const others = left.get(job_id) ?? new Set<number>();
    left.set(job_id, others.add(row));
    named.push({ job_id, row, name, why });
  }
  const dedupes = exclusions.some(({ kind }) => kind === 'duplicates');
  return { rows: left, counts, companies: named, net_new, merged: dedupes ? merged : null };
}

function fits(
  exclusion: Exclude<Exclusion, { kind: 'without_domain' }>,
  found: Found,
  repeated: boolean,
  earlier: ReadonlySet<string>,
): boolean {
  switch (exclusion.kind) {
    case 'seeds':
      return found.seed;
    case 'duplicates':
      return repeated;
    case 'dropped':
      return found.dropped && !found.spared;
    case 'known':
      return found.known.has(exclusion.list);
    case 'known_any':
      return found.known.size > 0;
    case 'job':
      return found.jobs.has(exclusion.jobId.toLowerCase());
    case 'earlier_jobs':
      return [...found.jobs].some((job) => earlier.has(job));
  }
}

/** The lists of jobs to compare with. */
async function otherLists(
  { lists, jobs }: ExclusionParts,
  own: readonly string[],
  exclusions: readonly Exclusion[],
  call: { signal: AbortSignal },
  not_compared: string[],
): Promise<{ lists: CollectedList[]; earlier: ReadonlySet<string> }> {
  const found = new Map<string, CollectedList>();
  const add = async (jobId: string): Promise<string | null> => {
    if (own.includes(jobId.toLowerCase()) || found.has(jobId.toLowerCase())) return null;
    try {
      const list = await lists.get(jobId, call);
      if (!list.about.whole && list.state.status !== 'failed')
        return list.about.why ?? 'it could not be read whole';
      found.set(jobId.toLowerCase(), list);
      return null;
    } catch (error) {
      call.signal.throwIfAborted();
      if (!(error instanceof OpenFunnelError)) throw error;
      return `${error.code}: ${error.message}`;
    }
  };
  for (const exclusion of exclusions) {
    if (exclusion.kind !== 'job') continue;
    const why = await add(exclusion.jobId);
    if (why === null) continue;
    throw new OpenFunnelError(
      'conflict',
      `exclude: job ${exclusion.jobId} can't be compared with: ${why} Nothing was written.`,
      { retryable: true },
    );
  }
  const earlier = new Set<string>();
  if (exclusions.some(({ kind }) => kind === 'earlier_jobs')) {
    for (const jobId of earlierThan(own, await jobs())) {
      earlier.add(jobId.toLowerCase());
      const why = await add(jobId);
      if (why !== null)
        not_compared.push(
          `earlier_jobs: job ${jobId} could not be compared with (${why}), so its companies were NOT left out.`,
        );
    }
  }
  return { lists: [...found.values()], earlier };
}

/** What the exclusions ask about and nobody here knows. */
async function whatIsNotKnown(
  { known, damagedMarks }: ExclusionParts,
  from: readonly CollectedList[],
  exclusions: readonly Exclusion[],
): Promise<string[]> {
  const said: string[] = [];
  const { names, damaged } = await known();
  for (const exclusion of exclusions) {
    if (exclusion.kind === 'known') {
      const why = damaged.find(({ list }) => list === exclusion.list)?.why;
      if (why !== undefined)
        throw new OpenFunnelError(
          'invalid_input',
          `exclude: the list ${JSON.stringify(exclusion.list)} can't be read whole (${why}), so its companies can't be left out. Nothing was written. Import it again with mode replace.`,
        );
      if (names.includes(exclusion.list)) continue;
      const there = names.map((list) => JSON.stringify(list)).join(', ') || 'none';
      throw new OpenFunnelError(
        'invalid_input',
        `exclude: there is no list ${JSON.stringify(exclusion.list)}; the lists are: ${there}. An import makes one. Nothing was written.`,
      );
    }
    if (exclusion.kind === 'known_any')
      for (const { list, why } of damaged)
        said.push(
          `known:*: the list ${JSON.stringify(list)} can't be read whole (${why}), so its companies were NOT left out.`,
        );
    for (const { about } of from) {
      if (exclusion.kind === 'seeds' && about.request === null && !about.manifest?.resolved_seed_domains)
        said.push(
          `seeds: what the seeds of job ${about.job_id} were is not known on this machine, so none was left out.`,
        );
      if (exclusion.kind === 'dropped') {
        const why = await damagedMarks(about.job_id);
        if (why !== null)
          said.push(
            `dropped: the marks on job ${about.job_id} can't all be read (${why}), so dropped companies may be in it.`,
          );
      }
    }
  }
  return said;
}

/** Jobs submitted before these; where it is not known when one was, it counts as earlier. */
function earlierThan(
  own: readonly string[],
  jobs: ReadonlyArray<{ job_id: string; submitted_at: string | null; status: string }>,
): string[] {
  const times = own.map((id) => jobs.find(({ job_id }) => job_id.toLowerCase() === id)?.submitted_at ?? null);
  const latest = times.includes(null) ? null : times.sort().at(-1);
  return jobs.flatMap(({ job_id, submitted_at, status }) => {
    if (own.includes(job_id.toLowerCase()) || status === 'failed') return [];
    return latest == null || submitted_at === null || submitted_at < latest ? [job_id] : [];
  });
}

function textsIn(value: SqlValue | undefined): string[] {
  const texts = listIn(value ?? null);
  return Array.isArray(texts) ? texts.filter((text) => typeof text === 'string') : [];
}
