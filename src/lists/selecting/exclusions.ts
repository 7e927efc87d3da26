import type { KnownLists } from '../../disk/known-lists.ts';
import type { Marks } from '../../disk/marks.ts';
import { OpenFunnelError, orFailure } from '../../lib/errors.ts';
import { JOB_ID } from '../../openfunnel/job-id.ts';
import type { Ledger } from '../../spending/ledger.ts';
import { isAmong, type Ranks, sqlLiteral } from '../../sql/columns.ts';
import type { CollectedLists } from '../collected.ts';
import type { CollectedList } from '../collected-list.ts';
import { HAS_COMPANY } from '../enough.ts';
import { listName } from '../import/import-terms.ts';
import { whyMissing } from './question.ts';

const isIn = (jobs: readonly string[]) =>
  `also_in <> '[]' AND EXISTS (SELECT 1 FROM json_each(also_in)
    WHERE lower(value) IN (${jobs.map((job) => sqlLiteral(job.toLowerCase())).join(', ')}))`;

/**
 * Whom to leave out of a list, in the order in which a company is counted at the first that applies; and what a row says
 * of its company in this regard, as SQL: 1 that it applies, -1 that it does not whatever its other rows say, or 0.
 */
const SAYS = {
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

/** Companies left out, and how that is to be told. */
export type Excluded = Awaited<ReturnType<typeof excludedFrom>>;

interface ExclusionParts {
  lists: CollectedLists;
  ledger: Pick<Ledger, 'view'>;
  known: KnownLists;
  marks: Marks;
}

/** What is known of a company by all its rows. */
interface Company {
  /** For each exclusion what its rows say: 1 that it applies, -1 that it does not whatever the others say, or 0. */
  says: number[];
  isNew: boolean;
  /** Jobs of its rows that were met. */
  met: Set<string>;
}

interface Row {
  job_id: string;
  row: number;
  name: string | null;
  company: Company;
  identified: boolean;
  hasDomain: boolean;
  /** Whether it only looks like somebody known. */
  isNear: boolean;
}

/**
 * Which companies of some lists are left out. A company leaves with all its rows, whichever of them says why.
 * @param ranks The rows that are written at all; no others are left out, or stand for a company. Null for all.
 * @throws {OpenFunnelError} `invalid_input` for a list of the user's that is not there or can't be read, `conflict`
 * where a job that is named can't be compared with.
 */
export async function excludedFrom(
  parts: ExclusionParts,
  from: readonly CollectedList[],
  exclusions: readonly Exclusion[],
  { signal, ranks }: { signal: AbortSignal; ranks: Ranks | null },
) {
  const not_compared = await notKnownHere(parts, from, exclusions);
  const others = await otherLists(parts, from, exclusions, signal);
  const ids = from.map(({ about }) => sqlLiteral(about.job_id)).join(', ');
  const sql = `SELECT job_id, "row", name, company_key, domain IS NOT NULL, is_seed IS NOT 1 AND known_in = '[]' AND ${HAS_COMPANY},
      known_in = '[]' AND known_maybe <> '[]',
      ${[ranks === null ? '1' : isAmong(ranks, '"row"'), ...exclusions.map(({ kind, of }) => SAYS[kind](of, others.earlier))].join(', ')}
    FROM companies WHERE job_id IN (${ids}) ORDER BY "row", ${inJobOrder(from)}`;
  const companies = new Map<string, Company>();
  const rows: Row[] = [];
  // The best rank stands for a company, and of equal ranks the one of the job that was given first.
  await parts.lists.ask([...from, ...others.lists], [{ sql, maxRows: 0 }], {
    signal,
    onBatch: async (_, batch) => {
      for (const [job, row, name, key, domain, isNew, near, written, ...says] of batch) {
        const id = typeof key === 'string' ? key : `${job} ${row}`;
        const company = companies.get(id) ?? { says: exclusions.map(() => 0), isNew: true, met: new Set() };
        companies.set(id, company);
        company.says = company.says.map((said, at) => (said === -1 || !says[at] ? said : Number(says[at])));
        company.isNew &&= isNew === 1;
        if (written !== 1) continue;
        rows.push({
          job_id: String(job),
          row: Number(row),
          name: typeof name === 'string' ? name : null,
          company,
          identified: typeof key === 'string',
          hasDomain: domain === 1,
          isNear: near === 1,
        });
      }
    },
  });
  return {
    ...leftOut(rows, exclusions),
    /** What could not be compared with, in words: companies are not left out by it. */
    not_compared: [...not_compared, ...others.not_compared],
  };
}

/** The jobs in the order in which they were given, as SQL. */
export function inJobOrder(lists: readonly CollectedList[]): string {
  const cases = lists.map(({ about }, at) => `WHEN ${sqlLiteral(about.job_id)} THEN ${at}`);
  return `CASE job_id ${cases.join(' ')} END`;
}

/** The rows of lists that are not left out, as SQL. */
export function notLeftOut(lists: readonly CollectedList[], excluded: Excluded | null): string {
  const parts = lists.map(({ about }) => {
    const rows = excluded?.companies.flatMap(({ job_id, row }) => (job_id === about.job_id ? row : [])) ?? [];
    return `job_id = ${sqlLiteral(about.job_id)} AND "row" NOT IN (${rows.join(', ')})`;
  });
  return `(${parts.join(' OR ')})`;
}

function leftOut(rows: readonly Row[], exclusions: readonly Exclusion[]) {
  const counts: Record<string, number> = Object.fromEntries(exclusions.map(({ text }) => [text, 0]));
  const companies: Array<Pick<Row, 'job_id' | 'row' | 'name'> & { why: string[] }> = [];
  const merged = { within: 0, across: 0, without_identity: 0 };
  const isNew = new Set<Company>();
  let maybe_known = 0;
  const has = (wanted: Exclusion['kind']) => exclusions.some(({ kind }) => kind === wanted);
  const needsDomain = has('without domain');
  for (const { job_id, row, name, company, identified, hasDomain, isNear } of rows) {
    const again = company.met.size > 0;
    if (!identified) merged.without_identity += 1;
    else if (again) merged[company.met.has(job_id) ? 'within' : 'across'] += 1;
    // A row that is no use itself stands for no other.
    if (hasDomain || !needsDomain) company.met.add(job_id);
    const why = exclusions.flatMap(({ kind, text }, at) => {
      const applies =
        kind === 'duplicates' ? again : kind === 'without domain' ? !hasDomain : company.says[at] === 1;
      return applies ? [text] : [];
    });
    const [first] = why;
    if (first === undefined) {
      if (company.isNew) isNew.add(company);
      if (isNear) maybe_known += 1;
      continue;
    }
    counts[first] = (counts[first] ?? 0) + 1;
    companies.push({ job_id, row, name, why });
  }
  return {
    /** In order of rank, each with all exclusions that apply to it, in the order in which they count. */
    companies,
    /** How many rows fell to each; to the first that applies, none included. */
    counts,
    /** Companies, each once over all lists, that are not left out, no seed and on none of the user's own lists. */
    net_new: isNew.size,
    /** Rows that are not left out, though they may be of somebody known: that is for a person to decide. */
    maybe_known,
    /**
     * Where duplicates are left out, how many rows fell to an earlier one of the same job or to one of another job, and
     * how many have neither domain nor LinkedIn page: nothing tells whether these are duplicates, so all of them stay.
     */
    merged: has('duplicates') ? merged : null,
  };
}

/** The lists of jobs to compare with, and the ids of those that were submitted earlier. */
async function otherLists(
  { lists, ledger }: ExclusionParts,
  from: readonly CollectedList[],
  exclusions: readonly Exclusion[],
  signal: AbortSignal,
): Promise<{ lists: CollectedList[]; earlier: string[]; not_compared: string[] }> {
  const own = new Set(from.map(({ about }) => about.job_id.toLowerCase()));
  const has = (wanted: Exclusion['kind']) => exclusions.some(({ kind }) => kind === wanted);
  const earlier = has('earlier_jobs') ? await earlierThan(own, ledger) : [];
  const named = exclusions.flatMap(({ kind, of }) => (kind === 'job' ? [of] : []));
  const found = new Map<string, CollectedList>();
  const not_compared: string[] = [];
  for (const [at, jobId] of [...named, ...earlier].entries()) {
    const id = jobId.toLowerCase();
    if (own.has(id) || found.has(id)) continue;
    const list = await orFailure(lists.get(jobId, { signal }), signal);
    if ('about' in list && (list.about.whole || list.state.status === 'failed')) {
      found.set(id, list);
      continue;
    }
    const why = whyMissing(list);
    if (at < named.length) throw refused(`job ${jobId} can't be compared with: ${why}`, 'conflict');
    not_compared.push(
      `earlier_jobs: job ${jobId} could not be compared with (${why}), so its companies were NOT left out.`,
    );
  }
  return { lists: [...found.values()], earlier, not_compared };
}

/** What a list of the user's that can't be read means, in words. */
export function unreadable({ list, why }: { list: string; why: string }): string {
  return `the list ${JSON.stringify(list)} can't be read completely (${why}), so nobody counts as known by it. import_known_companies with mode replace repairs it.`;
}

/** What the exclusions ask about and nobody here knows. */
async function notKnownHere(
  { known, marks }: ExclusionParts,
  from: readonly CollectedList[],
  exclusions: readonly Exclusion[],
): Promise<string[]> {
  const said: string[] = [];
  const { names, damaged } = await known.checked();
  for (const { kind, of } of exclusions) {
    const unread = damaged.filter(({ list }) => kind === 'known:*' || (kind === 'known' && list === of));
    if (kind === 'known' && unread[0]) throw refused(unreadable(unread[0]));
    said.push(...unread.map(unreadable));
    if (kind === 'known' && !names.includes(of)) {
      const there = names.map((list) => JSON.stringify(list)).join(', ') || 'none';
      throw refused(`there is no list ${JSON.stringify(of)}; the lists are: ${there}. An import makes one.`);
    }
    for (const { about } of from) {
      if (kind === 'seeds' && about.request === null && !about.manifest?.resolved_seed_domains)
        said.push(
          `seeds: what the seeds of job ${about.job_id} were is not known on this machine, so none was left out.`,
        );
      const why = kind === 'dropped' ? await marks.damageOf(about.job_id) : null;
      if (why !== null)
        said.push(
          `dropped: the marks on job ${about.job_id} can't all be read, so dropped companies may be in it.`,
        );
    }
  }
  return said;
}

/** Jobs submitted before these; where it is not known when one was, it counts as earlier. */
async function earlierThan(own: ReadonlySet<string>, ledger: Pick<Ledger, 'view'>): Promise<string[]> {
  const { jobs } = await ledger.view();
  const times = [...own].map(
    (id) => jobs.find(({ job_id }) => job_id.toLowerCase() === id)?.submitted_at ?? null,
  );
  const latest = times.includes(null) ? null : times.sort().at(-1);
  return jobs.flatMap(({ job_id, submitted_at, status }) => {
    if (own.has(job_id.toLowerCase()) || status === 'failed') return [];
    return latest == null || submitted_at === null || submitted_at < latest ? [job_id] : [];
  });
}

function refused(why: string, code: 'invalid_input' | 'conflict' = 'invalid_input'): OpenFunnelError {
  const retryable = code === 'conflict';
  return new OpenFunnelError(code, `exclude: ${why} Nothing was written.`, { retryable });
}
