import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import { hasPage } from '../state/list.ts';
import { isFiltered, ORDERS } from '../state/look.ts';
import { clearFilters } from './filters.tsx';
import { rove } from './keys.ts';
import { Row } from './row.tsx';
import { Button, Check, Notice, retry, Skeleton, type View } from './small.tsx';

/** The table, or why there is none; as high as it was while filters leave less. */
export function Area(view: View) {
  const { page, place, asked } = view.state;
  const area = useRef<HTMLDivElement>(null);
  const height = useRef(0);
  const filtered = isFiltered(place.selection);
  useLayoutEffect(() => {
    // The chat must not jump while somebody types.
    if (!filtered && area.current && page && page.rows.length > 0) height.current = area.current.offsetHeight;
  });
  return (
    <div
      class="area"
      ref={area}
      style={filtered ? { minHeight: `${Math.min(height.current, 700)}px` } : {}}
      aria-busy={asked.page > 0}
    >
      <Companies {...view} />
    </div>
  );
}

function Companies(view: View) {
  const { page, pageRefused, place } = view.state;
  if (pageRefused !== null) {
    const title = 'The companies could not be read';
    return <Notice kind="message drop" title={title} lines={[pageRefused]} actions={[retry(view)]} />;
  }
  if (!page) return <Skeleton />;
  if (page.rows.length > 0) return <Table {...view} />;
  if (isFiltered(place.selection)) {
    const title = 'No company matches these filters';
    return <Notice kind="message" title={title} actions={[clearFilters(view)]} />;
  }
  const lines = ['A wider search may: fewer filters, or other seeds.'];
  return <Notice kind="message" title="This job delivered no companies" lines={lines} />;
}

/** The end of a page that grows: when it is seen, more companies are read. */
export function More({ state, send }: View) {
  const end = useRef<HTMLDivElement>(null);
  const more = hasPage(state, 'next');
  const read = () => send({ is: 'turn', to: 'more', focus: null });
  useEffect(() => {
    if (!end.current || !more) return;
    const observer = new IntersectionObserver((entries) => {
      if (entries.some(({ isIntersecting }) => isIntersecting)) read();
    });
    observer.observe(end.current);
    return () => observer.disconnect();
  }, [more, state.page?.rows.length]);
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
  const [way, arrow] = place.descending ? (['descending', ' ↓'] as const) : (['ascending', ' ↑'] as const);
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
            return (
              <th key={sort} scope="col" class={sort} aria-sort={sorted ? way : undefined}>
                <Button
                  kind=""
                  tabIndex={-1}
                  disabled={!selectable}
                  aria-label={label}
                  label={`${sort === 'row' ? '#' : label}${sorted ? arrow : ''}`}
                  onClick={() => send({ is: 'sort', sort, descending: sorted && !place.descending })}
                />
              </th>
            );
          })}
        </tr>
      </thead>
      <tbody>
        {page.rows.map((row) => {
          const company = companies.get(row);
          const columns = heads.length + Number(selectable);
          return company && <Row key={row} {...view} company={company} columns={columns} />;
        })}
      </tbody>
    </table>
  );
}
