import type { Verdict } from '../../lib/verdicts.ts';
import type { ShownCompany } from '../contract.ts';
import type { State } from '../state/model.ts';
import { format, httpsUrl, lit, plainText, reasonOf } from './shown-text.ts';
import { Foreign, Terms } from './small.tsx';

/** A link, which only the host opens; the text alone where it is no web page. */
export function WebLink({ to, max = 120 }: { to: string; max?: number }) {
  const text = <Foreign text={to} max={max} />;
  const url = httpsUrl(to);
  if (url === null) return text;
  return (
    <a href={url} rel="noopener noreferrer" target="_blank">
      {text}
    </a>
  );
}

/** Website, country, size and stage, as far as they are known. */
export function CompanyFacts({ company }: { company: ShownCompany }) {
  const { domain, country, employees, funding_stage } = company;
  const facts = [country, employees === null ? '' : format.people(employees), funding_stage];
  return (
    <>
      {domain !== '' && <WebLink to={domain} />}
      {facts.map((fact) => fact !== '' && <Foreign key={fact} text={fact} max={60} />)}
    </>
  );
}

/** What the user searches for: its words are lit. */
export const searched = ({ place, status }: State) => `${place.selection.search} ${status?.query ?? ''}`;

type WhyProps = { company: ShownCompany; verdict: Verdict | null; search: string; max: number };

/** What was said of the verdict; why a company matches, without the opening formula, the words of the search lit. */
export function Why({ company, verdict, search, max }: WhyProps) {
  const text = reasonOf(plainText(company.match_reason, max)) || 'No reason given';
  return (
    <>
      {company.reason !== '' && verdict === company.verdict && <b>{plainText(company.reason, 400)} · </b>}
      {lit(text, search).map((part, at) => (at % 2 === 1 ? <mark key={at}>{part}</mark> : part))}
    </>
  );
}

/** What a company is beside its facts; `verdict` is the one that is shown of it. */
export function Badges({ company, verdict }: { company: ShownCompany; verdict: Verdict | null }) {
  const { is_seed, same_as, known_in, known_like, by } = company;
  const lists = (known_in.length > 0 ? known_in : known_like).map((list) => plainText(list, 60));
  const [known, on] = known_in.length > 0 ? ['known', 'On'] : ['maybe known', 'Close to a company on'];
  const unconfirmed = by === 'model' && verdict !== null && verdict === company.verdict;
  const badges: Array<readonly [text: string, title: string, kind?: string] | false> = [
    is_seed && ['seed', 'One of the companies that the search started from, or a branch of it'],
    same_as !== null && [`same as ${format.number(same_as)}`, 'The same company, delivered before'],
    lists.length > 0 && [`${known}: ${lists[0]}`, `${on} your lists: ${lists.join(', ')}`, 'maybe'],
    unconfirmed && ['by the model', 'Judged by the model, for you to confirm'],
  ];
  return (
    <>
      {badges.map(
        (badge) =>
          badge && (
            <span key={badge[0]} class={`badge ${badge[2] ?? ''}`} title={badge[1]}>
              {badge[0]}
            </span>
          ),
      )}
    </>
  );
}

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

/** All that is known of a company, as a list of terms; a text where it could not be read. */
export function Detail({ detail }: { detail: Record<string, unknown> | string | null }) {
  if (detail === null) return <p>Reading …</p>;
  if (typeof detail === 'string') return <p>The full text could not be read: {plainText(detail, 600)}</p>;
  const terms = Object.entries(LABELS).map(
    ([field, label]) => [label, termOf(field, detail[field]), `f-${field}`] as const,
  );
  if (terms.every(([, content]) => content === '')) return <p>Nothing more is known of this company.</p>;
  return <Terms of={terms} />;
}

function termOf(field: string, value: unknown) {
  if (typeof value === 'number') return field === 'revenue_usd' ? format.short(value) : format.number(value);
  const text = [value]
    .flat()
    .filter((item) => typeof item === 'string')
    .join(', ');
  return text !== '' && /^domain$|_url$/.test(field) ? <WebLink to={text} max={300} /> : plainText(text);
}
