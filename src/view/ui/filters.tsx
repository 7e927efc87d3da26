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
  ['countries', 'All countries'],
  ['sizes', 'All sizes'],
  ['stages', 'All funding'],
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

/** A select. */
interface Choice {
  label: string;
  value: string;
  options: ReadonlyArray<readonly [value: string, label: string]>;
  choose(value: string): void;
}

function Choices({ state, send }: View) {
  const { status, place } = state;
  const { selection } = place;
  const { known = 0, known_maybe = 0, duplicates = 0 } = status?.counts ?? {};
  const change = (part: Partial<Selection>) => send({ is: 'filter', part });
  const facets = FACETS.map(([of, label]): Choice => {
    const chosen = selection[of];
    const several = chosen.length > 1 ? [[SEVERAL, `${chosen.length} chosen`] as const] : [];
    const buckets = (status?.facets?.[of] ?? [])
      .filter(({ value, count }) => count > 0 || chosen.includes(value))
      .map((each) => [each.value, `${plain(each.label, 60)} (${format.number(each.count)})`] as const);
    return {
      label,
      value: several[0]?.[0] ?? chosen[0] ?? '',
      options: [['', label], ...several, ...buckets],
      choose: (value) => value !== SEVERAL && change({ ...selection, [of]: value === '' ? [] : [value] }),
    };
  });
  const ofKnown: Choice = {
    label: 'Known companies',
    value: selection.known,
    options: KNOWN,
    choose: (value) => change({ known: KNOWN.find(([each]) => each === value)?.[0] ?? '' }),
  };
  const order: Choice = {
    label: 'Sort by',
    value: `${place.sort} ${place.descending ? 'down' : 'up'}`,
    options: ORDERS.flatMap(({ sort, label }) => [
      [`${sort} up`, `${label} ↑`],
      [`${sort} down`, `${label} ↓`],
    ]),
    choose(value) {
      const found = ORDERS.find(({ sort }) => value.startsWith(`${sort} `));
      if (found) send({ is: 'sort', sort: found.sort, descending: value.endsWith('down') });
    },
  };
  const choices = [
    ...facets,
    ...(known + known_maybe > 0 ? [ofKnown] : []),
    ...(place.mode === 'list' ? [order] : []),
  ];
  return (
    <div class="line more">
      {choices.map(({ label, value, options, choose }) => (
        <select
          key={label}
          aria-label={label}
          value={value}
          onChange={(event) => choose(event.currentTarget.value)}
        >
          {options.map(([each, name]) => (
            <option key={each} value={each}>
              {name}
            </option>
          ))}
        </select>
      ))}
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
