import { useEffect, useState } from 'preact/hooks';
import type { Selection } from '../contract.ts';
import { isFiltered, ORDERS } from '../state/look.ts';
import { NOTHING_CHOSEN } from '../state/model.ts';
import { format } from './format.ts';
import { Button, type ButtonProps, Check, type View } from './small.tsx';
import { plain } from './text.ts';

/** A search takes effect this long after the last key. Milliseconds. */
const TYPING_MS = 120;
/** Value of a select that stands for several chosen ones. */
const SEVERAL = '\u0000several';
const FACETS = [
  { of: 'countries', label: 'All countries' },
  { of: 'sizes', label: 'All sizes' },
  { of: 'stages', label: 'All funding' },
] as const;
const KNOWN: ReadonlyArray<readonly [Selection['known'], string]> = [
  ['', 'Known or not'],
  ['new', 'Not known yet'],
  ['known', 'Known'],
  ['maybe', 'Maybe known'],
];

/** The button that takes all filters back, but for the choice of duplicates. */
export function clearFilters({ state, send }: View): ButtonProps {
  const { duplicates } = state.place.selection;
  return {
    label: 'Clear filters',
    onClick: () => send({ is: 'filter', part: { ...NOTHING_CHOSEN, duplicates } }),
  };
}

/** The search above the table, and on demand the filters that take a choice. */
export function Filters({ open, ...view }: View & { open: boolean }) {
  return (
    <search class="line toolbar" aria-label="Filter the table">
      <Search {...view} />
      {isFiltered(view.state.place.selection) && <Button {...clearFilters(view)} kind="quiet" />}
      {open && <Choices {...view} />}
    </search>
  );
}

function Search({ state, send }: View) {
  const { search } = state.place.selection;
  const [{ text, sent }, type] = useState({ text: search, sent: true });
  useEffect(() => {
    if (sent) return;
    const timer = setTimeout(() => {
      send({ is: 'filter', part: { search: text.trim() } });
      type({ text, sent: true });
    }, TYPING_MS);
    return () => clearTimeout(timer);
  }, [text, sent]);
  return (
    <input
      type="search"
      placeholder="Search companies"
      aria-label="Search companies"
      autocomplete="off"
      spellcheck={false}
      maxLength={200}
      // What is being typed is not taken away, whatever is drawn meanwhile.
      value={sent && text.trim() !== search ? search : text}
      onInput={(event) => type({ text: event.currentTarget.value, sent: false })}
    />
  );
}

function Choices({ state, send }: View) {
  const { status, place } = state;
  const { selection } = place;
  const { known = 0, known_maybe = 0, duplicates = 0 } = status?.counts ?? {};
  const change = (part: Partial<Selection>) => send({ is: 'filter', part });
  return (
    <div class="line more">
      {FACETS.map(({ of, label }) => {
        const chosen = selection[of];
        const several = chosen.length > 1 ? [[SEVERAL, `${chosen.length} chosen`] as const] : [];
        const buckets = status?.facets?.[of] ?? [];
        const options = buckets
          .filter(({ value, count }) => count > 0 || chosen.includes(value))
          .map(
            ({ value, label: name, count }) =>
              [value, `${plain(name, 60)} (${format.number(count)})`] as const,
          );
        return (
          <Choice
            key={of}
            label={label}
            kind={chosen.length > 0 ? 'set' : ''}
            value={several[0]?.[0] ?? chosen[0] ?? ''}
            options={[['', label], ...several, ...options]}
            choose={(value) => {
              if (value !== SEVERAL) change({ ...selection, [of]: value === '' ? [] : [value] });
            }}
          />
        );
      })}
      {known + known_maybe > 0 && (
        <Choice
          label="Known companies"
          value={selection.known}
          options={KNOWN}
          choose={(value) => change({ known: KNOWN.find(([each]) => each === value)?.[0] ?? '' })}
        />
      )}
      <input
        type="text"
        class="ranks"
        placeholder="Ranks: 1-180"
        aria-label="Ranks to show, such as 1-180"
        autocomplete="off"
        maxLength={200}
        value={selection.ranks}
        onChange={(event) => change({ ranks: event.currentTarget.value.trim() })}
      />
      {place.mode === 'list' && (
        <Choice
          label="Sort by"
          value={`${place.sort} ${place.descending ? 'down' : 'up'}`}
          options={ORDERS.flatMap(({ sort, label }) => [
            [`${sort} up`, `${label} ↑`] as const,
            [`${sort} down`, `${label} ↓`] as const,
          ])}
          choose={(value) => {
            const [name, way] = value.split(' ');
            const order = ORDERS.find(({ sort }) => sort === name);
            if (order) send({ is: 'sort', sort: order.sort, descending: way === 'down' });
          }}
        />
      )}
      {duplicates > 0 && (
        <Check
          label={`Show ${format.number(duplicates)} duplicate${duplicates === 1 ? '' : 's'}`}
          checked={selection.duplicates}
          choose={(on) => change({ duplicates: on })}
        />
      )}
    </div>
  );
}

interface ChoiceProps {
  label: string;
  value: string;
  options: ReadonlyArray<readonly [value: string, label: string]>;
  kind?: string;
  choose(value: string): void;
}

function Choice({ label, value, options, kind = '', choose }: ChoiceProps) {
  return (
    <select
      aria-label={label}
      class={kind}
      value={value}
      onChange={(event) => choose(event.currentTarget.value)}
    >
      {options.map(([each, name]) => (
        <option key={each} value={each}>
          {name}
        </option>
      ))}
    </select>
  );
}
