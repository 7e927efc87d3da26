import { Component } from 'preact';
import { type Company, VERDICTS, type Verdict } from '../contract.ts';
import type { ViewEvent } from '../state/update.ts';

import { Detail } from './detail.tsx';
import { format } from './format.ts';
import { type Acts, Badges, Foreign, Link, Lit, Nothing, SIGNS } from './small.tsx';
import { plain, reasonOf } from './text.ts';

export interface RowProps {
  company: Company;
  verdict: Verdict | null;
  /** The verdict is on its way, and nobody answers. */
  unsaved: boolean;
  selectable: boolean;
  markable: boolean;
  selected: boolean;
  current: boolean;
  wide: boolean;
  /** Columns of the table as it is now. */
  columns: number;
  /** Undefined while it is closed. */
  detail: Record<string, unknown> | string | null | undefined;
  words: readonly string[];
  send(event: ViewEvent): void;
  acts: Acts;
}

/** One company: a row of facts and buttons, and below it a row with the reason over the full width. */
export class Row extends Component<RowProps> {
  override shouldComponentUpdate(next: RowProps): boolean {
    return (Object.keys(next) as Array<keyof RowProps>).some((name) => next[name] !== this.props[name]);
  }

  override render({ company, verdict, selected, current, wide, columns, detail, ...rest }: RowProps) {
    const { unsaved, selectable, markable, words, send, acts } = rest;
    const { row, domain, country, employees, funding_stage } = company;
    const name = plain(company.name, 80) || 'unnamed company';
    const size = employees === null ? '' : format.number(employees);
    const reason = reasonOf(plain(company.match_reason, 600));
    const reach = current ? 0 : -1;
    const open = detail !== undefined;
    const kind = [verdict ?? '', selected ? 'selected' : '', current ? 'current' : ''].join(' ').trim();
    return (
      <>
        <tr data-row={row} class={kind}>
          {selectable && (
            <td class="sel">
              <label class="hit">
                <input
                  type="checkbox"
                  aria-label={`Select ${name}`}
                  checked={selected}
                  tabIndex={reach}
                  onClick={(event) =>
                    send({ is: 'select', row, on: event.currentTarget.checked, range: event.shiftKey })
                  }
                />
              </label>
            </td>
          )}
          {wide && <td class="row">{format.number(row)}</td>}
          <th scope="row" class="name">
            <div class="title-line">
              <button
                type="button"
                class="open"
                aria-expanded={open}
                tabIndex={reach}
                onClick={() => send({ is: 'expand', row })}
              >
                <Foreign text={company.name || 'unnamed company'} max={300} />
              </button>
              {domain !== '' && wide && (
                <span class="site">
                  <Link to={domain} visit={acts.visit} />
                </span>
              )}
              <Badges
                company={{ ...company, verdict, by: verdict === company.verdict ? company.by : 'user' }}
              />
              {unsaved && <span class="badge unsaved">not saved yet</span>}
            </div>
          </th>
          {wide && (
            <td class="country">{country === '' ? <Nothing /> : <Foreign text={country} max={60} />}</td>
          )}
          {wide && <td class="employees">{size === '' ? <Nothing /> : size}</td>}
          {wide && (
            <td class="funding">
              {funding_stage === '' ? <Nothing /> : <Foreign text={funding_stage} max={60} />}
            </td>
          )}
          {markable && (
            <td class="verdict">
              <div class="marks">
                {VERDICTS.map((each) => (
                  <button
                    key={each}
                    type="button"
                    class={each}
                    title={`${SIGNS[each][1]} (${SIGNS[each][2]})`}
                    aria-label={`${SIGNS[each][1]} ${name}`}
                    aria-pressed={verdict === each}
                    tabIndex={reach}
                    onClick={() =>
                      send({ is: 'mark', rows: [row], verdict: verdict === each ? 'clear' : each, go: false })
                    }
                  >
                    {SIGNS[each][0]}
                  </button>
                ))}
              </div>
            </td>
          )}
        </tr>
        <tr class={`why ${kind}`}>
          {selectable && <td class="sel" />}
          <td colSpan={selectable ? columns - 1 : columns}>
            {!wide && (
              <div class="below">
                <span class="fact">#{format.number(row)}</span>
                {domain !== '' && <Link to={domain} visit={acts.visit} />}
                {country !== '' && <Foreign text={country} max={60} />}
                {size !== '' && <span class="fact">{format.people(employees ?? 0)}</span>}
                {funding_stage !== '' && <Foreign text={funding_stage} max={60} />}
              </div>
            )}
            <div class="clamp" dir="auto">
              {company.reason !== '' && verdict === company.verdict && (
                <span class="own">{plain(company.reason, 300)} · </span>
              )}
              {reason === '' ? (
                <span class="nothing">No reason given</span>
              ) : (
                <Lit text={reason} words={words} />
              )}
            </div>
          </td>
        </tr>
        {open && (
          <tr class="detail">
            <td colSpan={columns}>
              <Detail detail={detail} company={company} visit={acts.visit} />
            </td>
          </tr>
        )}
      </>
    );
  }
}
