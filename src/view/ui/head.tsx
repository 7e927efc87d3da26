import { type ComponentChildren, Fragment } from 'preact';
import type { Bucket, Selection } from '../contract.ts';
import { canAskModel, tally } from '../state/look.ts';
import type { State } from '../state/model.ts';
import { format } from './format.ts';
import { type AppProps, Button, share } from './small.tsx';
import { plain } from './text.ts';

/** Countries named in the legend; the select has all. */
const NAMED_COUNTRIES = 6;

const tintsOf = (pairs: string) => pairs.split(' ').map((pair) => `light-dark(${pair})`);
const COUNTRY_TINTS = tintsOf(
  '#2b5c8f,#9cc6ef #5b9c8d,#6db3a3 #b07f2b,#d9b263 #7c6bb0,#b3a5e0 #a85c6f,#dc98a9 #6c8a3c,#a9c77a',
);
/** Sizes are an order: one hue, the larger the darker. */
const SIZE_TINTS = tintsOf(
  '#c3d9ee,#2f4d6b #a3c5e4,#3b6189 #83b0da,#4876a6 #629bce,#578cc1 #4584bd,#6ba1d6 #336da3,#85b6e5 #255685,#a2caf1 #194066,#c0dcf8 #102b47,#dcecfc',
);
/** Of what is unknown, and of what the legend does not name. */
const UNNAMED = 'light-dark(#d4d4cf,#4a4a46)';

const TABS = [
  ['', 'All', 'all'],
  ['open', 'Open', 'open'],
  ['keep', 'Kept', 'keep'],
  ['maybe', 'Maybe', 'maybe'],
  ['drop', 'Dropped', 'drop'],
] as const;

interface HeadProps extends AppProps {
  exporting: boolean;
  toggleExport(): void;
  filtering: boolean;
  toggleFilters(): void;
}

/** What became of the companies, and what can be done; two bars show what kind they are. One stop for the Tab key. */
export function Head({ state, send, acts, exporting, toggleExport, filtering, toggleFilters }: HeadProps) {
  const { place, host, status } = state;
  const { selection } = place;
  const counts = tally(state);
  const facets = status?.facets;
  return (
    <div class="head" role="toolbar" aria-label="Table" onKeyDown={rove} onFocusIn={take}>
      <div class="line">
        {/* biome-ignore lint/a11y/useSemanticElements: a fieldset would be a form's */}
        <div class="tabs" role="group" aria-label="Show by verdict">
          {TABS.map(([value, label, of]) => (
            <button
              key={value}
              type="button"
              data-verdict={value}
              tabIndex={value === '' ? 0 : -1}
              aria-pressed={
                value === '' ? selection.verdicts.length === 0 : selection.verdicts.includes(value)
              }
              onClick={() => send({ is: 'filter', part: { verdicts: value === '' ? [] : [value] } })}
            >
              <span>{label}</span>
              <b>{format.number(counts[of])}</b>
            </button>
          ))}
        </div>
        <div class="actions">
          <Button
            kind="plain strong"
            tabIndex={-1}
            label={place.mode === 'decide' ? 'List' : 'Decide'}
            title={place.mode === 'decide' ? 'Back to the list (Esc)' : 'One company at a time (Enter)'}
            onClick={() => send(place.mode === 'decide' ? { is: 'list' } : { is: 'decide', row: null })}
          />
          <Button
            kind="plain opener"
            tabIndex={-1}
            aria-expanded={filtering}
            label="Filters"
            onClick={toggleFilters}
          />
          <Button tabIndex={-1} aria-expanded={exporting} label="Export" onClick={toggleExport} />
          {canAskModel(state) && (
            <Button
              tabIndex={-1}
              title="Sends a message to the chat: the model judges the open companies as you judged the others"
              label="Judge the rest like these"
              onClick={() => acts.message('judge the rest')}
            />
          )}
          {host.canFullscreen && (
            <Button
              tabIndex={-1}
              label={host.displayMode === 'fullscreen' ? 'Smaller' : 'Full screen'}
              onClick={acts.toggleFullscreen}
            />
          )}
        </div>
      </div>
      {facets && place.mode === 'list' && (
        <div class={`bars ${filtering ? 'opened' : ''}`}>
          <Bar
            label="Countries"
            tints={COUNTRY_TINTS}
            buckets={facets.countries}
            named={NAMED_COUNTRIES}
            chosen={selection.countries}
            toggle={(value) =>
              send({ is: 'filter', part: { countries: toggled(selection.countries, value) } })
            }
          />
          <Bar
            label="Employees"
            tints={SIZE_TINTS}
            buckets={facets.sizes}
            named={Number.POSITIVE_INFINITY}
            chosen={selection.sizes}
            toggle={(value) => send({ is: 'filter', part: { sizes: toggled(selection.sizes, value) } })}
          />
        </div>
      )}
    </div>
  );
}

