import { ORDERS, queuedVerdict, verdictOf } from '../state/look.ts';
import { Row } from './row.tsx';
import type { LitProps } from './small.tsx';

const COLUMNS = ORDERS.slice(0, 6);

/** The table of one page of companies. */
export function Table({ state, words, send, acts }: LitProps) {
  const { page, place, companies, details, selected, host, connection } = state;
  if (!page) return null;
  const { wide } = host;
  const { judgeable } = page;
  const markable = judgeable || page.provisional;
  const shown = COLUMNS.filter((column) => (wide || !column.wide) && (markable || column.sort !== 'verdict'));
  const columns = shown.length + (judgeable ? 1 : 0);
  const every = page.rows.length > 0 && page.rows.every((row) => selected.has(row));
  return (
    <table aria-busy={state.busy} class={judgeable ? '' : 'reading'}>
      <caption class="unseen">
        Companies. Arrow keys or N and P move, Enter decides one by one, O opens the full text, K keeps, D
        drops, M is maybe, U takes back, Space selects, C copies the domain.
      </caption>
      <thead>
        <tr>
          {judgeable && (
            <td class="sel">
              <label class="hit">
                <input
                  type="checkbox"
                  aria-label="Select all companies of this page"
                  tabIndex={-1}
                  checked={every}
                  ref={(box) => {
                    if (box) box.indeterminate = selected.size > 0 && !every;
                  }}
                  onClick={(event) => send({ is: 'select page', on: event.currentTarget.checked })}
                />
              </label>
            </td>
          )}
          {shown.map(({ sort, label }) => (
            <th
              key={sort}
              scope="col"
              class={sort}
              {...(place.sort === sort
                ? { 'aria-sort': place.descending ? ('descending' as const) : ('ascending' as const) }
                : {})}
            >
              {judgeable ? (
                <button
                  type="button"
                  tabIndex={-1}
                  onClick={() =>
                    send({ is: 'sort', sort, descending: place.sort === sort && !place.descending })
                  }
                >
                  {sort === 'row' ? <Rank /> : label}
                </button>
              ) : sort === 'row' ? (
                <Rank />
              ) : (
                label
              )}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {page.rows.map((row) => {
          const company = companies.get(row);
          return (
            company && (
              <Row
                key={row}
                company={company}
                verdict={verdictOf(state, row)}
                unsaved={connection !== 'ok' && queuedVerdict(state, row) !== undefined}
                selectable={judgeable}
                markable={markable}
                selected={selected.has(row)}
                current={row === place.current}
                wide={wide}
                columns={columns}
                detail={details.get(row)}
                words={words}
                send={send}
                acts={acts}
              />
            )
          );
        })}
      </tbody>
    </table>
  );
}

function Rank() {
  return (
    <>
      <span aria-hidden="true">#</span>
      <span class="unseen">Rank</span>
    </>
  );
}
