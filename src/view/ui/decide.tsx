import { useRef } from 'preact/hooks';
import type { Verdict } from '../../lib/verdicts.ts';
import type { ShownCompany } from '../contract.ts';
import { decidedNow, minutesLeft, tally, verdictOf } from '../state/look.ts';
import { Badges, CompanyFacts, Detail, searched, Why } from './company.tsx';
import { FitLine } from './head.tsx';
import { Toast } from './lines.tsx';
import { format, plainText } from './shown-text.ts';
import { Button, Check, Foreign, Notice, SIGNS, Skeleton, type View } from './small.tsx';

/** A finger has to go this far for a verdict. CSS pixels. */
const SWIPE = 70;

/** One company at a time, large: facts, reason, buttons; what it says of itself on demand. */
export function Decide(view: View) {
  const { state, send } = view;
  const company = decidedNow(state);
  const { all, open } = tally(state);
  const minutes = minutesLeft(state);
  const left = minutes ? `, about ${format.number(Math.max(1, Math.round(minutes)))} min left` : '';
  const some = open > 0 && state.place.selection.verdicts.length === 0;
  const next = some
    ? { label: 'Go through them', onClick: () => send({ is: 'decide', row: null }) }
    : { label: 'Back to the list', onClick: () => send({ is: 'list' }) };
  return (
    <section class="decide" aria-label="Decide one by one">
      <div class="line">
        <span class="dim">
          <b>{`${format.number(all - open)} of ${format.number(all)}`}</b>
          {` judged${left}`}
        </span>
        <Check
          label="Spread over the list"
          title="A dozen verdicts from all of the list tell how much of it fits"
          checked={state.place.spread}
          choose={(on) => send({ is: 'spread', on })}
        />
      </div>
      <progress aria-hidden="true" max={all} value={all - open} />
      <FitLine state={state} />
      {company ? (
        <Card {...view} company={company} />
      ) : !state.allRead ? (
        <Skeleton />
      ) : (
        <Notice
          kind="message"
          title={some ? `${format.companies(open)} left open` : 'All are judged'}
          actions={[next]}
        />
      )}
      <Toast {...view} />
    </section>
  );
}

function Card({ state, send, company }: View & { company: ShownCompany }) {
  const begun = useRef<PointerEvent | null>(null);
  const { row } = company;
  const verdict = verdictOf(state, row);
  const open = state.details.has(row);
  const mark = (each: Verdict) => send({ is: 'mark', rows: [row], verdict: each, go: true });
  const swipe = (event: PointerEvent & { currentTarget: HTMLElement }) => {
    const { type, clientX, clientY, pointerType, currentTarget: card } = event;
    if (type === 'pointerdown' && pointerType !== 'mouse') begun.current = event;
    if (!begun.current) return;
    const [x, y] = [clientX - begun.current.clientX, clientY - begun.current.clientY];
    const ended = type === 'pointerup' || type === 'pointercancel';
    const far = Math.abs(x) > Math.max(SWIPE, 2 * Math.abs(y));
    const side = x > 0 ? 'keep' : 'drop';
    card.style.transform = ended ? '' : `translateX(${x}px) rotate(${x / 40}deg)`;
    card.className = `card ${far && !ended ? side : ''}`;
    if (!ended) return;
    begun.current = null;
    if (type === 'pointerup' && far) mark(side);
  };
  return (
    <article
      class="card"
      tabIndex={-1}
      aria-label={plainText(company.name, 80)}
      onPointerDown={swipe}
      onPointerMove={swipe}
      onPointerUp={swipe}
      onPointerCancel={swipe}
    >
      <h2>
        <Foreign text={company.name} max={160} /> <Badges company={company} verdict={verdict} />
      </h2>
      <p class="facts card-facts">
        <CompanyFacts company={company} />
        <span>{`rank ${format.number(row)}`}</span>
      </p>
      <p class="card-reason" dir="auto">
        <Why company={company} verdict={verdict} search={searched(state)} max={1_200} />
      </p>
      {open ? (
        <div class="about">
          <Detail detail={state.details.get(row) ?? null} />
        </div>
      ) : (
        <p class="clamp" dir="auto">
          {plainText(company.says, 180)}
        </p>
      )}
      <div class="actions choices">
        {(['drop', 'maybe', 'keep'] as const).map((each) => (
          <Button
            key={each}
            kind={`plain big ${each}`}
            aria-label={`${SIGNS[each].label} ${SIGNS[each].key}`}
            aria-pressed={verdict === each}
            label={[`${SIGNS[each].sign} ${SIGNS[each].label} `, <kbd key={each}>{SIGNS[each].key}</kbd>]}
            onClick={() => mark(each)}
          />
        ))}
      </div>
      <div class="line">
        <Button
          kind="quiet"
          aria-expanded={open}
          label={open ? 'Less' : 'What it says of itself'}
          title="Enter"
          onClick={() => send({ is: 'expand', row })}
        />
        <Button
          kind="quiet"
          label="Later"
          title="Comes again at the end (s)"
          onClick={() => send({ is: 'skip' })}
        />
      </div>
    </article>
  );
}
