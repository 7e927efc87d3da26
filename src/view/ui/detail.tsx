import type { Company } from '../contract.ts';
import { format } from './format.ts';
import { type Acts, Link } from './small.tsx';
import { plain } from './text.ts';

const LABELS: ReadonlyArray<readonly [field: string, label: string]> = [
  ['name', 'Name'],
  ['match_reason', 'Why it matches'],
  ['reason', 'Why this verdict'],
  ['role', 'Role'],
  ['score', 'Score'],
  ['tagline', 'Tagline'],
  ['description', 'About'],
  ['industries', 'Industries'],
  ['headquarters', 'Headquarters'],
  ['funding_stage', 'Funding'],
  ['revenue_usd', 'Revenue (USD)'],
  ['employees', 'Employees'],
  ['linkedin_followers', 'LinkedIn followers'],
  ['linkedin_url', 'LinkedIn'],
  ['domain', 'Website'],
  ['known_in', 'On your lists'],
  ['known_like', 'Maybe on your lists'],
  ['also_in', 'Also in jobs'],
];

/** A name up to here stands whole in the table. Characters. */
const SHORT_NAME = 40;

/** All that is known of a company, as a list of terms; a text where it could not be read. */
export function Detail({
  detail,
  company,
  without = [],
  visit,
}: {
  detail: Record<string, unknown> | string | null;
  company: Company;
  /** Fields that stand elsewhere already. */
  without?: readonly string[];
  visit: Acts['visit'];
}) {
  if (detail === null) return <p class="wait">Reading …</p>;
  if (typeof detail === 'string') {
    return <p class="wait">The full text could not be read: {plain(detail, 600)}</p>;
  }
  const shown = LABELS.flatMap(([field, label]) => {
    if (without.includes(field)) return [];
    if (field === 'name' && company.name.length <= SHORT_NAME) return [];
    const content = termOf(field, detail[field], visit);
    return content === null ? [] : [{ field, label, content }];
  });
  if (shown.length === 0) return <p class="wait">Nothing more is known of this company.</p>;
  return (
    <dl class="terms">
      {shown.map(({ field, label, content }) => (
        <div key={field} class={`f-${field}`}>
          <dt>{label}</dt>
          <dd>{content}</dd>
        </div>
      ))}
    </dl>
  );
}

function termOf(field: string, value: unknown, visit: Acts['visit']) {
  if (typeof value === 'number') {
    return <span>{field === 'revenue_usd' ? format.short(value) : format.number(value)}</span>;
  }
  if (Array.isArray(value)) {
    const items = value.filter((item) => typeof item === 'string').map((item) => plain(item, 200));
    return items.length === 0 ? null : <bdi>{items.join(', ')}</bdi>;
  }
  if (typeof value !== 'string' || value === '') return null;
  if (field === 'domain' || field === 'linkedin_url') return <Link to={value} visit={visit} max={300} />;
  return (
    <div dir="auto" class="text">
      {plain(value)}
    </div>
  );
}
