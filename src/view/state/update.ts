import { again, decide, decided, leaveDecide, readAhead, showUpcoming, skip } from './decide.ts';
import { judgeEarly } from './early.ts';
import { chain, type Next, told, type ViewEvent } from './events.ts';
import { filter, goOn, readPage, refresh, select, showRows, step, turn } from './list.ts';
import { verdictOf } from './look.ts';
import { mark, markAll, sendNext, sent, undo, unsent } from './marks.ts';
import { type Host, ofJob, type State } from './model.ts';
import { ask, missed, reached, showStatus } from './network.ts';
import { sessionOf } from './session.ts';

/**
 * The view's whole behaviour: what an event makes of a state, and what is to be done about it.
 *
 * @param at When it happened. Milliseconds, of a clock that never goes back.
 */
export function update(state: State, event: ViewEvent, at: number): Next<State> {
  if (state.stopped === 'gone') return [state, []];
  const [next, effects] = react(state, event, at);
  const { jobId, place, restored } = next;
  if (jobId === null || !restored || !state.restored || state.place === place || state.jobId !== jobId)
    return [next, effects];
  const session = sessionOf(place);
  return session === sessionOf(state.place)
    ? [next, effects]
    : [next, [...effects, { do: 'save', jobId, session }]];
}

function react(state: State, event: ViewEvent, at: number): Next<State> {
  switch (event.is) {
    case 'opened':
      return opened(state, event);
    case 'failed to open':
      return [{ ...state, opened: true, refused: { message: event.message, again: false } }, []];
    case 'stopped':
      return [{ ...state, stopped: event.why }, []];
    case 'host':
      return hosted(state, event.host);
    case 'poll':
      return ask(state);
    case 'retry':
      return retry(state);
    case 'status':
      if (event.asked !== state.asked.status) return [state, []];
      return chain(reached(state), (each) => showStatus(each, event.status, event.epoch, at));
    case 'rows':
      return rowsCame(state, event);
    case 'detail':
      if (event.jobId !== state.jobId || !state.details.has(event.row)) return [state, []];
      return chain(reached(state), (each) => [
        { ...each, details: new Map(each.details).set(event.row, event.detail) },
        [],
      ]);
    case 'sent':
      return chain(sent(state, event.operation, event.answer), reached, (each) =>
        event.operation.kind !== 'mark' && event.operation.jobId === each.jobId
          ? chain(refresh(each), ask)
          : [each, []],
      );
    case 'unsent':
      return chain(unsent(state, event.operation, event.failure), (each) =>
        event.failure.kind === 'refused' ? [each, []] : missed(each, event.failure),
      );
    case 'failed':
      return failed(state, event);
    case 'cancelled':
      if (event.failure === null) return ask({ ...state, cancelling: true });
      return chain(event.failure.kind === 'refused' ? [state, []] : missed(state, event.failure), (each) => [
        { ...each, cancelling: false, warning: `The job was not cancelled: ${event.failure?.message}` },
        [],
      ]);
    case 'exported':
      return [
        { ...state, exported: { state: event.state, text: event.text, path: event.path } },
        event.state === 'writing' ? [] : [{ do: 'say', text: event.text }],
      ];
    case 'told':
      return told(state, event.text);
    case 'warned':
      return [
        { ...state, warning: event.text },
        event.text === null ? [] : [{ do: 'say', text: event.text }],
      ];
    case 'queued before':
      return sendNext([{ ...state, queue: [...event.operations, ...state.queue] }, []]);
    default:
      return worked(state, event, at);
  }
}

/** What the user does. */
function worked(state: State, event: ViewEvent, at: number): Next<State> {
  switch (event.is) {
    case 'mark':
      return marked(state, event.rows, event.verdict, event.go, at);
    case 'mark all':
      return markAll(state, event.verdict, state.place.selection);
    case 'undo':
      return undone(state);
    case 'filter':
      return chain(
        filter(state, event.part),
        (each) => (each.place.mode === 'decide' ? decide(each, null) : [each, []]),
        ask,
      );
    case 'sort': {
      const place = { ...state.place, sort: event.sort, descending: event.descending, top: null };
      return readPage({ ...state, place, selected: new Set() }, {}, null);
    }
    case 'turn':
      return turn(state, event.to, event.focus);
    case 'current':
      if (state.place.current === event.row) return [state, []];
      return [{ ...state, place: { ...state.place, current: event.row } }, []];
    case 'step':
      return step(state, event.by, event.extend);
    case 'select':
      return [select(state, event.row, event.on, event.range), []];
    case 'select page':
      return [{ ...state, selected: new Set(event.on ? (state.page?.rows ?? []) : []) }, []];
    case 'expand':
      return expand(state, event.row);
    case 'decide':
      return decide(state, event.row);
    case 'list':
      return leaveDecide(state);
    case 'skip':
      return skip(state);
    case 'spread': {
      const place = { ...state.place, spread: event.on };
      return decide({ ...state, place }, null);
    }
    case 'about':
      return about(state);
    case 'cancel job':
      return state.jobId === null
        ? [state, []]
        : [{ ...state, cancelling: true }, [{ do: 'cancel', jobId: state.jobId }]];
    case 'asked the model':
      return ask({ ...state, othersAt: at, quiet: 0 });
    default:
      return [state, []];
  }
}

