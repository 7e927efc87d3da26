import { again, decide, decided, leaveDecide, readAhead, showUpcoming, skip } from './decide.ts';
import { type Draft, type Effect, focusOn, say, tell, type ViewEvent, warn } from './events.ts';
import { arrange, goOn, readPage, refresh, select, showRows, step, turn } from './list.ts';
import { verdictOf } from './look.ts';
import { judgeEarly, mark, markAll, sendNext, sent, undo } from './marks.ts';
import { type Host, ofJob, type State } from './model.ts';
import { ask, failed, reached, showStatus } from './network.ts';

/**
 * The view's whole behaviour: what an event makes of a state, and what is to be done about it.
 *
 * @param at When it happened. Milliseconds, of a clock that never goes back.
 * @returns The same state where nothing has changed.
 */
export function update(state: State, event: ViewEvent, at: number): readonly [State, readonly Effect[]] {
  if (state.stopped === 'gone') return [state, []];
  const draft: Draft = { ...state, effects: [] };
  const handle = HANDLERS[event.is] as (draft: Draft, event: ViewEvent, at: number) => void;
  handle(draft, event, at);
  const { effects, ...next } = draft;
  const { jobId, place, restored } = next;
  if (jobId !== null && restored && state.restored && state.jobId === jobId) {
    const session = JSON.stringify(place);
    if (session !== JSON.stringify(state.place)) effects.push({ do: 'save', jobId, session });
  }
  const changed = (Object.keys(next) as Array<keyof State>).some((part) => next[part] !== state[part]);
  return [changed ? next : state, effects];
}

type Handlers = {
  [Is in ViewEvent['is']]: (draft: Draft, event: Extract<ViewEvent, { is: Is }>, at: number) => void;
};

const HANDLERS: Handlers = {
  // The host.
  opened,
  'failed to open': (draft, { message }) => {
    draft.opened = true;
    draft.refused = { message, again: false };
  },
  stopped: (draft, { why }) => {
    draft.stopped = why;
  },
  host: hosted,
  // The server.
  status: (draft, { call, answer }, at) => {
    if (call.nth !== draft.asked.status) return;
    reached(draft);
    showStatus(draft, call, answer, at);
  },
  rows: (draft, { call, answer }) => {
    if (call.nth !== draft.asked[call.kind]) return;
    reached(draft);
    if (call.kind === 'upcoming') showUpcoming(draft, answer);
    else showRows(draft, call, answer);
  },
  detail: (draft, { jobId, row, detail }) => {
    if (jobId !== draft.jobId || !draft.details.has(row)) return;
    reached(draft);
    draft.details = new Map(draft.details).set(row, detail);
  },
  sent: (draft, { operation, answer }) => {
    sent(draft, operation, answer);
    reached(draft);
    if (operation.kind === 'mark' || operation.jobId !== draft.jobId) return;
    refresh(draft);
    ask(draft);
  },
  cancelled: (draft) => {
    draft.cancelling = true;
    ask(draft);
  },
  failed: (draft, { call, failure }) => failed(draft, call, failure),
  'queued before': (draft, { operations }) => {
    const known = new Set(draft.queue.map(({ id }) => id));
    draft.queue = [...operations.filter(({ id }) => !known.has(id)), ...draft.queue];
    sendNext(draft);
  },
  exported: (draft, { exported }) => {
    draft.exported = exported;
    if (exported.state !== 'writing') say(draft, exported.text);
  },
  told: (draft, { text }) => tell(draft, text),
  warned: (draft, { text }) => {
    if (text === null) draft.warning = null;
    else warn(draft, text);
  },
  // The user.
  poll: ask,
  retry,
  mark: marked,
  'mark all': (draft, { verdict }) => markAll(draft, verdict),
  undo: undone,
  filter: (draft, { part }) => {
    draft.toast = null;
    arrange(draft, { selection: { ...draft.place.selection, ...part } });
    if (draft.place.mode === 'decide') decide(draft, null);
    ask(draft);
  },
  sort: (draft, { sort, descending }) => arrange(draft, { sort, descending }),
  turn: (draft, { to, focus }) => turn(draft, to, focus),
  current: (draft, { row }) => {
    if (draft.place.current !== row) draft.place = { ...draft.place, current: row };
  },
  step: (draft, { by, extend }) => step(draft, by, extend),
  select: (draft, { row, on, range }) => select(draft, row, on, range),
  'select page': (draft, { on }) => {
    draft.selected = new Set(on ? draft.page?.rows : []);
  },
  expand: (draft, { row }) => {
    const details = new Map(draft.details);
    if (details.delete(row)) draft.details = details;
    else readDetail(draft, row);
  },
  decide: (draft, { row }) => decide(draft, row),
  list: leaveDecide,
  skip,
  spread: (draft, { on }) => {
    draft.place = { ...draft.place, spread: on };
    decide(draft, null);
  },
  about: (draft) => {
    const [row] = draft.upcoming;
    draft.about = row !== undefined && !draft.about;
    if (row !== undefined && draft.about && !draft.details.get(row)) readDetail(draft, row);
  },
  'cancel job': (draft) => {
    if (draft.jobId === null) return;
    draft.cancelling = true;
    draft.effects.push({ do: 'cancel', jobId: draft.jobId });
  },
  'asked the model': (draft, _, at) => {
    draft.othersAt = at;
    draft.quiet = 0;
    ask(draft);
  },
};

