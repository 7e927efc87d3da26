import { tally } from '../state/look.ts';
import { format } from './format.ts';
import { Button, type View } from './small.tsx';
import { Notice } from './states.tsx';
import { plain } from './text.ts';

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
    <Notice kind={`box outcome ${exported.state === 'failed' ? 'drop' : ''}`} lines={[exported.text]}>
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
