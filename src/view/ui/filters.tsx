import type { ComponentProps } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { readOrder, readSelection, type ShownSelection } from '../contract.ts';
import { isFiltered, SORT_ORDERS } from '../state/look.ts';
import { NOTHING_CHOSEN, type State } from '../state/model.ts';
import { format, plainText } from './shown-text.ts';
import { Button, type ButtonProps, Check, type View } from './small.tsx';

/** A search takes effect this long after the last key. Milliseconds. */
const TYPING_MS = 120;
const FACETS = [
  ['countries', 'All countries'],
  ['sizes', 'All sizes'],
  ['stages', 'All funding'],
] as const;
type Facet = (typeof FACETS)[number][0];
const KNOWN = { '': 'Known or not', new: 'Not known yet', known: 'Known', maybe: 'Maybe known' };

/** The values of a facet that can be chosen, or are. */
export function bucketsOf({ status, place }: State, facet: Facet) {
  const chosen = place.selection[facet];
  return (status?.facets?.[facet] ?? []).filter(({ count, value }) => count > 0 || chosen.includes(value));
}

/** The button that takes all filters back, but for the choice of duplicates. */
export function clearFilters({ state, send }: View): ButtonProps {
  const { duplicates } = state.place.selection;
  const onClick = () => send({ is: 'filter', part: { ...NOTHING_CHOSEN, duplicates } });
  return { label: 'Clear filters', onClick };
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
  const input = useRef<HTMLInputElement>(null);
  const timer = useRef(0);
  useLayoutEffect(() => {
    // What is being typed is not taken away, whatever is drawn meanwhile.
    if (input.current && input.current.value.trim() !== search) input.current.value = search;
    return () => clearTimeout(timer.current);
  }, [search]);
  const type = ({ currentTarget: { value } }: { currentTarget: HTMLInputElement }) => {
    clearTimeout(timer.current);
    timer.current = window.setTimeout(
      () => send({ is: 'filter', part: { search: value.trim() } }),
      TYPING_MS,
    );
  };
  return (
    <input
      ref={input}
      type="search"
      placeholder="Search companies"
      aria-label="Search companies"
      autocomplete="off"
      spellcheck={false}
      maxLength={200}
      onInput={type}
    />
  );
}

type SelectProps = Pick<ComponentProps<'select'>, 'aria-label' | 'value'> & {
  options: ReadonlyArray<readonly [value: string, label: string]>;
  choose(value: string): void;
};

function Select({ options, choose, ...rest }: SelectProps) {
  return (
    <select {...rest} onChange={({ currentTarget }) => choose(currentTarget.value)}>
      {options.map(([each, name]) => (
        <option key={each} value={each}>
          {name}
        </option>
      ))}
    </select>
  );
}

function Choices({ state, send }: View) {
  const { status, place } = state;
  const { selection, order } = place;
  const { known = 0, known_maybe = 0, duplicates = 0 } = status?.counts ?? {};
  const change = (part: { [Name in keyof ShownSelection]?: unknown }) =>
    send({ is: 'filter', part: readSelection({ ...selection, ...part }) });
  const sort = (value: string) => {
    const [by, way] = value.split(' ');
    send({ is: 'sort', order: readOrder({ sort: by, descending: way === 'down' }) });
  };
  const facets = FACETS.map(([of, label]): SelectProps => {
    const chosen = selection[of];
    const buckets = bucketsOf(state, of).map(
      ({ value, label, count }) => [value, `${plainText(label, 60)} (${format.number(count)})`] as const,
    );
    // Several are chosen by the bars.
    const several = chosen.length > 1 ? [[chosen.join(), `${chosen.length} chosen`] as const] : [];
    const options = [['', label] as const, ...several, ...buckets];
    return {
      'aria-label': label,
      value: chosen.join(),
      options,
      choose: (value) => change({ [of]: [value] }),
    };
  });
  const orders = SORT_ORDERS.flatMap(({ sort, label }) => [
    [`${sort} up`, `${label} ↑`] as const,
    [`${sort} down`, `${label} ↓`] as const,
  ]);
  const sorted = `${order.sort} ${order.descending ? 'down' : 'up'}`;
  const knowing = (value: string) => change({ known: value });
  return (
    <div class="line more">
      {facets.map((facet) => (
        <Select key={facet['aria-label']} {...facet} />
      ))}
      {known + known_maybe > 0 && (
        <Select
          aria-label="Known companies"
          value={selection.known}
          options={Object.entries(KNOWN)}
          choose={knowing}
        />
      )}
      {place.mode === 'list' && <Select aria-label="Sort by" value={sorted} options={orders} choose={sort} />}
      <input
        type="text"
        placeholder="Ranks: 1-180"
        aria-label="Ranks to show, such as 1-180"
        autocomplete="off"
        maxLength={200}
        value={selection.ranks}
        onChange={(event) => change({ ranks: event.currentTarget.value.trim() })}
      />
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