/** How much of the list fits, with its interval and what it rests on; as high before anything is judged. */
export function FitLine({ state: { status } }: { state: State }) {
  const fit = status?.fit;
  if (!fit) return <p class="fit">A few verdicts, spread over the list, tell how much of it fits.</p>;
  const interval = `${share(fit.low)} to ${share(fit.high)}`;
  const [most, range] = fit.share === null ? [interval, ''] : [share(fit.share), ` (${interval})`];
  const cost =
    fit.credits_per_fit === null ? '' : ` · ${format.short(fit.credits_per_fit)} credits per fitting company`;
  const stop = fit.stop_at === null ? '' : ` · below one half behind row ${format.number(fit.stop_at)}`;
  const rest = `${range}${cost}${stop} · ${plain(fit.basis, 300)}`;
  return (
    <p class="fit" dir="auto" title={`${most} fit${rest}`}>
      <span class="gauge" aria-hidden="true">
        <i style={{ left: `${fit.low * 100}%`, right: `${100 - fit.high * 100}%` }} />
        {fit.share !== null && <b style={{ left: `${fit.share * 100}%` }} />}
      </span>
      <b>{`${most} fit`}</b>
      {rest}
    </p>
  );
}

function toggled(chosen: readonly string[], value: string): string[] {
  return chosen.includes(value) ? chosen.filter((each) => each !== value) : [...chosen, value];
}

/** A bar whose parts are as long as their counts, and a legend of buttons that filter. */
function Bar(props: {
  label: string;
  tints: readonly string[];
  buckets: readonly Bucket[];
  named: number;
  chosen: Selection['countries'];
  toggle(value: string): void;
}) {
  const { label, tints, buckets, named, chosen, toggle } = props;
  const present = buckets.filter(({ count, value }) => count > 0 || chosen.includes(value));
  const shown = present.slice(0, named);
  const rest = present.slice(named).reduce((sum, { count }) => sum + count, 0);
  const total = present.reduce((sum, { count }) => sum + count, 0) || 1;
  const tint = (value: string, at: number) => ({
    background: value === 'unknown' ? UNNAMED : (tints[at] ?? tints.at(-1)),
  });
  const off = (value: string) => (chosen.length > 0 && !chosen.includes(value) ? 'off' : '');
  const legend: ComponentChildren[] = shown.map(({ value, label: name, count }, at) => (
    <button
      key={value}
      type="button"
      tabIndex={-1}
      data-value={value}
      class={off(value)}
      aria-pressed={chosen.includes(value)}
      onClick={() => toggle(value)}
    >
      <i style={tint(value, at)} aria-hidden="true" />
      <bdi>{plain(name, 40)}</bdi> <b>{format.number(count)}</b>
    </button>
  ));
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset would be a form's
    <div role="group" aria-label={`${label}: click to filter`}>
      <div class="bar" aria-hidden="true">
        {shown.map(({ value, label: name, count }, at) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the legend has buttons for the keyboard
          // biome-ignore lint/a11y/noStaticElementInteractions: the same
          <span
            key={value}
            data-value={value}
            class={off(value)}
            title={`${plain(name, 80)}: ${format.number(count)}`}
            style={{ flexGrow: count / total, ...tint(value, at) }}
            onClick={() => toggle(value)}
          />
        ))}
        {rest > 0 && <span style={{ flexGrow: rest / total, background: UNNAMED }} />}
      </div>
      <div class="legend">
        <span class="what">{label}</span>
        <Fragment>{legend}</Fragment>
        {rest > 0 && (
          <span class="rest">
            <i style={{ background: UNNAMED }} aria-hidden="true" />
            others <b>{format.number(rest)}</b>
          </span>
        )}
      </div>
    </div>
  );
}

/** The buttons of a toolbar, in order. */
function buttonsOf(bar: HTMLElement): HTMLElement[] {
  return [...bar.querySelectorAll<HTMLElement>('button')].filter(
    (button) => !button.hasAttribute('disabled') && button.offsetParent !== null,
  );
}

/** Arrow keys move within the toolbar. */
function rove(event: KeyboardEvent): void {
  const bar = event.currentTarget;
  if (!(bar instanceof HTMLElement) || event.ctrlKey || event.metaKey || event.altKey) return;
  const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
  const buttons = buttonsOf(bar);
  const at = buttons.findIndex((button) => button.matches(':focus'));
  if (at < 0) return;
  const to =
    event.key === 'Home'
      ? 0
      : event.key === 'End'
        ? buttons.length - 1
        : step === undefined
          ? -1
          : (at + step + buttons.length) % buttons.length;
  if (to < 0) return;
  event.preventDefault();
  event.stopPropagation();
  buttons[to]?.focus();
}

/** The button that has the focus is the one that Tab comes back to. */
function take(event: FocusEvent): void {
  const { currentTarget: bar, target } = event;
  if (!(bar instanceof HTMLElement) || !(target instanceof HTMLElement) || target.tagName !== 'BUTTON')
    return;
  for (const button of buttonsOf(bar)) button.tabIndex = button === target ? 0 : -1;
}