/** Never rows of one job under the head of another: nothing of the job before stays, but what waits to be sent. */
function opened(draft: Draft, { jobId, filter, ranks }: Extract<ViewEvent, { is: 'opened' }>): void {
  if (draft.opened && (jobId === null || jobId === draft.jobId)) return;
  const { place } = draft;
  Object.assign(draft, ofJob(jobId), { opened: true, stopped: 'no' } satisfies Partial<State>);
  draft.place = { ...draft.place, filter: filter ?? place.filter, ranks: ranks ?? place.ranks };
  ask(draft);
}

function hosted(draft: Draft, { host }: { host: Partial<Host> }): void {
  const before = draft.host;
  draft.host = { ...before, ...host };
  const { place, page } = draft;
  if (draft.host.displayMode !== before.displayMode && page && place.mode === 'list')
    readPage(draft, place.top === null ? {} : { from: place.top });
  // Seen again: what happened meanwhile should not be waited for.
  if (!draft.host.visible || before.visible || !draft.restored || draft.connection === 'denied') return;
  draft.quiet = 0;
  ask(draft);
}

function retry(draft: Draft): void {
  const cleared: Partial<State> = { connection: 'ok', refused: null, pageRefused: null, warning: null };
  Object.assign(draft, cleared, { opened: true, reading: false });
  ask(draft);
  // What may not have come is read again.
  if (draft.status) {
    if (draft.place.mode === 'decide') readAhead(draft);
    else refresh(draft);
  }
  sendNext(draft);
}

function marked(draft: Draft, { rows, verdict, go }: Extract<ViewEvent, { is: 'mark' }>, at: number): void {
  const wereOpen = rows.every((row) => verdictOf(draft, row) === null);
  const early = draft.status?.terminal === false;
  if (!(early ? judgeEarly(draft, rows, verdict) : mark(draft, rows, verdict, at))) return;
  // Done with: the next key is for another company.
  draft.selected = new Set();
  const [first] = rows;
  if (draft.place.mode === 'decide' && first !== undefined) decided(draft, first);
  else if (go) goOn(draft, rows, wereOpen);
}

function undone(draft: Draft): void {
  const row = undo(draft);
  if (row === null) return;
  if (draft.place.mode === 'decide') again(draft, row);
  else if (draft.page?.rows.includes(row)) focusOn(draft, row);
  else readPage(draft, { from: row }, row);
}

function readDetail(draft: Draft, row: number): void {
  if (draft.jobId === null) return;
  draft.details = new Map(draft.details).set(row, null);
  draft.effects.push({ do: 'detail', jobId: draft.jobId, row });
}
