import type { Verdict } from '../../lib/verdicts.ts';
import type { ShownSelection, TableOrder } from '../contract.ts';
import { answered, ask, askToCancel, failed, readDetail } from './calls.ts';
import { again, decide, decided, leaveDecide, readAhead, skip } from './decide.ts';
import { type Draft, type Effect, type FOCUS_PLACES, say, tell, warn } from './draft.ts';
import { mark, markAll, sendNext, undo } from './given-verdicts.ts';
import { arrange, goOn, goTo, readPage, refresh, select, step, turn } from './list.ts';
import { OTHERS_MARK, pollDelay, verdictOf } from './look.ts';
import { type Host, type Operation, ofJob, type State } from './model.ts';

/** The view's whole behaviour: what an event makes of a state, the same where nothing changes, and what is to be done. */
export function update(state: State, event: ViewEvent, at: number): readonly [State, readonly Effect[]] {
  if (state.stopped === 'gone') return [state, []];
  const draft: Draft = { ...state, at, effects: [] };
  const handle = HANDLERS[event.is] as (draft: Draft, event: ViewEvent) => void;
  handle(draft, event);
  sendNext(draft);
  const { effects, at: _, ...next } = draft;
  const changed = (Object.keys(next) as Array<keyof State>).some((part) => next[part] !== state[part]);
  return [changed ? next : state, effects];
}

/** What has happened: one of the names below, with the parts that are told with it. */
export type ViewEvent = {
  [Is in keyof Handlers]: { is: Is } & (Parameters<Handlers[Is]> extends [Draft, infer Told] ? Told : object);
}[keyof Handlers];
type Handlers = typeof HANDLERS;

const HANDLERS = {
  opened,
  'failed to open': (draft: Draft, { message }: { message: string }) => {
    draft.opened = true;
    draft.refused = { message, again: false };
  },
  stopped: (draft: Draft, { why }: { why: 'cancelled' | 'gone' }) => {
    draft.stopped = why;
  },
  host: (draft: Draft, { host }: { host: Partial<Host> }) => {
    const before = draft.host;
    draft.host = { ...before, ...host };
    const { place, page } = draft;
    if (draft.host.displayMode !== before.displayMode && page && place.mode === 'list') readPage(draft);
    if (draft.host.visible && !before.visible) lookedAgain(draft);
  },
  'looked again': lookedAgain,
  poll: ask,

  answered,
  failed,
  'queued before': (draft: Draft, { operations }: { operations: readonly Operation[] }) => {
    const known = new Set(draft.queue.map(({ id }) => id));
    draft.queue = [...operations.filter(({ id }) => !known.has(id)), ...draft.queue];
  },

  exported: (draft: Draft, { text, path, failed }: NonNullable<State['exported']>) => {
    draft.exported = { text, path, failed };
    say(draft, text);
  },
  told: (draft: Draft, { text }: { text: string }) => tell(draft, text),
  warned: (draft: Draft, { text }: { text: string | null }) => {
    if (text === null) draft.warning = null;
    else warn(draft, text);
  },
  retry,
  mark: marked,
  'mark all': markAll,
  undo: undone,
  filter: (draft: Draft, { part }: { part: Partial<ShownSelection> }) => {
    draft.toast = null;
    arrange(draft, { selection: { ...draft.place.selection, ...part } });
    if (draft.place.mode === 'decide') decide(draft, { row: null });
    ask(draft);
  },
  sort: (draft: Draft, { order }: { order: TableOrder }) => arrange(draft, { order }),
  turn,
  step,
  current: (draft: Draft, { row }: { row: number }) => {
    if (draft.place.current !== row) draft.place = { ...draft.place, current: row };
  },
  focus: (draft: Draft, { on }: { on: keyof typeof FOCUS_PLACES }) => {
    draft.effects.push({ do: 'focus', on });
  },
  'copy domain': (draft: Draft, { row }: { row: number }) => {
    const text = draft.companies.get(row)?.domain ?? '';
    if (text === '') tell(draft, 'This company has no domain');
    else draft.effects.push({ do: 'copy', text });
  },
  select,
  'select page': (draft: Draft, { on }: { on: boolean }) => {
    draft.selected = new Set(on ? draft.page?.rows : []);
  },
  expand: (draft: Draft, { row }: { row: number }) => {
    const details = new Map(draft.details);
    if (details.delete(row)) draft.details = details;
    else readDetail(draft, row);
  },
  decide,
  list: leaveDecide,
  skip,
  spread: (draft: Draft, { on }: { on: boolean }) => {
    draft.place = { ...draft.place, spread: on };
    decide(draft, { row: null });
  },
  'cancel job': askToCancel,
  'asked the model': (draft: Draft) => {
    draft.quiet = OTHERS_MARK;
    ask(draft);
  },
};

type Opening = { jobId: string | null; filter?: string; ranks?: string };

/** Never rows of one job under the head of another: nothing of the job before stays, but what waits to be sent. */
function opened(draft: Draft, { jobId, filter = '', ranks = '' }: Opening): void {
  if (draft.opened && (jobId === null || jobId === draft.jobId)) return;
  const { place } = draft;
  Object.assign(draft, ofJob(jobId), { opened: true, stopped: 'no' } satisfies Partial<State>);
  draft.place = { ...draft.place, filter: filter || place.filter, ranks: ranks || place.ranks };
  ask(draft);
}

/** The user sees the view again: what happened meanwhile should not be waited for. */
function lookedAgain(draft: Draft): void {
  if (!draft.status || pollDelay(draft, draft.at) === null) return;
  draft.quiet = Math.min(draft.quiet, 0);
  ask(draft);
}

function retry(draft: Draft): void {
  const cleared: Partial<State> = { connection: 'ok', refused: null, pageRefused: null, warning: null };
  Object.assign(draft, cleared, { opened: true });
  ask(draft);
  // What may not have come is read again.
  if (draft.status) {
    if (draft.place.mode === 'decide') readAhead(draft);
    else refresh(draft);
  }
}

type Judging = { rows: readonly number[]; verdict: Verdict | 'clear'; go: boolean };

function marked(draft: Draft, { rows, verdict, go }: Judging): void {
  const wereOpen = rows.every((row) => verdictOf(draft, row) === null);
  if (!mark(draft, rows, verdict)) return;
  draft.selected = new Set();
  const [first] = rows;
  if (draft.place.mode === 'decide' && first !== undefined) decided(draft, first);
  else if (go) goOn(draft, rows, wereOpen);
}

function undone(draft: Draft): void {
  const row = undo(draft);
  if (row === null) return;
  if (draft.place.mode === 'decide') again(draft, row);
  else goTo(draft, row);
}