function opened(state: State, event: Extract<ViewEvent, { is: 'opened' }>): Next<State> {
  const { jobId } = event;
  const filter = event.filter ?? state.place.filter;
  const ranks = event.ranks ?? state.place.ranks;
  if (state.opened && (jobId === null || jobId === state.jobId)) return [state, []];
  // Never rows of one job under the head of another: nothing of the job before stays, but what waits to be sent.
  const fresh: State = { ...state, ...ofJob(jobId), opened: true, stopped: 'no' };
  const { page, refresh: read, upcoming, status } = state.asked;
  const asked = { page: page + 1, refresh: read + 1, upcoming: upcoming + 1, status: status + 1 };
  return ask({ ...fresh, asked, place: { ...fresh.place, filter, ranks } });
}

function hosted(state: State, host: Partial<Host>): Next<State> {
  const next: State = { ...state, host: { ...state.host, ...host } };
  const resized = next.host.displayMode !== state.host.displayMode;
  const seen = next.host.visible && !state.host.visible;
  return chain(
    resized && state.page && state.place.mode === 'list'
      ? readPage(next, state.place.top === null ? {} : { from: state.place.top }, null)
      : [next, []],
    // Seen again: what happened meanwhile should not be waited for.
    (each) =>
      seen && each.restored && each.connection !== 'denied' ? ask({ ...each, quiet: 0 }) : [each, []],
  );
}

function retry(state: State): Next<State> {
  const next: State = {
    ...state,
    connection: 'ok',
    refused: null,
    pageRefused: null,
    opened: true,
    reading: false,
    warning: null,
  };
  return chain(
    ask(next),
    (each) => (each.status ? readAgain(each) : [each, []]),
    (each) => sendNext([each, []]),
  );
}

/** Reads again what may not have come. */
function readAgain(state: State): Next<State> {
  if (state.place.mode === 'decide') return readAhead(state);
  return state.page ? refresh(state) : readPage(state, {}, null);
}

function rowsCame(state: State, event: Extract<ViewEvent, { is: 'rows' }>): Next<State> {
  const kind = event.use === 'more' ? 'page' : event.use;
  if (event.jobId !== state.jobId || event.asked !== state.asked[kind]) return [state, []];
  return chain(reached(state), (each) =>
    event.use === 'upcoming'
      ? showUpcoming(each, event.read)
      : showRows(each, event.use, event.focus, event.read),
  );
}

function failed(state: State, { call, asked, failure }: Extract<ViewEvent, { is: 'failed' }>): Next<State> {
  const kind = call === 'more' ? 'page' : call;
  const known = kind === 'status' || kind === 'page' || kind === 'refresh' || kind === 'upcoming';
  if (known && asked !== state.asked[kind]) return [state, []];
  if (failure.kind !== 'refused') return missed(state, failure);
  const answered: State = {
    ...state,
    answered: true,
    busy: false,
    reading: false,
    failures: state.failures + 1,
  };
  if (call === 'status' && !state.status) {
    return [{ ...answered, refused: { message: failure.message, again: failure.retryable } }, []];
  }
  if (state.warning === failure.message) return [answered, []];
  if (call === 'page' || (call === 'upcoming' && state.upcoming.length === 0)) {
    return [{ ...answered, pageRefused: failure.message }, [{ do: 'say', text: failure.message }]];
  }
  if (call === 'refresh') return [answered, []];
  return [{ ...answered, warning: failure.message }, [{ do: 'say', text: failure.message }]];
}

function marked(
  state: State,
  rows: readonly number[],
  verdict: Parameters<typeof mark>[2],
  go: boolean,
  at: number,
): Next<State> {
  const wereOpen = rows.every((row) => verdictOf(state, row) === null);
  const early = state.status?.terminal === false;
  const [next, effects] = early ? judgeEarly(state, rows, verdict) : mark(state, rows, verdict, at);
  if (next === state) return [state, []];
  // Done with: the next key is for another company.
  const rest: Next<State> = [{ ...next, selected: new Set() }, effects];
  const [first] = rows;
  if (next.place.mode === 'decide') {
    return first === undefined ? rest : chain(rest, (each) => decided(each, first));
  }
  return go ? chain(rest, (each) => goOn(each, rows, wereOpen)) : rest;
}

function undone(state: State): Next<State> {
  const taken = undo(state);
  if (!taken) return told(state, 'Nothing to take back');
  const { next, row } = taken;
  if (row === null) return next;
  return chain(next, (each) => {
    if (each.place.mode === 'decide') return again(each, row);
    if (!each.page?.rows.includes(row)) return readPage(each, { from: row }, row);
    return [{ ...each, place: { ...each.place, current: row } }, [{ do: 'focus', on: row }]];
  });
}

function expand(state: State, row: number): Next<State> {
  const details = new Map(state.details);
  if (details.has(row)) {
    details.delete(row);
    return [{ ...state, details }, []];
  }
  details.set(row, null);
  return [{ ...state, details }, state.jobId === null ? [] : [{ do: 'detail', jobId: state.jobId, row }]];
}

function about(state: State): Next<State> {
  const [row] = state.upcoming;
  if (row === undefined || state.about) return [{ ...state, about: false }, []];
  const open: State = { ...state, about: true };
  if (state.details.get(row)) return [open, []];
  return [
    { ...open, details: new Map(state.details).set(row, null) },
    state.jobId === null ? [] : [{ do: 'detail', jobId: state.jobId, row }],
  ];
}
