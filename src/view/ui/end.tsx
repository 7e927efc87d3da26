import { tally } from '../state/look.ts';
import { format } from './format.ts';
import { type AppProps, Button } from './small.tsx';
import { plain } from './text.ts';

type Acting = Omit<AppProps, 'send'>;

/** When every company has its verdict: what came of it, and where it goes. */
export function End({ state, acts }: Acting) {
  const { keep, maybe, all, open } = tally(state);
  if (open > 0 || all === 0 || state.place.selection.by !== '') return null;
  return (
    <div class="end">
      <p class="title">
        {`${format.number(keep)} kept, ${format.number(maybe)} maybe of ${format.number(all)}.`}
      </p>
      <div class="actions">
        {keep > 0 && <Button kind="plain strong" label="Save CSV" onClick={() => acts.save('keepers')} />}
        {keep > 0 && <Button label={`Copy ${format.number(keep)} domains`} onClick={acts.copyDomains} />}
        {state.host.canMessage && <Button label="Go on in the chat" onClick={() => acts.message('go on')} />}
      </div>
    </div>
  );
}

/** What can be exported. */
export function ExportPanel({ state, acts, close }: Acting & { close(): void }) {
  const matching = state.page?.matching ?? 0;
  const keepers = tally(state).keep;
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset would be a form's
    <div
      class="panel"
      role="group"
      aria-label="Export as CSV"
      onKeyDown={(event) => {
        if (event.key === 'Escape') close();
      }}
    >
      <div class="choices">
        <span>Save as CSV:</span>
        <Button
          label={`What is shown (${format.number(matching)})`}
          disabled={matching === 0}
          onClick={() => acts.save('shown')}
        />
        <Button
          label={`Keepers (${format.number(keepers)})`}
          disabled={keepers === 0}
          onClick={() => acts.save('keepers')}
        />
        <Button
          label={`Copy ${format.number(keepers)} domains`}
          disabled={keepers === 0}
          onClick={acts.copyDomains}
        />
      </div>
    </div>
  );
}

/** Where an export went. */
export function Outcome({ state, acts }: Acting) {
  const { exported } = state;
  if (!exported) return null;
  return (
    <div class={`outcome ${exported.state === 'failed' ? 'bad' : ''}`}>
      <p dir="auto">{plain(exported.text, 900)}</p>
      {exported.path !== '' && (
        <div class="path">
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: its text is selected by keyboard */}
          <code tabIndex={0}>{plain(exported.path, 4_000)}</code>
          <Button label="Copy path" onClick={() => acts.copy(plain(exported.path, 4_000), 'Path')} />
        </div>
      )}
    </div>
  );
}
