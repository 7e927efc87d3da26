import { useEffect, useLayoutEffect, useMemo, useRef } from 'preact/hooks';
import { VERDICTS } from '../../lib/verdicts.ts';
import type { ShownCompany } from '../contract.ts';
import { hasPage } from '../state/list.ts';
import { isFiltered, queuedVerdict, SORT_ORDERS, verdictOf } from '../state/look.ts';
import { Badges, CompanyFacts, Detail, searched, WebLink, Why } from './company.tsx';
import { clearFilters } from './filters.tsx';
import { rove } from './keyboard.ts';
import { format, plainText } from './shown-text.ts';
import { Button, Check, Foreign, Notice, retry, SIGNS, Skeleton, type View } from './small.tsx';

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
    <div ref={end} class="actions pager">
      {more && <Button label="Show more" onClick={read} />}
    </div>
  );
}

/** The table of one page of companies. */
export function Table(view: View) {
  const { page, place, companies, selected, host, asked, status } = view.state;
  const { send } = view;
  if (!page) return null;
  const selectable = status?.final === true;
  const judgeable = selectable || status?.terminal === false;
  const heads = SORT_ORDERS.slice(0, 6).filter(
    ({ wide, sort }) => (host.wide || !wide) && (judgeable || sort !== 'verdict'),
  );
  const every = page.rows.length > 0 && page.rows.every((row) => selected.has(row));
  const { order } = place;
  const [way, arrow] = order.descending ? (['descending', ' ↓'] as const) : (['ascending', ' ↑'] as const);
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
            const sorted = order.sort === sort;
            return (
              <th key={sort} scope="col" class={sort} aria-sort={sorted ? way : undefined}>
                <Button
                  kind=""
                  tabIndex={-1}
                  disabled={!selectable}
                  aria-label={label}
                  label={`${sort === 'row' ? '#' : label}${sorted ? arrow : ''}`}
                  onClick={() =>
                    send({ is: 'sort', order: { sort, descending: sorted && !order.descending } })
                  }
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
          const given = { ...view, columns, selectable, judgeable };
          return company && <Row key={row} {...given} company={company} />;
        })}
      </tbody>
    </table>
  );
}

type RowProps = View & { company: ShownCompany; columns: number; selectable: boolean; judgeable: boolean };

/** One company: a row of facts and buttons, and below it a row with the reason over the full width. */
function Row({ state, send, company, columns, selectable, judgeable }: RowProps) {
  const { row, domain, country, funding_stage: funding } = company;
  const { wide } = state.host;
  const verdict = verdictOf(state, row);
  const unsaved = state.connection !== 'ok' && queuedVerdict(state, row) !== undefined;
  const selected = state.selected.has(row);
  const current = row === state.place.current;
  const detail = state.details.get(row);
  const search = searched(state);
  const draw = () => {
    const name = plainText(company.name, 80);
    const tabIndex = current ? 0 : -1;
    const kind = `${verdict === 'drop' ? 'dropped' : ''} ${selected ? 'selected' : ''} ${current ? 'current' : ''}`;
    const employees = company.employees === null ? '' : format.number(company.employees);
    return (
      <>
        <tr data-row={row} class={kind}>
          {selectable && (
            <td class="sel">
              <Check
                label={`Select ${name}`}
                checked={selected}
                tabIndex={tabIndex}
                choose={(on, range) => send({ is: 'select', row, on, range })}
              />
            </td>
          )}
          {wide && <td class="row">{format.number(row)}</td>}
          <th scope="row" class="name">
            <div class="title-line">
              <Button
                kind="open"
                aria-expanded={detail !== undefined}
                tabIndex={tabIndex}
                label={<Foreign text={company.name} max={300} />}
                onClick={() => send({ is: 'expand', row })}
              />
              {domain !== '' && wide && (
                <span class="site">
                  <WebLink to={domain} />
                </span>
              )}
              <Badges company={company} verdict={verdict} />
              {unsaved && <span class="badge maybe">not saved yet</span>}
            </div>
          </th>
          {wide &&
            Object.entries({ country, employees, funding }).map(([column, fact]) => (
              <td key={column} class={column}>
                <Foreign text={fact || '–'} max={60} />
              </td>
            ))}
          {judgeable && (
            <td class="verdict marks">
              {VERDICTS.map((each) => (
                <Button
                  key={each}
                  kind={each}
                  tabIndex={tabIndex}
                  label={SIGNS[each].sign}
                  title={`${SIGNS[each].label} (${SIGNS[each].key})`}
                  aria-label={`${SIGNS[each].label} ${name}`}
                  aria-pressed={verdict === each}
                  onClick={() =>
                    send({ is: 'mark', rows: [row], verdict: verdict === each ? 'clear' : each, go: false })
                  }
                />
              ))}
            </td>
          )}
        </tr>
        <tr class={`why ${kind}`}>
          {selectable && <td class="sel" />}
          <td colSpan={selectable ? columns - 1 : columns}>
            {!wide && (
              <div class="facts">
                <span>#{format.number(row)}</span>
                <CompanyFacts company={company} />
              </div>
            )}
            <div class="clamp" dir="auto">
              <Why company={company} verdict={verdict} search={search} max={600} />
            </div>
          </td>
        </tr>
        {detail !== undefined && (
          <tr class="detail">
            <td colSpan={columns}>
              <Detail detail={detail} />
            </td>
          </tr>
        )}
      </>
    );
  };
  // Drawn anew only where something of it has changed: in full screen there are a thousand.
  return useMemo(draw, [company, verdict, unsaved, selected, current, detail, wide, columns, search]);
}
