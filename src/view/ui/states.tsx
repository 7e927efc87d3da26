import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import type { StatusAnswer } from '../contract.ts';
import { format } from './format.ts';
import { type ButtonProps, Buttons, Terms, type View } from './small.tsx';
import { plain } from './text.ts';

/** Grey bars in the shape of the table, until there is something to show. */
export function Skeleton() {
  return (
    <div class="skeleton" role="img" aria-label="Loading">
      {Array.from({ length: 9 }, (_, at) => (
        <div key={at} class="ghost" />
      ))}
    </div>
  );
}

export interface NoticeProps {
  /** `message`, large and in the middle; `box`, a line on a ground; `note`, a line alone. */
  kind: string;
  title?: string;
  lines?: readonly string[];
  actions?: ReadonlyArray<ButtonProps | false>;
  children?: ComponentChildren;
}

/** Something said: what is the case, why, and what can be done. Untrusted text is cut and cleaned. */
export function Notice({ kind, title = '', lines = [], actions = [], children }: NoticeProps) {
  return (
    <div class={kind}>
      {title !== '' && <p class="title">{title}</p>}
      {lines.map(
        (line) =>
          line !== '' && (
            <p key={line} dir="auto">
              {plain(line, 1_000)}
            </p>
          ),
      )}
      {children}
      {actions.length > 0 && (
        <p class="actions">
          <Buttons of={actions} />
        </p>
      )}
    </div>
  );
}

const STAGES: ReadonlyMap<string, string> = new Map([
  ['retrieving_companies', 'Retrieving companies'],
  ['qualifying_companies', 'Qualifying companies'],
  ['reranking_companies', 'Ranking companies'],
]);

/** A running job: how far it is, what it costs so far, and a button to cancel it that asks once more. */
export function Progress({ state, send, status }: View & { status: StatusAnswer }) {
  const { stage, processed, requested, readable, credits_at_least: credits, title } = status;
  const [asking, ask] = useState(false);
  const ending = state.cancelling || status.status === 'cancelling';
  const of = requested === null ? '' : ` of ${format.number(requested)}`;
  const waits = status.status === 'pending' ? 'Waiting to start' : 'Searching for companies';
  const known = processed !== null && requested !== null && requested > 0;
  const soFar = credits === null ? '' : ` (at least ${format.number(credits)} credits so far)`;
  return (
    <div class="progress">
      <div class="line">
        <p class="title">{ending ? 'Cancelling …' : (STAGES.get(stage ?? '') ?? waits)}</p>
        <Buttons
          of={[
            !asking && {
              label: ending ? 'Cancelling …' : 'Cancel job',
              disabled: ending,
              onClick: () => ask(true),
            },
          ]}
        />
      </div>
      <progress
        aria-label="Companies processed"
        {...(known ? { max: requested, value: Math.min(processed, requested) } : {})}
      />
      <Terms
        of={[
          ['Search', plain(title, 200), 'f-search'],
          ['Processed', processed === null ? 'none yet' : `${format.number(processed)}${of}`],
          ['Readable now', readable === null ? '' : format.companies(readable)],
          ['Credits so far', credits === null ? '' : `at least ${format.number(credits)}`],
        ]}
      />
      {asking && (
        // biome-ignore lint/a11y/useSemanticElements: a fieldset would be a form's
        <div role="group" aria-label="Cancel the job?" ref={focusFirst}>
          <Notice
            kind="box"
            lines={[
              `Cancel this job? It can't be taken up again. What it has delivered stays, and is billed${soFar}; a few companies more may come before it stops.`,
            ]}
            actions={[
              { label: 'Keep it running', onClick: () => ask(false) },
              {
                kind: 'plain drop',
                label: 'Yes, cancel the job',
                onClick: () => {
                  ask(false);
                  send({ is: 'cancel job' });
                },
              },
            ]}
          />
        </div>
      )}
    </div>
  );
}

function focusFirst(box: HTMLElement | null): void {
  box?.querySelector('button')?.focus();
}
