import { useRef, useState } from 'preact/hooks';
import type { StatusAnswer } from '../contract.ts';
import { format } from './format.ts';
import { Button } from './small.tsx';
import { plain } from './text.ts';

/** Something to do about a state. */
export interface Action {
  label: string;
  run(): void;
}

/** Grey bars in the shape of the table, until there is something to show. */
export function Skeleton({ bare = false }: { bare?: boolean }) {
  return (
    <div class="skeleton" role="img" aria-label="Loading">
      {!bare && <div class="ghost tabs" />}
      {!bare && <div class="ghost field" />}
      {Array.from({ length: 8 }, (_, at) => (
        <div key={at} class="ghost row" />
      ))}
    </div>
  );
}

/** A state in words: what is the case, why, and what can be done. Untrusted text is cut and cleaned. */
export function Message({
  kind,
  title,
  lines = [],
  actions = [],
}: {
  kind: 'info' | 'bad';
  title: string;
  lines?: readonly string[];
  actions?: readonly Action[];
}) {
  return (
    <div class={`message ${kind}`}>
      <p class="title">{title}</p>
      {lines
        .filter((line) => line !== '')
        .map((line) => (
          <p key={line} dir="auto">
            {plain(line, 1_000)}
          </p>
        ))}
      {actions.length > 0 && (
        <p class="actions">
          {actions.map(({ label, run }) => (
            <Button key={label} label={label} onClick={run} />
          ))}
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
export function Progress({
  status: { status, stage, processed, requested, readable, credits_at_least: credits, title },
  cancelling,
  cancel,
}: {
  status: StatusAnswer;
  cancelling: boolean;
  cancel(): void;
}) {
  const [asking, ask] = useState(false);
  const keep = useRef<HTMLButtonElement>(null);
  const ending = cancelling || status === 'cancelling';
  const of = requested === null ? '' : ` of ${format.number(requested)}`;
  const facts: Array<readonly [string, string | null]> = [
    ['Search', title === '' ? null : plain(title, 200)],
    ['Processed', processed === null ? 'none yet' : `${format.number(processed)}${of}`],
    ['Readable now', readable === null ? null : format.companies(readable)],
    ['Credits so far', credits === null ? null : `at least ${format.number(credits)}`],
  ];
  const known = processed !== null && requested !== null && requested > 0;
  const soFar = credits === null ? '' : ` (at least ${format.number(credits)} credits so far)`;
  return (
    <div class="progress">
      <div class="line">
        <p class="title">
          {ending
            ? 'Cancelling …'
            : (STAGES.get(stage ?? '') ??
              (status === 'pending' ? 'Waiting to start' : 'Searching for companies'))}
        </p>
        {!asking && (
          <Button
            label={ending ? 'Cancelling …' : 'Cancel job'}
            disabled={ending}
            onClick={() => {
              ask(true);
              setTimeout(() => keep.current?.focus());
            }}
          />
        )}
      </div>
      <progress
        aria-label="Companies processed"
        {...(known ? { max: requested, value: Math.min(processed, requested) } : {})}
      />
      <dl class="facts">
        {facts.map(
          ([label, value]) =>
            value !== null && (
              <div key={label}>
                <dt>{label}</dt>
                <dd>
                  <bdi>{value}</bdi>
                </dd>
              </div>
            ),
        )}
      </dl>
      {asking && (
        // biome-ignore lint/a11y/useSemanticElements: a fieldset would be a form's
        <div class="confirm" role="group" aria-label="Cancel the job?">
          <p>
            {`Cancel this job? It can't be taken up again. What it has delivered stays, and is billed${soFar}; a few companies more may come before it stops.`}
          </p>
          <p class="actions">
            <button type="button" class="plain" ref={keep} onClick={() => ask(false)}>
              Keep it running
            </button>
            <Button
              kind="plain danger"
              label="Yes, cancel the job"
              onClick={() => {
                ask(false);
                cancel();
              }}
            />
          </p>
        </div>
      )}
    </div>
  );
}
