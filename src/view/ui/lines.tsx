import { VERDICTS, type Verdict } from '../contract.ts';
import { hasPage, rangeWords } from '../state/list.ts';
import { isFiltered, pageSize, waiting } from '../state/look.ts';

import { format } from './format.ts';
import { Button, type Props, SIGNS } from './small.tsx';
import { plain } from './text.ts';

/**
 * The line above the table, as high whatever it says: the range; or, with boxes ticked, what can be done with them;
 * where filters leave some, what can be done with all of those; and what was done last.
 */
export function StatusLine({ state, send }: Props) {
  const { selected, page, place } = state;
  const some = selected.size > 0;
  const all = !some && isFiltered(place.selection) && (page?.matching ?? 0) > 0 && page?.judgeable === true;
  return (
    <div class="line status">
      <span class="now">
        <span class="range">
          {some
            ? `${format.number(selected.size)} selected`
            : rangeWords(state, (count) => format.number(count))}
        </span>
        {some && (
          <>
            <Verdicts
              name="selected"
              mark={(verdict) => send({ is: 'mark', rows: [...selected], verdict, go: true })}
            />
            <Button kind="quiet" label="Deselect" onClick={() => send({ is: 'select page', on: false })} />
          </>
        )}
        {all && (
          <span class="all">
            <Verdicts
              name={`all ${format.number(page?.matching ?? 0)}`}
              words={`All ${format.number(page?.matching ?? 0)}:`}
              off={state.connection !== 'ok'}
              mark={(verdict) => send({ is: 'mark all', verdict })}
            />
          </span>
        )}
      </span>
      <Toast state={state} send={send} />
    </div>
  );
}

/** What was done last, and the way back. */
export function Toast({ state, send }: Props) {
  const { toast, undo, connection } = state;
  const unsaved = connection === 'ok' ? 0 : waiting(state).length;
  return (
    <span class="toast">
      {unsaved > 0 && (
        <span class="unsaved">
          {unsaved === 1 ? '1 change not saved yet' : `${format.number(unsaved)} changes not saved yet`}
        </span>
      )}
      {toast !== null && <bdi>{plain(toast, 60)}</bdi>}
      {undo.length > 0 && (
        <Button kind="quiet undo" label="Undo" title="Undo (u)" onClick={() => send({ is: 'undo' })} />
      )}
    </span>
  );
}

function Verdicts({
  name,
  words = '',
  off = false,
  mark,
}: {
  name: string;
  words?: string;
  off?: boolean;
  mark(verdict: Verdict): void;
}) {
  return (
    <>
      {words !== '' && <span class="words">{words}</span>}
      {VERDICTS.map((verdict) => (
        <button
          key={verdict}
          type="button"
          class={`plain small ${verdict}`}
          disabled={off}
          aria-label={`${SIGNS[verdict][1]} ${name}`}
          onClick={() => mark(verdict)}
        >
          {SIGNS[verdict][1]}
        </button>
      ))}
    </>
  );
}

/** The model's verdicts that wait for the user's yes. */
export function ModelLine({ state, send }: Props) {
  const count = state.status?.counts?.by_model ?? 0;
  if (count === 0) return null;
  const { by } = state.place.selection;
  return (
    <div class="line model-line">
      <span>{`${format.companies(count)} judged by the model, for you to confirm`}</span>
      <span class="actions">
        <Button
          kind="plain small"
          label={by === 'model' ? 'Show all' : 'Show them'}
          onClick={() => send({ is: 'filter', part: { by: by === 'model' ? '' : 'model', verdicts: [] } })}
        />
        {by === 'model' && (
          <Button
            kind="plain small"
            disabled={state.connection !== 'ok'}
            label={`Confirm ${format.number(state.page?.matching ?? count)}`}
            onClick={() => send({ is: 'mark all', verdict: 'confirm' })}
          />
        )}
      </span>
    </div>
  );
}

/** The ways to the other pages. */
export function Pager({ state, send }: Props) {
  const { page } = state;
  if (!page) return null;
  const size = pageSize(state);
  const [before, behind] = [hasPage(state, 'previous'), hasPage(state, 'next')];
  if (!before && !behind) return null;
  const pages = Math.max(1, Math.ceil(page.matching / size));
  const at = Math.min(pages, Math.floor(page.offset / size) + 1);
  const turner = (label: string, name: string, to: 'first' | 'previous' | 'next' | 'last', on: boolean) => (
    <Button
      label={label}
      aria-label={name}
      disabled={!on}
      onClick={() => send({ is: 'turn', to, focus: null })}
    />
  );
  return (
    <nav class="pager" aria-label="Pages">
      {page.judgeable && turner('First', 'First page', 'first', before)}
      {turner('Previous', 'Previous page', 'previous', before)}
      <span>{`Page ${format.number(at)} of ${format.number(pages)}`}</span>
      {turner('Next', 'Next page', 'next', behind)}
      {page.judgeable && turner('Last', 'Last page', 'last', behind)}
    </nav>
  );
}
