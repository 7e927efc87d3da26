import { farFields, readFar, readNear } from '../../store/kept-format.ts';
import { IdentityIndex, identity, linkedinSlug } from '../identity.ts';
import { readingFrom } from './kept-source.ts';
import type { SideTable, SqlValue } from './side-table.ts';

/** Long text and the fields that have no column, read from the second blocks of the kept files. */
export const FAR_TABLE: SideTable = {
  name: '_far',
  of: 'company',
  columns: [{ name: 'match_reason' }, { name: 'description' }, { name: 'tagline' }, { name: 'extra' }],
  perJob: true,
  version: () => '',
  async fill({ jobs, idOf }, insert) {
    for (const job of jobs) {
      let row = 0;
      await readingFrom(job, async (read, { pages, shapes }) => {
        const fields = shapes.map(farFields);
        for (const page of pages) {
          const near = await readNear(read, page);
          const far = await readFar(read, page);
          for (const [at, values] of far.entries()) {
            row += 1;
            insert([idOf(job.job_id, row), ...farValues(fields[near[at]?.[0] ?? 0] ?? [], values)]);
          }
        }
      });
    }
  },
};

function farValues(fields: readonly string[], values: readonly unknown[]): SqlValue[] {
  const named: Record<string, SqlValue> = { match_reason: null, description: null, tagline: null };
  const extra: Record<string, unknown> = {};
  for (const [at, field] of fields.entries()) {
    const value = values[at];
    if (!Object.hasOwn(named, field)) extra[field] = value;
    else named[field] = typeof value === 'string' || value === null ? value : JSON.stringify(value);
  }
  return [
    named.match_reason ?? null,
    named.description ?? null,
    named.tagline ?? null,
    JSON.stringify(extra),
  ];
}

/** Which companies were in the same job before. */
export const SAME_TABLE: SideTable = {
  name: '_same',
  of: 'company',
  columns: [{ name: 'same_as', number: true }],
  perJob: true,
  version: () => '',
  fill({ companies }, insert) {
    const seen = new IdentityIndex<SqlValue>();
    for (const [id = null, row = null, key, url] of companies(['row', 'company_key', 'linkedin_url'])) {
      if (typeof key !== 'string') continue;
      const earlier = seen.add(identity(domainIn(key), linkedinSlug(url)), row);
      if (earlier !== undefined) insert([id, earlier]);
    }
  },
};

/** The domain that a key is, or null where it is a LinkedIn page. */
function domainIn(key: SqlValue | undefined): string | null {
  return typeof key === 'string' && !key.startsWith('linkedin:') ? key : null;
}

/** In which other jobs at hand a company is. */
export const ALSO_TABLE: SideTable = {
  name: '_also',
  of: 'company',
  columns: [{ name: 'also_in', otherwise: '[]' }],
  version: () => '',
  fill({ jobs, companies }, insert) {
    if (jobs.length < 2) return;
    const byDomain = new Map<string, Set<string>>();
    const bySlug = new Map<string, Set<string>>();
    const each = function* () {
      for (const [id, jobId, key, url] of companies(['job_id', 'company_key', 'linkedin_url'])) {
        const slug = linkedinSlug(url);
        yield { id: Number(id), jobId: String(jobId), domain: domainIn(key), slug };
      }
    };
    const note = (map: Map<string, Set<string>>, key: string | null, jobId: string) => {
      if (key === null) return;
      const known = map.get(key);
      if (known) known.add(jobId);
      else map.set(key, new Set([jobId]));
    };
    for (const { jobId, domain, slug } of each()) {
      note(byDomain, domain, jobId);
      note(bySlug, slug, jobId);
    }
    for (const { id, jobId, domain, slug } of each()) {
      const others = new Set([...(byDomain.get(domain ?? '') ?? []), ...(bySlug.get(slug ?? '') ?? [])]);
      others.delete(jobId);
      if (others.size > 0) insert([id, JSON.stringify([...others])]);
    }
  },
};

/** Which companies are a seed of the search that found them, or a branch of one. */
export const SEEDS_TABLE: SideTable = {
  name: '_seeds',
  of: 'company',
  columns: [{ name: 'is_seed', number: true, otherwise: 0 }],
  perJob: true,
  version: () => '',
  async fill({ jobs, companies }, insert) {
    const [job] = jobs;
    if (!job || job.seeds.length === 0) return;
    // It brings the list of public suffixes with it.
    const { SeedMatcher } = await import('../seeds.ts');
    const matcher = new SeedMatcher(job.seeds.map((domain) => ({ domain })));
    const rows = [...companies(['name', 'domain', 'linkedin_url', 'headquarters', 'country', 'city'])].map(
      ([id, name, domain, linkedin_url, headquarters, hq_country, hq_city]) => ({
        id: Number(id),
        row: { name, domain, linkedin_url, headquarters, hq_country, hq_city },
      }),
    );
    for (const { row } of rows) matcher.learn(row);
    for (const { id, row } of rows) if (matcher.isSeed(row)) insert([id, 1]);
  },
};
