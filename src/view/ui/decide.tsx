import { useRef } from 'preact/hooks';
import type { Verdict } from '../contract.ts';
import { decidedNow, minutesLeft, tally, verdictOf } from '../state/look.ts';
import { Detail } from './detail.tsx';
import { format } from './format.ts';
import { FitLine } from './head.tsx';
import { Toast } from './lines.tsx';
import { Badges, Button, Foreign, Link, Lit, type LitProps, SIGNS } from './small.tsx';
import { Message, Skeleton } from './states.tsx';
import { plain, reasonOf } from './text.ts';

/** A finger has to go this far for a verdict. CSS pixels. */
const SWIPE = 70;

/** One company at a time, large: facts, reason, buttons; what it says of itself on demand. */
export function Decide({ state, words, send, acts }: LitProps) {
  const { place, reading, round } = state;
  const company = decidedNow(state);
  const counts = tally(state);
  const minutes = minutesLeft(state);
  const judged = counts.all - counts.open;
  const left =
    minutes === null
      ? ''
      : minutes < 1
        ? ', less than a minute left'
        : `, about ${format.number(Math.round(minutes))} min left`;
  return (
    <section class="decide" aria-label="Decide one by one">
      <div class="line">
        <span class="where">
          <b>{`${format.number(judged)} of ${format.number(counts.all)}`}</b>
          {` judged${left}`}
        </span>
        <label class="check">
          <input
            type="checkbox"
            checked={place.spread}
            onClick={(event) => send({ is: 'spread', on: event.currentTarget.checked })}
          />
          <span title="A dozen verdicts from all of the list tell how much of it fits">
            Spread over the list
          </span>
        </label>
      </div>
      <div class="track" aria-hidden="true">
        {(['keep', 'maybe', 'drop'] as const).map((verdict) => (
          <span key={verdict} class={verdict} style={{ flexGrow: counts[verdict] }} />
        ))}
        <span style={{ flexGrow: counts.open }} />
      </div>
      <FitLine state={state} />
      {company ? (
        <Card key="card" state={state} words={words} send={send} acts={acts} />
      ) : reading || round !== 2 ? (
        <Skeleton bare />
      ) : counts.open > 0 && place.selection.verdicts.length === 0 ? (
        <Message
          kind="info"
          title={`${format.companies(counts.open)} left open`}
          actions={[{ label: 'Go through them', run: () => send({ is: 'decide', row: null }) }]}
        />
      ) : (
        <Message
          kind="info"
          title="All are judged"
          actions={[{ label: 'Back to the list', run: () => send({ is: 'list' }) }]}
        />
      )}
      <div class="line status">
        <span class="now">
          <Button kind="quiet" label="Back to the list" onClick={() => send({ is: 'list' })} />
        </span>
        <Toast state={state} send={send} />
      </div>
    </section>
  );
}

function Card({ state, words, send, acts }: LitProps) {
  const begun = useRef<{ x: number; y: number } | null>(null);
  const card = useRef<HTMLElement>(null);
  const company = decidedNow(state);
  if (!company) return null;
  const { row, domain, country, employees, funding_stage } = company;
  const verdict = verdictOf(state, row);
  const mark = (each: Verdict) => send({ is: 'mark', rows: [row], verdict: each, go: true });
  const facts = [
    country,
    employees === null ? '' : format.people(employees),
    funding_stage,
    `rank ${format.number(row)}`,
  ].filter((fact) => fact !== '');
  const shift = (x: number) => {
    if (card.current) card.current.style.transform = x === 0 ? '' : `translateX(${x}px) rotate(${x / 40}deg)`;
    card.current?.classList.toggle('to-keep', x > SWIPE);
    card.current?.classList.toggle('to-drop', x < -SWIPE);
  };
  return (
    <article
      ref={card}
      class={`card ${verdict ?? ''}`}
      tabIndex={-1}
      aria-label={plain(company.name, 80) || 'unnamed company'}
      onPointerDown={(event) => {
        begun.current = event.pointerType === 'mouse' ? null : { x: event.clientX, y: event.clientY };
      }}
      onPointerMove={(event) => {
        if (begun.current) shift(event.clientX - begun.current.x);
      }}
      onPointerCancel={() => {
        begun.current = null;
        shift(0);
      }}
      onPointerUp={(event) => {
        if (!begun.current) return;
        const [x, y] = [event.clientX - begun.current.x, event.clientY - begun.current.y];
        begun.current = null;
        shift(0);
        if (Math.abs(x) > SWIPE && Math.abs(x) > 2 * Math.abs(y)) mark(x > 0 ? 'keep' : 'drop');
      }}
    >
      <h2>
        <Foreign text={company.name || 'unnamed company'} max={160} /> <Badges company={company} />
      </h2>
      <p class="card-facts">
        {domain !== '' && <Link to={domain} visit={acts.visit} />}
        {facts.map((fact) => (
          <Foreign key={fact} text={fact} max={60} />
        ))}
      </p>
      {company.reason !== '' && company.by === 'model' && verdict !== null && (
        <p
          class="own"
          dir="auto"
        >{`The model: ${SIGNS[verdict][1].toLowerCase()}. ${plain(company.reason, 400)}`}</p>
      )}
      <p class="card-reason" dir="auto">
        {company.match_reason === '' ? (
          <span class="nothing">No reason given</span>
        ) : (
          <Lit text={reasonOf(plain(company.match_reason, 1_200))} words={words} />
        )}
      </p>
      {state.about ? (
        <div class="about">
          <Detail
            detail={state.details.get(row) ?? null}
            company={company}
            without={['match_reason', 'name', 'domain', 'headquarters', 'employees', 'funding_stage']}
            visit={acts.visit}
          />
        </div>
      ) : (
        company.says !== '' && (
          <p class="says" dir="auto">
            {plain(company.says, 180)}
          </p>
        )
      )}
      <div class="choices">
        {(['drop', 'maybe', 'keep'] as const).map((each) => (
          <button
            key={each}
            type="button"
            class={`big ${each}`}
            aria-pressed={verdict === each}
            onClick={() => mark(each)}
          >
            <span aria-hidden="true">{SIGNS[each][0]}</span> {SIGNS[each][1]} <kbd>{SIGNS[each][2]}</kbd>
          </button>
        ))}
      </div>
      <div class="line minor">
        <Button
          kind="quiet"
          aria-expanded={state.about}
          label={state.about ? 'Less' : 'What it says of itself'}
          title="Enter"
          onClick={() => send({ is: 'about' })}
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
