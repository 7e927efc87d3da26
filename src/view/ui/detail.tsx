import type { Acts } from '../acts.ts';
import { format } from './format.ts';
import { Link, Terms } from './small.tsx';
import { plain } from './text.ts';

const LABELS: Readonly<Record<string, string>> = {
  match_reason: 'Why it matches',
  reason: 'Why this verdict',
  role: 'Role',
  score: 'Score',
  tagline: 'Tagline',
  description: 'About',
  industries: 'Industries',
  headquarters: 'Headquarters',
  funding_stage: 'Funding',
  revenue_usd: 'Revenue (USD)',
  employees: 'Employees',
  linkedin_followers: 'LinkedIn followers',
  linkedin_url: 'LinkedIn',
  domain: 'Website',
  known_in: 'On your lists',
  known_like: 'Maybe on your lists',
  also_in: 'Also in jobs',
};

interface DetailProps {
  detail: Record<string, unknown> | string | null;
  visit: Acts['visit'];
  /** Fields that stand elsewhere already. */
  without?: readonly string[];
}

/** All that is known of a company, as a list of terms; a text where it could not be read. */
export function Detail({ detail, visit, without = [] }: DetailProps) {
  if (detail === null) return <p>Reading …</p>;
  if (typeof detail === 'string') return <p>The full text could not be read: {plain(detail, 600)}</p>;
  const terms = Object.entries(LABELS)
    .filter(([field]) => !without.includes(field))
    .map(([field, label]) => [label, termOf(field, detail[field], visit), `f-${field}`] as const);
  if (terms.every(([, content]) => content === '')) return <p>Nothing more is known of this company.</p>;
  return <Terms of={terms} />;
}

function termOf(field: string, value: unknown, visit: Acts['visit']) {
  if (typeof value === 'number') return field === 'revenue_usd' ? format.short(value) : format.number(value);
  const text = Array.isArray(value)
    ? value
        .filter((item) => typeof item === 'string')
        .map((item) => plain(item, 200))
        .join(', ')
    : value;
  if (typeof text !== 'string' || text === '') return '';
  const link = field === 'domain' || field === 'linkedin_url';
  return link ? <Link to={text} visit={visit} max={300} /> : plain(text);
}
