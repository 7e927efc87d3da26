import { canAskModel, tally } from '../state/look.ts';
import { bucketsOf } from './filters.tsx';
import { rove } from './keyboard.ts';
import { format, plainText } from './shown-text.ts';
import { Button, Buttons, type View } from './small.tsx';

/** The bars, with the colour of each part; of the countries those named in the legend, the select has all. */
const BARS = [
  { of: 'countries', label: 'Countries', named: 6, tint: (at: number) => `hsl(${210 + at * 137} 38% 52%)` },
  {
    of: 'sizes',
    label: 'Employees',
    named: Number.POSITIVE_INFINITY,
    // An order: one hue, the larger the further from the ground.
    tint: (at: number) => `light-dark(hsl(210 52% ${84 - at * 9}%), hsl(210 52% ${28 + at * 8}%))`,
  },
] as const;
/** Of what is unknown, and of what the legend does not name. */
const UNNAMED = 'light-dark(#d4d4cf,#4a4a46)';
const OTHERS = '';

const TABS = { all: 'All', open: 'Open', keep: 'Kept', maybe: 'Maybe', drop: 'Dropped' };

export type Panels = Readonly<Record<'filters' | 'export', boolean>>;

type HeadProps = View & { panels: Panels; toggle(panel: keyof Panels): void };

/** What became of the companies, and what can be done; two bars show what kind they are. One stop for the Tab key. */
export function Head({ panels, toggle, ...view }: HeadProps) {
  const { state, send, acts } = view;
  const { place, host, status } = state;
  const counts = tally(state);
  const deciding = place.mode === 'decide';
  return (
    <div role="toolbar" aria-label="Table" onKeyDown={rove}>
      <div class="line">
        {/* biome-ignore lint/a11y/useSemanticElements: a fieldset would be a form's */}
        <div class="tabs" role="group" aria-label="Show by verdict">
          {(Object.keys(TABS) as Array<keyof typeof TABS>).map((value) => {
            const verdicts = value === 'all' ? [] : [value];
            return (
              <Button
                key={value}
                kind=""
                label={[TABS[value], <b key={value}>{format.number(counts[value])}</b>]}
                tabIndex={value === 'all' ? 0 : -1}
                aria-pressed={place.selection.verdicts.join() === verdicts.join()}
                onClick={() => send({ is: 'filter', part: { verdicts } })}
              />
            );
          })}
        </div>
        <div class="actions">
          <Buttons
            tabIndex={-1}
            of={[
              {
                kind: 'plain strong',
                label: deciding ? 'List' : 'Decide',
                title: deciding ? 'Back to the list (Esc)' : 'One company at a time (Enter)',
                onClick: () => send(deciding ? { is: 'list' } : { is: 'decide', row: null }),
              },
              { label: 'Filters', 'aria-expanded': panels.filters, onClick: () => toggle('filters') },
              { label: 'Export', 'aria-expanded': panels.export, onClick: () => toggle('export') },
              canAskModel(state) && {
                label: 'Judge the rest like these',
                title: 'Asks the model in the chat to judge the open companies as you judged the others',
                onClick: () => acts.message('judge the rest'),
              },
              host.canFullscreen && {
                label: host.displayMode === 'fullscreen' ? 'Smaller' : 'Full screen',
                onClick: acts.toggleFullscreen,
              },
            ]}
          />
        </div>
      </div>
      {status?.facets && !deciding && (host.wide || panels.filters) && (
        <div class="bars">
          {BARS.map((bar) => (
            <Bar key={bar.of} {...view} {...bar} />
          ))}
        </div>
      )}
    </div>
  );
}

function Bar({ state, send, of, label, named, tint }: View & (typeof BARS)[number]) {
  const chosen = state.place.selection[of];
  const present = bucketsOf(state, of);
  const rest = present.slice(named).reduce((sum, { count }) => sum + count, 0);
  const others = rest > 0 ? [{ value: OTHERS, label: 'others', count: rest }] : [];
  const parts = [...present.slice(0, named), ...others].map(({ value, label, count }, at) => {
    const pressed = chosen.includes(value);
    const values = pressed ? chosen.filter((each) => each !== value) : [...chosen, value];
    const background = value === 'unknown' || value === OTHERS ? UNNAMED : tint(at);
    const shared = {
      'data-value': value,
      class: pressed || chosen.length === 0 ? '' : 'off',
      onClick: () => value !== OTHERS && send({ is: 'filter', part: { [of]: values } }),
    };
    return { value, name: plainText(label, 40), count, background, pressed, shared };
  });
  // The bar is for the mouse; the legend has buttons for the keyboard.
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset would be a form's
    <div role="group" aria-label={`${label}: click to filter`}>
      <div class="bar" aria-hidden="true">
        {parts.map(({ value, name, count, background, shared }) => (
          <span key={value} {...shared} title={name} style={{ flexGrow: count, background }} />
        ))}
      </div>
      <div class="legend">
        <span>{label}</span>
        {parts.map(({ value, name, count, background, pressed, shared }) => (
          <button
            key={value}
            {...shared}
            type="button"
            tabIndex={-1}
            aria-pressed={pressed}
            disabled={value === OTHERS}
          >
            <i style={{ background }} /> <bdi>{name}</bdi> <b>{format.number(count)}</b>
          </button>
        ))}
      </div>
    </div>
  );
}

/** How much of the list fits, with its interval and what it rests on; as high before anything is judged. */
export function FitLine({ state: { status } }: Pick<View, 'state'>) {
  const fit =
    plainText(status?.fit ?? '', 600) || 'A few verdicts, spread over the list, tell how much of it fits.';
  return (
    <p class="fit" dir="auto" title={fit}>
      {fit}
    </p>
  );
}
