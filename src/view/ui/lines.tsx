import { useState } from 'preact/hooks';
import { VERDICTS } from '../../lib/verdicts.ts';
import type { StatusAnswer } from '../contract.ts';
import { hasPage, rangeWords } from '../state/list.ts';
import { isFiltered, pageSize, tally } from '../state/look.ts';
import { format, plainText } from './shown-text.ts';
import { Button, Notice, SIGNS, Terms, type View } from './small.tsx';

/**
 * The line above the table, as high whatever it says: what the rows are; or, with boxes ticked, what can be done with
 * them; where filters leave some, what can be done with all of those; and what was done last.
 */
export function StatusLine(view: View) {
  const { state, send } = view;
  const { selected, page, place, connection, status } = state;
  const matching = page?.matching ?? 0;
  const some = selected.size > 0;
  const all = !some && isFiltered(place.selection) && matching > 0 && status?.final;
  const rows = status?.final
    ? rangeWords(state, format.number)
    : status?.terminal
      ? 'What was delivered before that:'
      : 'The first companies, provisional: ranks change, verdicts stay.';
  return (
    <div class="line status">
      <span class="now">
        <span class="range">{some ? `${format.number(selected.size)} selected` : rows}</span>
        {all && <span class="all">{`All ${format.number(matching)}:`}</span>}
        {(some || all) &&
          VERDICTS.map((verdict) => (
            <Button
              key={verdict}
              kind={`plain ${verdict}`}
              label={SIGNS[verdict].label}
              aria-label={`${SIGNS[verdict].label} ${some ? 'selected' : `all ${format.number(matching)}`}`}
              disabled={all && connection !== 'ok'}
              onClick={() =>
                some
                  ? send({ is: 'mark', rows: [...selected], verdict, go: true })
                  : send({ is: 'mark all', verdict })
              }
            />
          ))}
        {some && (
          <Button kind="quiet" label="Deselect" onClick={() => send({ is: 'select page', on: false })} />
        )}
      </span>
      <Toast {...view} />
    </div>
  );
}

/** What was done last, and the way back. */
export function Toast({ state: { toast, undo }, send }: View) {
  return (
    <span class="toast">
      {toast !== null && <bdi>{plainText(toast, 60)}</bdi>}
      {undo.length > 0 && (
        <Button kind="quiet" label="Undo" title="Undo (u)" onClick={() => send({ is: 'undo' })} />
      )}
    </span>
  );
}

/** The model's verdicts that wait for the user's yes. */
export function ModelLine({ state, send }: View) {
  const count = state.status?.counts?.by_model ?? 0;
  if (count === 0) return null;
  const shown = state.place.selection.by === 'model';
  const show = () => send({ is: 'filter', part: { by: shown ? '' : 'model', verdicts: [] } });
  return (
    <Notice
      kind="box model-line"
      lines={[`${format.companies(count)} judged by the model, for you to confirm`]}
      actions={[
        { label: shown ? 'Show all' : 'Show them', onClick: show },
        shown && {
          label: `Confirm ${format.number(state.page?.matching ?? count)}`,
          disabled: state.connection !== 'ok',
          onClick: () => send({ is: 'mark all', verdict: 'confirm' }),
        },
      ]}
    />
  );
}

/** The ways to the other pages. */
export function Pager({ state, send }: View) {
  const { page, status } = state;
  const [before, behind] = [hasPage(state, 'previous'), hasPage(state, 'next')];
  if (!page || (!before && !behind)) return null;
  const size = pageSize(state);
  const pages = Math.max(1, Math.ceil(page.matching / size));
  const at = Math.min(pages, Math.floor(page.offset / size) + 1);
  const turner = (to: 'first' | 'previous' | 'next' | 'last', label: string, on: boolean) => (
    <Button
      kind={to === 'first' || to === 'last' ? 'plain far' : 'plain'}
      label={label}
      aria-label={`${label} page`}
      disabled={!on}
      onClick={() => send({ is: 'turn', to, focus: null })}
    />
  );
  return (
    <nav class="actions pager" aria-label="Pages">
      {status?.final && turner('first', 'First', before)}
      {turner('previous', 'Previous', before)}
      <span>{`Page ${format.number(at)} of ${format.number(pages)}`}</span>
      {turner('next', 'Next', behind)}
      {status?.final && turner('last', 'Last', behind)}
    </nav>
  );
}

/** What can be exported, where that is asked; when every company has its verdict, what came of it and where it goes. */
export function Exports({ state, acts, asked }: View & { asked: boolean }) {
  const { keep, maybe, all, open } = tally(state);
  const ended = open === 0 && all > 0 && state.place.selection.by === '';
  if (!ended && !asked) return null;
  const shown = state.page?.matching ?? 0;
  const kept = format.number(keep);
  const disabled = keep === 0;
  const save = { disabled, onClick: () => acts.save('keepers') };
  return (
    <Notice
      kind={ended ? 'box keep' : 'box'}
      title={ended ? `${kept} kept, ${format.number(maybe)} maybe of ${format.number(all)}.` : ''}
      lines={[!ended && 'Save as CSV:']}
      actions={[
        asked && {
          label: `What is shown (${format.number(shown)})`,
          disabled: shown === 0,
          onClick: () => acts.save('shown'),
        },
        ended
          ? { ...save, kind: 'plain strong', label: 'Save CSV' }
          : { ...save, label: `Keepers (${kept})` },
        { label: `Copy ${kept} domains`, disabled, onClick: acts.copyDomains },
        ended &&
          state.host.canMessage && { label: 'Go on in the chat', onClick: () => acts.message('go on') },
      ]}
    />
  );
}

/** Where an export went. */
export function ExportOutcome({ state: { exported }, acts }: View) {
  if (!exported) return null;
  const path = plainText(exported.path, 4_000);
  return (
    <Notice kind={`box outcome ${exported.failed ? 'drop' : ''}`} lines={[exported.text]}>
      {path !== '' && (
        <p class="actions path">
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: its text is selected by keyboard */}
          <code tabIndex={0}>{path}</code>
          <Button label="Copy path" onClick={() => acts.copy(path, 'Path')} />
        </p>
      )}
    </Notice>
  );
}

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
  return (
    <div class="progress">
      <div class="line">
        <p class="title">{ending ? 'Cancelling …' : (STAGES[stage ?? ''] ?? waits)}</p>
        {!ending && <Button label="Cancel job" aria-expanded={asking} onClick={() => ask(!asking)} />}
      </div>
      <progress
        aria-label="Companies processed"
        {...(known ? { max: requested, value: Math.min(processed, requested) } : {})}
      />
      <Terms
        of={[
          ['Search', plainText(title, 200), 'f-search'],
          ['Processed', processed === null ? 'none yet' : `${format.number(processed)}${of}`],
          ['Readable now', readable === null ? '' : format.companies(readable)],
          ['Credits so far', cost],
        ]}
      />
      {asking && !ending && (
        <Notice
          kind="box"
          lines={[
            `Cancel this job? It can't be taken up again. What it has delivered stays, and is billed${billed}; a few companies more may come before it stops.`,
          ]}
          actions={[
            { label: 'Keep it running', onClick: () => ask(false) },
            { kind: 'plain drop', label: 'Yes, cancel the job', onClick: () => send({ is: 'cancel job' }) },
          ]}
        />
      )}
    </div>
  );
}
