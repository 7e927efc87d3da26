import { useMemo } from 'preact/hooks';
import { type Company, VERDICTS } from '../contract.ts';
import { queuedVerdict, verdictOf } from '../state/look.ts';
import { Badges, Detail, Facts, Link, Reason, searched } from './company.tsx';
import { format } from './format.ts';
import { Button, Check, Foreign, SIGNS, type View } from './small.tsx';
import { plain } from './text.ts';

type RowProps = View & { company: Company; columns: number };

/** One company: a row of facts and buttons, and below it a row with the reason over the full width. */
export function Row({ state, send, company, columns }: RowProps) {
  const { row, domain, country, funding_stage: funding } = company;
  const { wide } = state.host;
  const selectable = state.page?.judgeable === true;
  const verdict = verdictOf(state, row);
  const unsaved = state.connection !== 'ok' && queuedVerdict(state, row) !== undefined;
  const selected = state.selected.has(row);
  const current = row === state.place.current;
  const detail = state.details.get(row);
  const search = searched(state);
  const draw = () => {
    const name = plain(company.name, 80) || 'unnamed company';
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
                label={<Foreign text={company.name || name} max={300} />}
                onClick={() => send({ is: 'expand', row })}
              />
              {domain !== '' && wide && (
                <span class="site">
                  <Link to={domain} />
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
          {(selectable || state.page?.provisional) && (
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
                <Facts company={company} />
              </div>
            )}
            <div class="clamp" dir="auto">
              {company.reason !== '' && verdict === company.verdict && <b>{plain(company.reason, 300)} · </b>}
              <Reason text={plain(company.match_reason, 600)} search={search} />
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
