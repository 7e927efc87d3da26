import { useEffect, useRef, useState } from 'preact/hooks';
import type { Bucket, Selection } from '../contract.ts';
import { isFiltered, ORDERS } from '../state/look.ts';
import { NOTHING_CHOSEN } from '../state/model.ts';
import { format } from './format.ts';
import { Button, type Props } from './small.tsx';
import { plain } from './text.ts';

/** A search takes effect this long after the last key. Milliseconds. */
const TYPING_MS = 120;
/** Value of a select that stands for several chosen ones. */
const SEVERAL = '\u0000several';

/** The search above the table, and on demand the filters that take a choice. */
export function Filters({ state, send, open }: Props & { open: boolean }) {
  const { selection } = state.place;
  return (
    <search class="toolbar" aria-label="Filter the table">
      <Search state={state} send={send} />
      {isFiltered(selection) && (
        <Button
          kind="quiet"
          label="Clear filters"
          onClick={() =>
            send({ is: 'filter', part: { ...NOTHING_CHOSEN, duplicates: selection.duplicates } })
          }
        />
      )}
      {open && <Choices state={state} send={send} />}
    </search>
  );
}

function Search({ state, send }: Props) {
  const { search } = state.place.selection;
  const [text, setText] = useState(search);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  // What is being typed is not taken away, whatever is drawn meanwhile.
  useEffect(() => {
    if (timer.current === undefined) setText(search);
  }, [search]);
  return (
    <input
      type="search"
      placeholder="Search companies"
      aria-label="Search companies"
      autocomplete="off"
      spellcheck={false}
      maxLength={200}
      value={text}
      onInput={(event) => {
        const typed = event.currentTarget.value;
        setText(typed);
        clearTimeout(timer.current);
        timer.current = setTimeout(() => {
          timer.current = undefined;
          send({ is: 'filter', part: { search: typed.trim() } });
        }, TYPING_MS);
      }}
    />
  );
}

function Choices({ state, send }: Props) {
  const { status, place } = state;
  const { selection } = place;
  const counts = status?.counts;
  const facets = status?.facets;
  const change = (part: Partial<Selection>) => send({ is: 'filter', part });
  const duplicates = counts?.duplicates ?? 0;
  return (
    <div class="more">
      <Choice
        label="All countries"
        buckets={facets?.countries ?? []}
        chosen={selection.countries}
        change={(countries) => change({ countries })}
      />
      <Choice
        label="All sizes"
        buckets={facets?.sizes ?? []}
        chosen={selection.sizes}
        change={(sizes) => change({ sizes })}
      />
      <Choice
        label="All funding"
        buckets={facets?.stages ?? []}
        chosen={selection.stages}
        change={(stages) => change({ stages })}
      />
      {counts && counts.known + counts.known_maybe > 0 && (
        <select
          aria-label="Known companies"
          value={selection.known}
          onChange={(event) => {
            const chosen = event.currentTarget.value;
            change({ known: (['new', 'known', 'maybe'] as const).find((each) => each === chosen) ?? '' });
          }}
        >
          <option value="">Known or not</option>
          <option value="new">Not known yet</option>
          <option value="known">Known</option>
          <option value="maybe">Maybe known</option>
        </select>
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
        <select
          class="sort"
          aria-label="Sort by"
          value={`${place.sort} ${place.descending ? 'down' : 'up'}`}
          onChange={(event) => {
            const [name, way] = event.currentTarget.value.split(' ');
            const order = ORDERS.find(({ sort }) => sort === name);
            if (order) send({ is: 'sort', sort: order.sort, descending: way === 'down' });
          }}
        >
          {ORDERS.map(({ sort, label }) => [
            <option key={`${sort} up`} value={`${sort} up`}>{`${label} ↑`}</option>,
            <option key={`${sort} down`} value={`${sort} down`}>{`${label} ↓`}</option>,
          ])}
        </select>
      )}
      {duplicates > 0 && (
        <label class="check">
          <input
            type="checkbox"
            checked={selection.duplicates}
            onClick={(event) => change({ duplicates: event.currentTarget.checked })}
          />
          <span>{`Show ${format.number(duplicates)} duplicate${duplicates === 1 ? '' : 's'}`}</span>
        </label>
      )}
    </div>
  );
}

function Choice({
  label,
  buckets,
  chosen,
  change,
}: {
  label: string;
  buckets: readonly Bucket[];
  chosen: readonly string[];
  change(chosen: string[]): void;
}) {
  return (
    <select
      aria-label={label}
      class={chosen.length > 0 ? 'set' : ''}
      value={chosen.length > 1 ? SEVERAL : (chosen[0] ?? '')}
      onChange={(event) => {
        const { value } = event.currentTarget;
        if (value !== SEVERAL) change(value === '' ? [] : [value]);
      }}
    >
      <option value="">{label}</option>
      {chosen.length > 1 && <option value={SEVERAL}>{`${chosen.length} chosen`}</option>}
      {buckets
        .filter(({ value, count }) => count > 0 || chosen.includes(value))
        .map(({ value, label: name, count }) => (
          <option key={value} value={value}>{`${plain(name, 60)} (${format.number(count)})`}</option>
        ))}
    </select>
  );
}
