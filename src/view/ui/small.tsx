import type { ComponentChildren, ComponentProps } from 'preact';
import type { Acts } from '../acts.ts';
import type { Company, Verdict } from '../contract.ts';
import type { State } from '../state/model.ts';
import type { ViewEvent } from '../state/update.ts';
import { format } from './format.ts';
import { httpsUrl, lit, plain, reasonOf } from './text.ts';

/** What every part of the page is given. */
export interface View {
  state: State;
  send(event: ViewEvent): void;
  acts: Acts;
  /** Words of the search, which are lit. */
  words: readonly string[];
}

export const SIGNS: Readonly<Record<Verdict, { sign: string; label: string; key: string }>> = {
  keep: { sign: '✓', label: 'Keep', key: 'k' },
  drop: { sign: '✕', label: 'Drop', key: 'd' },
  maybe: { sign: '?', label: 'Maybe', key: 'm' },
};

export type ButtonProps = { kind?: string; label: ComponentChildren } & Omit<
  ComponentProps<'button'>,
  'label'
>;

export function Button({ kind = 'plain', label, ...rest }: ButtonProps) {
  return (
    <button type="button" class={kind} {...rest}>
      {label}
    </button>
  );
}

/** Those of the buttons that there are; what is `shared` holds for each. */
export function Buttons({
  of,
  ...shared
}: Partial<ButtonProps> & { of: ReadonlyArray<ButtonProps | false> }) {
  return <>{of.map((each, at) => each && <Button key={at} {...shared} {...each} />)}</>;
}

/** Text of a company in an element of its own direction, so that it can't turn its surroundings about. */
export function Foreign({ text, max }: { text: string; max?: number }) {
  return <bdi>{plain(text, max)}</bdi>;
}

/** A link that only the host opens; the text alone where it is no web page. */
export function Link({ to, visit, max = 120 }: { to: string; visit: Acts['visit']; max?: number }) {
  const url = httpsUrl(to);
  if (url === null) return <Foreign text={to} max={max} />;
  const click = (event: Event) => {
    event.preventDefault();
    visit(url);
  };
  return (
    <a href={url} rel="noopener noreferrer" target="_blank" onClick={click}>
      <Foreign text={to} max={max} />
    </a>
  );
}

/** Website, country, size and stage, as far as they are known. */
export function Facts({ company, visit }: { company: Company; visit: Acts['visit'] }) {
  const { domain, country, employees, funding_stage } = company;
  const facts = [country, employees === null ? '' : format.people(employees), funding_stage];
  return (
    <>
      {domain !== '' && <Link to={domain} visit={visit} />}
      {facts.map((fact) => fact !== '' && <Foreign key={fact} text={fact} max={60} />)}
    </>
  );
}

/** Why a company matches, without the opening formula, and with the words of the search lit. */
export function Reason({ text, words }: { text: string; words: readonly string[] }) {
  if (text === '') return <span class="dim">No reason given</span>;
  const parts = lit(reasonOf(text), words);
  return <>{parts.map((part, at) => (at % 2 === 1 ? <mark key={at}>{part}</mark> : part))}</>;
}

interface CheckProps {
  label: string;
  checked: boolean;
  indeterminate?: boolean;
  tabIndex?: number;
  title?: string;
  choose(on: boolean, range: boolean): void;
}

/** A box to tick; in the table its label is only said. */
export function Check({ label, choose, ...rest }: CheckProps) {
  return (
    <label class="check">
      <input
        type="checkbox"
        {...rest}
        onClick={(event) => choose(event.currentTarget.checked, event.shiftKey)}
      />
      <span>{label}</span>
    </label>
  );
}

/** A list of terms, without those of which nothing is known. */
export function Terms({ of }: { of: ReadonlyArray<readonly [string, ComponentChildren, kind?: string]> }) {
  return (
    <dl class="terms">
      {of.map(
        ([label, content, kind = '']) =>
          content !== '' && (
            <div key={label} class={kind}>
              <dt>{label}</dt>
              <dd dir="auto">{content}</dd>
            </div>
          ),
      )}
    </dl>
  );
}

/** What a company is beside its facts; `verdict` is the one that is shown of it. */
export function Badges({ company, verdict }: { company: Company; verdict: Verdict | null }) {
  const { is_seed, same_as, known_in, known_like, by } = company;
  const lists = (known_in.length > 0 ? known_in : known_like).map((list) => plain(list, 60));
  const [known, on] = known_in.length > 0 ? ['known', 'On'] : ['maybe known', 'Close to a company on'];
  const badges: Array<readonly [text: string, title: string, kind?: string] | false> = [
    is_seed && ['seed', 'One of the companies that the search started from, or a branch of it'],
    same_as !== null && [`same as ${format.number(same_as)}`, 'The same company, delivered before'],
    lists.length > 0 && [`${known}: ${lists[0]}`, `${on} your lists: ${lists.join(', ')}`, 'maybe'],
    by === 'model' &&
      verdict !== null &&
      verdict === company.verdict && ['by the model', 'Judged by the model, for you to confirm'],
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
