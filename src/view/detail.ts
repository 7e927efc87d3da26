import { foreign, h, httpsUrl, plain } from './dom.ts';
import { format } from './format.ts';

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
  ['also_in', 'Also in jobs'],
];

/** A name up to here stands whole in the table. Characters. */
const SHORT_NAME = 40;

/** All that is known of a company, as a list of terms. Links go to `visit`. */
export function companyDetail(company: Record<string, unknown>, visit: (url: string) => void): HTMLElement {
  const list = h('dl', {});
  for (const [field, label] of LABELS) {
    if (field === 'name' && String(company.name ?? '').length <= SHORT_NAME) continue;
    const content = shown(field, company[field], visit);
    if (content) list.append(h('div', { class: `f-${field}` }, h('dt', {}, label), h('dd', {}, content)));
  }
  return list.childElementCount === 0 ? h('p', {}, 'Nothing more is known of this company.') : list;
}

function shown(field: string, value: unknown, visit: (url: string) => void): HTMLElement | null {
  if (typeof value === 'number') {
    return h('span', {}, field === 'revenue_usd' ? format.short(value) : format.number(value));
  }
  if (Array.isArray(value)) {
    const items = value.filter((item) => typeof item === 'string').map((item) => plain(item, 200));
    return items.length === 0 ? null : h('bdi', {}, items.join(', '));
  }
  if (typeof value !== 'string' || value === '') return null;
  const url = field === 'domain' || field === 'linkedin_url' ? httpsUrl(value) : null;
  if (url === null) return h('div', { dir: 'auto', class: 'text' }, plain(value));
  return h(
    'a',
    {
      href: url,
      rel: 'noopener noreferrer',
      target: '_blank',
      onclick: (event) => {
        event.preventDefault();
        visit(url);
      },
    },
    foreign(value, 300),
  );
}
