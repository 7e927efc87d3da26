import { useState } from 'preact/hooks';
import type { StatusAnswer } from '../contract.ts';
import { format } from './format.ts';
import { Button, Notice, Terms, type View } from './small.tsx';
import { plain } from './text.ts';

const STAGES: Readonly<Record<string, string>> = {
  retrieving_companies: 'Retrieving companies',
  qualifying_companies: 'Qualifying companies',
  reranking_companies: 'Ranking companies',
};

/** A running job: how far it is, what it costs so far, and a button to cancel it that asks once more. */
export function Progress({ state, send, status }: View & { status: StatusAnswer }) {
  const { stage, processed, requested, readable, credits_at_least: credits, title } = status;
  const [asking, ask] = useState(false);
  const ending = state.cancelling || status.status === 'cancelling';
  const of = requested === null ? '' : ` of ${format.number(requested)}`;
  const waits = status.status === 'pending' ? 'Waiting to start' : 'Searching for companies';
  const known = processed !== null && requested !== null && requested > 0;
  const cost = credits === null ? '' : `at least ${format.number(credits)}`;
  const billed = cost === '' ? '' : ` (${cost} credits so far)`;
  const cancel = () => {
    ask(false);
    send({ is: 'cancel job' });
  };
  return (
    <div class="progress">
      <div class="line">
        <p class="title">{ending ? 'Cancelling …' : (STAGES[stage ?? ''] ?? waits)}</p>
        {!asking && !ending && <Button label="Cancel job" onClick={() => ask(true)} />}
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
          ['Credits so far', cost],
        ]}
      />
      {asking && (
        // biome-ignore lint/a11y/useSemanticElements: a fieldset would be a form's
        <div role="group" aria-label="Cancel the job?" ref={focusFirst}>
          <Notice
            kind="box"
            lines={[
              `Cancel this job? It can't be taken up again. What it has delivered stays, and is billed${billed}; a few companies more may come before it stops.`,
            ]}
            actions={[
              { label: 'Keep it running', onClick: () => ask(false) },
              { kind: 'plain drop', label: 'Yes, cancel the job', onClick: cancel },
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
