import { canAskModel, tally } from '../state/look.ts';
import { bucketsOf } from './filters.tsx';
import { rove } from './keys.ts';
import { Button, Buttons, type View } from './small.tsx';
import { format, plain } from './text.ts';

const tintsOf = (pairs: string) => pairs.split(' ').map((pair) => `light-dark(${pair})`);
/** The bars; of the countries those named in the legend, the select has all. */
const BARS = [
  {
    of: 'countries',
    label: 'Countries',
    named: 6,
    tints: tintsOf(
      '#2b5c8f,#9cc6ef #5b9c8d,#6db3a3 #b07f2b,#d9b263 #7c6bb0,#b3a5e0 #a85c6f,#dc98a9 #6c8a3c,#a9c77a',
    ),
  },
  {
    of: 'sizes',
    label: 'Employees',
    named: Number.POSITIVE_INFINITY,
    // An order: one hue, the larger the darker.
    tints: tintsOf(
      '#c3d9ee,#2f4d6b #a3c5e4,#3b6189 #83b0da,#4876a6 #629bce,#578cc1 #4584bd,#6ba1d6 #336da3,#85b6e5 #255685,#a2caf1 #194066,#c0dcf8 #102b47,#dcecfc',
    ),
  },
] as const;
/** Of what is unknown, and of what the legend does not name. */
const UNNAMED = 'light-dark(#d4d4cf,#4a4a46)';
const OTHERS = '';

const TABS = [
  ['all', 'All'],
  ['open', 'Open'],
  ['keep', 'Kept'],
  ['maybe', 'Maybe'],
  ['drop', 'Dropped'],
] as const;

/** What opens below the head. */
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
          {TABS.map(([value, label]) => {
            const verdicts = value === 'all' ? [] : [value];
            return (
              <Button
                key={value}
                kind=""
                label={[label, <b key={value}>{format.number(counts[value])}</b>]}
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

/** A bar whose parts are as long as their counts, and a legend of buttons that filter. */
function Bar({ state, send, of, label, named, tints }: View & (typeof BARS)[number]) {
  const { selection } = state.place;
  const chosen = selection[of];
  const present = bucketsOf(state, of);
  const rest = present.slice(named).reduce((sum, { count }) => sum + count, 0);
  const others = rest > 0 ? [{ value: OTHERS, label: 'others', count: rest }] : [];
  const parts = [...present.slice(0, named), ...others].map(({ value, label, count }, at) => {
    const pressed = chosen.includes(value);
    const values = pressed ? chosen.filter((each) => each !== value) : [...chosen, value];
    return {
      value,
      name: plain(label, 40),
      count,
      tint: value === 'unknown' || value === OTHERS ? UNNAMED : (tints[at] ?? tints.at(-1)),
      pressed,
      shared: {
        'data-value': value,
        class: pressed || chosen.length === 0 ? '' : 'off',
        onClick: () => value !== OTHERS && send({ is: 'filter', part: { ...selection, [of]: values } }),
      },
    };
  });
  // The bar is for the mouse; the legend has buttons for the keyboard.
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset would be a form's
    <div role="group" aria-label={`${label}: click to filter`}>
      <div class="bar" aria-hidden="true">
        {parts.map(({ value, name, count, tint, shared }) => (
          <span key={value} {...shared} title={name} style={{ flexGrow: count, background: tint }} />
        ))}
      </div>
      <div class="legend">
        <span>{label}</span>
        {parts.map(({ value, name, count, tint, pressed, shared }) => (
          <button
            key={value}
            {...shared}
            type="button"
            tabIndex={-1}
            aria-pressed={pressed}
            disabled={value === OTHERS}
          >
            <i style={{ background: tint }} /> <bdi>{name}</bdi> <b>{format.number(count)}</b>
          </button>
        ))}
      </div>
    </div>
  );
}

/** How much of the list fits, with its interval and what it rests on; as high before anything is judged. */
export function FitLine({ state: { status } }: Pick<View, 'state'>) {
  const fit = status?.fit;
  if (!fit) return <p class="fit">A few verdicts, spread over the list, tell how much of it fits.</p>;
  const { low, high, share, credits_per_fit, stop_at, basis } = fit;
  const interval = `${format.percent(low)} to ${format.percent(high)}`;
  const most = `${share === null ? interval : format.percent(share)} fit`;
  const facts = [
    share === null ? '' : ` (${interval})`,
    credits_per_fit === null ? '' : ` · ${format.short(credits_per_fit)} credits per fitting company`,
    stop_at === null ? '' : ` · below one half behind row ${format.number(stop_at)}`,
    ` · ${plain(basis, 300)}`,
  ].join('');
  return (
    <p class="fit" dir="auto" title={most + facts}>
      <span class="gauge">
        <i style={{ marginInline: `${low * 100}% ${100 - high * 100}%` }} />
      </span>
      <b>{most}</b>
      {facts}
    </p>
  );
}
