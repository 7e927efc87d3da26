import { useRef } from 'preact/hooks';
import type { Company, Verdict } from '../contract.ts';
import { decidedNow, minutesLeft, tally, verdictOf } from '../state/look.ts';
import { Detail } from './detail.tsx';
import { format } from './format.ts';
import { FitLine } from './head.tsx';
import { Toast } from './lines.tsx';
import { Badges, Button, Buttons, Check, Facts, Foreign, Reason, SIGNS, type View } from './small.tsx';
import { Notice, Skeleton } from './states.tsx';
import { plain } from './text.ts';

/** A finger has to go this far for a verdict. CSS pixels. */
const SWIPE = 70;
/** What stands on the card already. */
const ON_CARD = ['match_reason', 'domain', 'headquarters', 'employees', 'funding_stage'];

/** One company at a time, large: facts, reason, buttons; what it says of itself on demand. */
export function Decide(view: View) {
  const { state, send } = view;
  const { place, allRead } = state;
  const company = decidedNow(state);
  const { all, open } = tally(state);
  const minutes = minutesLeft(state);
  const left =
    minutes === null
      ? ''
      : `, ${minutes < 1 ? 'less than a minute' : `about ${format.number(Math.round(minutes))} min`} left`;
  const list = { label: 'Back to the list', onClick: () => send({ is: 'list' }) };
  const some = open > 0 && place.selection.verdicts.length === 0;
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
          checked={place.spread}
          choose={(on) => send({ is: 'spread', on })}
        />
      </div>
      <progress aria-hidden="true" max={all} value={all - open} />
      <FitLine state={state} />
      {company ? (
        <Card key="card" {...view} company={company} />
      ) : !allRead ? (
        <Skeleton />
      ) : some ? (
        <Notice
          kind="message"
          title={`${format.companies(open)} left open`}
          actions={[{ label: 'Go through them', onClick: () => send({ is: 'decide', row: null }) }]}
        />
      ) : (
        <Notice kind="message" title="All are judged" actions={[list]} />
      )}
      <div class="line status">
        <span class="now">
          <Button kind="quiet" {...list} />
        </span>
        <Toast {...view} />
      </div>
    </section>
  );
}

function Card({ state, words, send, acts, company }: View & { company: Company }) {
  const begun = useRef<PointerEvent | null>(null);
  const card = useRef<HTMLElement>(null);
  const { row } = company;
  const verdict = verdictOf(state, row);
  const mark = (each: Verdict) => send({ is: 'mark', rows: [row], verdict: each, go: true });
  const swipe = (event: PointerEvent) => {
    const { type, clientX, clientY, pointerType } = event;
    if (type === 'pointerdown' && pointerType !== 'mouse') begun.current = event;
    if (!begun.current || !card.current) return;
    const [x, y] = [clientX - begun.current.clientX, clientY - begun.current.clientY];
    const ended = type === 'pointerup' || type === 'pointercancel';
    card.current.style.transform = ended ? '' : `translateX(${x}px) rotate(${x / 40}deg)`;
    card.current.classList.toggle('keep', !ended && x > SWIPE);
    card.current.classList.toggle('drop', !ended && x < -SWIPE);
    if (!ended) return;
    begun.current = null;
    if (type === 'pointerup' && Math.abs(x) > Math.max(SWIPE, 2 * Math.abs(y))) mark(x > 0 ? 'keep' : 'drop');
  };
  return (
    <article
      ref={card}
      class="card"
      tabIndex={-1}
      aria-label={plain(company.name, 80) || 'unnamed company'}
      onPointerDown={swipe}
      onPointerMove={swipe}
      onPointerUp={swipe}
      onPointerCancel={swipe}
    >
      <h2>
        <Foreign text={company.name || 'unnamed company'} max={160} />{' '}
        <Badges company={company} verdict={verdict} />
      </h2>
      <p class="facts card-facts">
        <Facts company={company} visit={acts.visit} />
        <span>{`rank ${format.number(row)}`}</span>
      </p>
      {company.reason !== '' && company.by === 'model' && verdict !== null && (
        <p dir="auto">{`The model: ${SIGNS[verdict].label.toLowerCase()}. ${plain(company.reason, 400)}`}</p>
      )}
      <p class="card-reason" dir="auto">
        <Reason text={plain(company.match_reason, 1_200)} words={words} />
      </p>
      {state.about ? (
        <div class="box about">
          <Detail detail={state.details.get(row) ?? null} visit={acts.visit} without={ON_CARD} />
        </div>
      ) : (
        <p class="clamp" dir="auto">
          {plain(company.says, 180)}
        </p>
      )}
      <div class="choices">
        <Buttons
          of={(['drop', 'maybe', 'keep'] as const).map((each) => ({
            kind: `plain big ${each}`,
            label: [`${SIGNS[each].sign} ${SIGNS[each].label} `, <kbd key={each}>{SIGNS[each].key}</kbd>],
            'aria-label': `${SIGNS[each].label} ${SIGNS[each].key}`,
            'aria-pressed': verdict === each,
            onClick: () => mark(each),
          }))}
        />
      </div>
      <div class="line">
        <Buttons
          kind="quiet"
          of={[
            {
              'aria-expanded': state.about,
              label: state.about ? 'Less' : 'What it says of itself',
              title: 'Enter',
              onClick: () => send({ is: 'about' }),
            },
            { label: 'Later', title: 'Comes again at the end (s)', onClick: () => send({ is: 'skip' }) },
          ]}
        />
      </div>
    </article>
  );
}
