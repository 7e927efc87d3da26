import { editDistance } from '../lib/edit-distance.ts';
import { oneLine } from '../lib/text.ts';

export interface QueriedTable {
  name: string;
  columns: string[];
}

/** Columns by the names that rows have upstream (contract, "Rows") or that people use. */
const OTHER_NAMES: Readonly<Record<string, string>> = {
  employee_count: 'employees',
  company_size: 'employees',
  headcount: 'employees',
  size: 'employees',
  linkedin_follower_count: 'linkedin_followers',
  hq_country: 'country',
  hq_city: 'city',
  website: 'domain',
  url: 'domain',
  linkedin: 'linkedin_url',
  stage: 'funding_stage',
  industry: 'industries',
  revenue: 'revenue_usd',
  rank: 'row',
  reason: 'match_reason',
  hq_region: "extra ->> 'hq_region'",
  rerank_score: "extra ->> 'rerank_score'",
};

/** SQLite's message about a statement, with the names that are near to the one it does not know. */
export function explainSqlError(message: string, tables: readonly QueriedTable[]): string {
  const said = oneLine(message, 300);
  const [, kind, quoted = ''] = /^no such (column|table): (.+)$/.exec(said) ?? [];
  const name = quoted.split('.').at(-1)?.toLowerCase() ?? '';
  if (kind === 'table') return `${said}. The tables are ${tables.map((table) => table.name).join(' and ')}.`;
  if (kind !== 'column') return `${said}.`;
  const columns = [...new Set(tables.flatMap((table) => table.columns))];
  const other = OTHER_NAMES[name];
  const near = other === undefined ? nearNames(name, columns) : [other];
  return near.length === 0 ? `${said}.` : `${said}. Did you mean ${near.join(' or ')}?`;
}

/** Up to three names that a misspelled or half-remembered one may mean, the nearest first. */
export function nearNames(name: string, known: readonly string[]): string[] {
  const plain = (text: string) => text.toLowerCase().replace(/[^a-z0-9]/g, '');
  const wanted = plain(name);
  if (wanted === '') return [];
  const most = Math.max(1, Math.min(3, Math.floor(wanted.length / 3)));
  return known
    .map((each) => {
      const other = plain(each);
      const part =
        wanted.length > 2 && (other.includes(wanted) || (other.length > 2 && wanted.includes(other)));
      return { each, distance: part ? 0.5 : editDistance(wanted, other, most) };
    })
    .filter(({ distance }) => distance <= most)
    .sort((a, b) => a.distance - b.distance)
    .slice(0, 3)
    .map(({ each }) => each);
}
