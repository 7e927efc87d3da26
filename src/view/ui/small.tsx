import type { ComponentChildren, ComponentProps } from 'preact';
import type { Company, Verdict } from '../contract.ts';
import type { State } from '../state/model.ts';
import type { ViewEvent } from '../state/update.ts';
import { format } from './format.ts';
import { httpsUrl, lit, plain } from './text.ts';

/** What the page can have done beside changing its state. */
export interface Acts {
  visit(url: string): void;
  /** Copies a text; `what` is what is said of it. */
  copy(text: string, what: string): void;
  copyDomains(): void;
  save(which: 'shown' | 'keepers'): void;
  /** Says something in the chat in the user's name. */
  message(which: 'go on' | 'judge the rest'): void;
  toggleFullscreen(): void;
}

/** What parts of the page are given that change the state, and nothing else. */
export interface Props {
  state: State;
  send(event: ViewEvent): void;
}

/** What the parts of the page are given. */
export interface AppProps extends Props {
  acts: Acts;
}

/** The same with the words of the search, which are lit. */
export interface LitProps extends AppProps {
  words: readonly string[];
}

export const SIGNS: Readonly<Record<Verdict, readonly [sign: string, label: string, key: string]>> = {
  keep: ['✓', 'Keep', 'k'],
  drop: ['✕', 'Drop', 'd'],
  maybe: ['?', 'Maybe', 'm'],
};

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

/** A text in which the words of the search are lit. */
export function Lit({ text, words }: { text: string; words: readonly string[] }) {
  return <>{lit(text, words).map((part, at) => (at % 2 === 1 ? <mark key={at}>{part}</mark> : part))}</>;
}

/** What a company is beside its facts: the seed, a repeat, known. */
export function Badges({ company }: { company: Company }) {
  const { is_seed, same_as, known_in, known_like, by, verdict } = company;
  const named = (lists: readonly string[]) => lists.map((list) => plain(list, 60)).join(', ');
  return (
    <>
      {is_seed && (
        <Badge kind="seed" title="One of the companies that the search started from, or a branch of it">
          seed
        </Badge>
      )}
      {same_as !== null && (
        <Badge kind="same" title="The same company, delivered before">
          same as {format.number(same_as)}
        </Badge>
      )}
      {known_in.length > 0 ? (
        <Badge kind="known" title={`On your lists: ${named(known_in)}`}>
          known: {named(known_in.slice(0, 1))}
        </Badge>
      ) : (
        known_like.length > 0 && (
          <Badge kind="known" title={`Close to a company on your lists: ${named(known_like)}`}>
            maybe known: {named(known_like.slice(0, 1))}
          </Badge>
        )
      )}
      {by === 'model' && verdict !== null && (
        <Badge kind="model" title="Judged by the model, for you to confirm">
          by the model
        </Badge>
      )}
    </>
  );
}

function Badge({ kind, title, children }: { kind: string; title: string; children: ComponentChildren }) {
  return (
    <span class={`badge ${kind}`} title={title}>
      {children}
    </span>
  );
}

/** Nothing is known of it: a dash for the eye, a word for the ear. */
export function Nothing() {
  return (
    <span class="nothing">
      <span aria-hidden="true">–</span>
      <span class="unseen">none</span>
    </span>
  );
}

/** A button. */
export function Button({
  kind = 'plain',
  label,
  ...rest
}: { kind?: string; label: ComponentChildren } & Omit<ComponentProps<'button'>, 'label'>) {
  return (
    <button type="button" class={kind} {...rest}>
      {label}
    </button>
  );
}

/** "62 % of the list fits (50–73 %)": a share is never told without its interval. */
export function share(value: number): string {
  return `${format.number(Math.round(value * 100))} %`;
}
