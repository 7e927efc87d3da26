import type { ComponentChildren, ComponentProps } from 'preact';
import type { Verdict } from '../../lib/verdicts.ts';
import type { Acts } from '../acts.ts';
import type { State } from '../state/model.ts';
import type { ViewEvent } from '../state/update.ts';
import { plainText } from './shown-text.ts';

/** What every part of the page is given. */
export interface View {
  state: State;
  send(event: ViewEvent): void;
  acts: Acts;
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

type ButtonsProps = Partial<ButtonProps> & { of: ReadonlyArray<ButtonProps | false> };

/** Those of the buttons that there are; what is `shared` holds for each. */
export function Buttons({ of, ...shared }: ButtonsProps) {
  return <>{of.map((each, at) => each && <Button key={at} {...shared} {...each} />)}</>;
}

export const retry = ({ send }: View): ButtonProps => ({
  label: 'Try again',
  onClick: () => send({ is: 'retry' }),
});

/** Text of a company in an element of its own direction, so that it can't turn its surroundings about. */
export function Foreign({ text, max }: { text: string; max?: number }) {
  return <bdi>{plainText(text, max)}</bdi>;
}

type CheckProps = { label: string; choose(on: boolean, range: boolean): void } & Pick<
  ComponentProps<'input'>,
  'checked' | 'indeterminate' | 'tabIndex' | 'title'
>;

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
      {of
        .filter(([, content]) => content !== '')
        .map(([label, content, kind]) => (
          <div key={label} class={kind}>
            <dt>{label}</dt>
            <dd dir="auto">{content}</dd>
          </div>
        ))}
    </dl>
  );
}

/** Grey bars in the shape of the table, until there is something to show. */
export function Skeleton() {
  return <div class="skeleton" role="img" aria-label="Loading" />;
}

interface NoticeProps {
  /** `message`, large and in the middle; `box`, a line on a ground; `note`, a line alone. */
  kind: string;
  title?: string;
  lines?: ReadonlyArray<string | false>;
  actions?: ReadonlyArray<ButtonProps | false>;
  children?: ComponentChildren;
}

/** Something said: what is the case, why, and what can be done. Untrusted text is cut and cleaned. */
export function Notice({ kind, title, lines = [], actions, children }: NoticeProps) {
  return (
    <div class={kind}>
      {title && <p class="title">{title}</p>}
      {lines.map(
        (line) =>
          line && (
            <p key={line} dir="auto">
              {plainText(line, 1_000)}
            </p>
          ),
      )}
      {children}
      {actions && (
        <p class="actions">
          <Buttons of={actions} />
        </p>
      )}
    </div>
  );
}
