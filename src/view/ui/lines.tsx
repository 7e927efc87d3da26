import { VERDICTS, type Verdict } from '../contract.ts';
import { hasPage, rangeWords } from '../state/list.ts';
import { isFiltered, pageSize, tally } from '../state/look.ts';
import { format } from './format.ts';
import { Button, Buttons, SIGNS, type View } from './small.tsx';
import { Notice } from './states.tsx';
import { plain } from './text.ts';

/**
 * The line above the table, as high whatever it says: what the rows are; or, with boxes ticked, what can be done with
 * them; where filters leave some, what can be done with all of those; and what was done last.
 */
export function StatusLine(view: View) {
  const { state, send } = view;
  const { selected, page, place, connection, status } = state;
  const matching = page?.matching ?? 0;
  const some = selected.size > 0;
  const all = !some && isFiltered(place.selection) && matching > 0 && page?.judgeable === true;
  const rows = status?.final
    ? rangeWords(state, format.number)
    : status?.terminal
      ? 'What was delivered before that:'
      : 'The first companies, provisional: ranks change, verdicts stay.';
  const name = some ? 'selected' : `all ${format.number(matching)}`;
  const judge = (verdict: Verdict) =>
    some ? send({ is: 'mark', rows: [...selected], verdict, go: true }) : send({ is: 'mark all', verdict });
  return (
    <div class="line status">
      <span class="now">
        <span class="range">{some ? `${format.number(selected.size)} selected` : rows}</span>
        {all && <span class="all">{`All ${format.number(matching)}:`}</span>}
        {(some || all) && (
          <Buttons
            disabled={all && connection !== 'ok'}
            of={VERDICTS.map((verdict) => ({
              kind: `plain ${verdict}`,
              label: SIGNS[verdict].label,
              'aria-label': `${SIGNS[verdict].label} ${name}`,
              onClick: () => judge(verdict),
            }))}
          />
        )}
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
      {toast !== null && <bdi>{plain(toast, 60)}</bdi>}
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
  return (
    <Notice
      kind="box model-line"
      lines={[`${format.companies(count)} judged by the model, for you to confirm`]}
      actions={[
        {
          label: shown ? 'Show all' : 'Show them',
          onClick: () => send({ is: 'filter', part: { by: shown ? '' : 'model', verdicts: [] } }),
        },
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
  const { page } = state;
  if (!page) return null;
  const size = pageSize(state);
  const [before, behind] = [hasPage(state, 'previous'), hasPage(state, 'next')];
  if (!before && !behind) return null;
  const pages = Math.max(1, Math.ceil(page.matching / size));
  const at = Math.min(pages, Math.floor(page.offset / size) + 1);
  const turner = (label: string, to: 'first' | 'previous' | 'next' | 'last', on: boolean) => ({
    kind: to === 'first' || to === 'last' ? 'plain far' : 'plain',
    label,
    'aria-label': `${label} page`,
    disabled: !on,
    onClick: () => send({ is: 'turn', to, focus: null }),
  });
  return (
    <nav class="actions pager" aria-label="Pages">
      <Buttons
        of={[page.judgeable && turner('First', 'first', before), turner('Previous', 'previous', before)]}
      />
      <span>{`Page ${format.number(at)} of ${format.number(pages)}`}</span>
      <Buttons of={[turner('Next', 'next', behind), page.judgeable && turner('Last', 'last', behind)]} />
    </nav>
  );
}

/** When every company has its verdict: what came of it, and where it goes. */
export function End({ state, acts }: View) {
  const { keep, maybe, all, open } = tally(state);
  if (open > 0 || all === 0 || state.place.selection.by !== '') return null;
  return (
    <Notice
      kind="box keep"
      title={`${format.number(keep)} kept, ${format.number(maybe)} maybe of ${format.number(all)}.`}
      actions={[
        keep > 0 && { kind: 'plain strong', label: 'Save CSV', onClick: () => acts.save('keepers') },
        keep > 0 && { label: `Copy ${format.number(keep)} domains`, onClick: acts.copyDomains },
        state.host.canMessage && { label: 'Go on in the chat', onClick: () => acts.message('go on') },
      ]}
    />
  );
}

/** What can be exported. */
export function ExportPanel({ state, acts }: View) {
  const shown = state.page?.matching ?? 0;
  const { keep } = tally(state);
  const actions = [
    { label: `What is shown (${format.number(shown)})`, of: shown, onClick: () => acts.save('shown') },
    { label: `Keepers (${format.number(keep)})`, of: keep, onClick: () => acts.save('keepers') },
    { label: `Copy ${format.number(keep)} domains`, of: keep, onClick: acts.copyDomains },
  ];
  return (
    <Notice
      kind="box"
      lines={['Save as CSV:']}
      actions={actions.map(({ of, ...action }) => ({ ...action, disabled: of === 0 }))}
    />
  );
}

/** Where an export went. */
export function Outcome({ state: { exported }, acts }: View) {
  if (!exported) return null;
  const path = plain(exported.path, 4_000);
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
