import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import { hasPage } from '../state/list.ts';
import { isFiltered, ORDERS } from '../state/look.ts';
import { clearFilters } from './filters.tsx';
import { rove } from './keys.ts';
import { Row } from './row.tsx';
import { Button, Check, type View } from './small.tsx';
import { Notice, type NoticeProps, Skeleton } from './states.tsx';

/** The table, or why there is none; as high as it was while filters leave less. */
export function Area(view: View) {
  const { state, send } = view;
  const { page, pageRefused, place, asked } = state;
  const area = useRef<HTMLDivElement>(null);
  const height = useRef(0);
  const filtered = isFiltered(place.selection);
  useLayoutEffect(() => {
    // The chat must not jump while somebody types.
    if (!filtered && area.current && page && page.rows.length > 0) height.current = area.current.offsetHeight;
  });
  const retry = { label: 'Try again', onClick: () => send({ is: 'retry' }) };
  const nothing: Omit<NoticeProps, 'kind'> = filtered
    ? { title: 'No company matches these filters', actions: [clearFilters(view)] }
    : {
        title: 'This job delivered no companies',
        lines: ['A wider search may: fewer filters, or other seeds.'],
      };
  return (
    <div
      class="area"
      ref={area}
      style={filtered ? { minHeight: `${Math.min(height.current, 700)}px` } : {}}
      aria-busy={asked.page > 0}
    >
      {pageRefused !== null ? (
        <Notice
          kind="message drop"
          title="The companies could not be read"
          lines={[pageRefused]}
          actions={[retry]}
        />
      ) : !page ? (
        <Skeleton />
      ) : page.rows.length > 0 ? (
        <Table {...view} />
      ) : (
        <Notice kind="message" {...nothing} />
      )}
    </div>
  );
}

/** The end of a page that grows: when it is seen, more companies are read. */
export function More({ state, send }: View) {
  const end = useRef<HTMLDivElement>(null);
  const more = hasPage(state, 'next');
  const rows = state.page?.rows.length ?? 0;
  const read = () => send({ is: 'turn', to: 'more', focus: null });
  useEffect(() => {
    if (!end.current || !more || rows === 0) return;
    const observer = new IntersectionObserver((entries) => {
      if (entries.some(({ isIntersecting }) => isIntersecting)) read();
    });
    observer.observe(end.current);
    return () => observer.disconnect();
  }, [more, rows]);
  return (
    <div ref={end} class="more-end">
      {more && <Button label="Show more" onClick={read} />}
    </div>
  );
}

/** The table of one page of companies. */
export function Table(view: View) {
  const { page, place, companies, selected, host, asked } = view.state;
  const { send } = view;
  if (!page) return null;
  const selectable = page.judgeable;
  const heads = ORDERS.slice(0, 6).filter(
    ({ wide, sort }) => (host.wide || !wide) && (selectable || page.provisional || sort !== 'verdict'),
  );
  const every = page.rows.length > 0 && page.rows.every((row) => selected.has(row));
  return (
    <table aria-busy={asked.page > 0}>
      <caption class="unseen">Companies, with keys that are named below</caption>
      <thead onKeyDown={rove}>
        <tr>
          {selectable && (
            <td class="sel">
              <Check
                label="Select all companies of this page"
                tabIndex={-1}
                checked={every}
                indeterminate={selected.size > 0 && !every}
                choose={(on) => send({ is: 'select page', on })}
              />
            </td>
          )}
          {heads.map(({ sort, label }) => {
            const sorted = place.sort === sort;
            const descending = sorted && !place.descending;
            return (
              <th
                key={sort}
                scope="col"
                class={sort}
                aria-sort={sorted ? (place.descending ? 'descending' : 'ascending') : undefined}
              >
                <Button
                  kind=""
                  tabIndex={-1}
                  disabled={!selectable}
                  aria-label={label}
                  label={sort === 'row' ? '#' : label}
                  onClick={() => send({ is: 'sort', sort, descending })}
                />
              </th>
            );
          })}
        </tr>
      </thead>
      <tbody>
        {page.rows.map((row) => {
          const company = companies.get(row);
          return company && <Row key={row} {...view} company={company} />;
        })}
      </tbody>
    </table>
  );
}
