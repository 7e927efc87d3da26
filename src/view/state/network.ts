import type { StatusAnswer } from '../contract.ts';
import { decide } from './decide.ts';
import { sendEarly } from './early.ts';
import type { Effect, Failure, Next } from './events.ts';
import { readPage, refresh } from './list.ts';
import { waiting } from './look.ts';
import { sendNext } from './marks.ts';
import type { State } from './model.ts';
import { placeOf } from './session.ts';

// What the server says of the job, and how the calls fare.

/** Asks where the job stands. */
export function ask(state: State): Next<State> {
  if (state.stopped !== 'no' || !state.opened) return [state, []];
  const asked = { ...state.asked, status: state.asked.status + 1 };
  const effect: Effect = {
    do: 'status',
    jobId: state.jobId,
    asked: asked.status,
    epoch: state.epoch,
    selection: state.place.selection,
    session: !state.restored,
  };
  return [{ ...state, asked }, [effect]];
}

/** Shows what the server says of the job. */
export function showStatus(state: State, answer: StatusAnswer, epoch: number, at: number): Next<State> {
  const first = !state.restored;
  const before = state.status;
  // An answer from before a mark of ours tells old counts; the next one will not.
  const old = epoch !== state.epoch || state.sending !== null;
  const status: StatusAnswer = {
    ...answer,
    newest: before?.newest ?? answer.newest,
    ...(old && before
      ? { revision: before.revision, counts: before.counts, fit: before.fit, facets: before.facets }
      : {}),
  };
  const changed = before !== null && !old && before.revision !== answer.revision;
  const grown = before !== null && !answer.final && before.readable !== answer.readable;
  const ended = before !== null && !before.terminal && answer.terminal;
  const place = first ? placeOf(answer.session, state.place) : state.place;
  const next: State = {
    ...state,
    jobId: answer.job_id,
    restored: true,
    refused: null,
    status,
    place,
    cancelling: state.cancelling && !answer.terminal,
    othersAt: changed ? at : state.othersAt,
    quiet: changed || !answer.terminal ? 0 : state.quiet + 1,
  };
  const said: Effect[] = ended
    ? [
        {
          do: 'say',
          text:
            answer.status === 'completed' ? 'The job has completed' : `The job has ended: ${answer.status}`,
        },
      ]
    : [];
  const [sending, sends] = answer.final && (first || ended) ? sendEarly(next) : [next, []];
  const [now, effects] = begin(sending, first, ended, changed || grown);
  return [now, [...said, ...sends, ...effects]];
}

/** Reads what the status calls for. */
function begin(state: State, first: boolean, ended: boolean, changed: boolean): Next<State> {
  const { status, place, host } = state;
  const empty = !status?.final && (status?.readable ?? 0) === 0 && status?.status !== 'failed';
  if (empty) return [state, []];
  if (first || ended) {
    const mode =
      status?.final === true && (place.mode === 'decide' || (host.phone && status.session === null));
    if (mode) return decide(state, place.mode === 'decide' ? place.current : null);
    const top = status?.final === true && place.top !== null ? { from: place.top } : {};
    return readPage({ ...state, page: ended ? null : state.page }, top, null);
  }
  if (!state.page && place.mode === 'list' && !state.busy && state.pageRefused === null)
    return readPage(state, {}, null);
  return changed ? refresh(state) : [state, []];
}

/** A call was answered: whatever waits is sent. */
export function reached(state: State): Next<State> {
  const back = state.connection !== 'ok';
  const next: State = { ...state, connection: 'ok', answered: true, failures: 0 };
  const [sending, effects] = sendNext([next, []]);
  return [sending, back ? [...effects, { do: 'say', text: 'Connected again' }] : effects];
}

/** Words of a host that lets its views call nothing. */
const DENIED =
  /\b(?:denied|not allowed|not permitted|permission|forbidden|method not found|not supported|unsupported)\b/i;

/** A call was not answered. */
export function missed(state: State, failure: Failure): Next<State> {
  const denied = failure.kind === 'error' && (!state.answered || DENIED.test(failure.message));
  const connection = denied ? 'denied' : failure.kind === 'silent' ? 'slow' : 'lost';
  const next: State = { ...state, connection, failures: state.failures + 1, busy: false, reading: false };
  const words = {
    denied: 'This chat program does not let the table read companies',
    slow: 'The chat program does not answer',
    lost: 'Connection lost',
  };
  const count = waiting(state).length;
  const unsaved = count === 0 ? '' : `. Not saved yet: ${count} ${count === 1 ? 'change' : 'changes'}`;
  return [
    next,
    state.connection === connection ? [] : [{ do: 'say', text: `${words[connection]}${unsaved}` }],
  ];
}
