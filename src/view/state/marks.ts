import type { Company, MarkAnswer, Selection, Verdict } from '../contract.ts';
import type { Effect, Failure, Next } from './events.ts';
import { LONGEST_PACE, shifted, verdictOf } from './look.ts';
import type { Operation, State } from './model.ts';

// Verdicts: shown at once, sent one after the other, kept in a queue while nobody answers, taken back in turn.

const WORDS: Readonly<Record<Verdict | 'clear' | 'confirm', string>> = {
  keep: 'Kept',
  drop: 'Dropped',
  maybe: 'Maybe',
  clear: 'Taken back',
  confirm: 'Confirmed',
};
/** Times between verdicts that are remembered. */
const PACES = 20;
/** What can be taken back. */
const MOST_UNDO = 200;

/** Gives rows a verdict. */
export function mark(
  state: State,
  rows: readonly number[],
  verdict: Verdict | 'clear',
  at: number,
): Next<State> {
  if (state.jobId === null || rows.length === 0 || state.page?.judgeable === false) return [state, []];
  const to = verdict === 'clear' ? null : verdict;
  const before = rows.map((row) => [row, verdictOf(state, row)] as const);
  const label = judgedWords(state, verdict, rows);
  const [queued, effects] = enqueue(state, {
    kind: 'mark',
    rows,
    verdict,
    shows: rows.map((row) => [row, to] as const),
    label,
  });
  const id = queued.queue.at(-1)?.id ?? '';
  const done = { id, label, rows, before, focus: rows[0] ?? null };
  const pace = state.lastVerdictAt === null ? Number.POSITIVE_INFINITY : at - state.lastVerdictAt;
  return [
    {
      ...queued,
      undo: [...state.undo, done].slice(-MOST_UNDO),
      toast: label,
      paces: pace <= LONGEST_PACE ? [...state.paces, pace / rows.length].slice(-PACES) : state.paces,
      lastVerdictAt: at,
    },
    [...effects, { do: 'say', text: `${label}${unsaved(queued)}` }],
  ];
}

/** Gives all that the selection leaves a verdict; one that has to be online, since only the server knows which. */
export function markAll(state: State, verdict: Verdict | 'confirm', selection: Selection): Next<State> {
  if (state.jobId === null) return [state, []];
  const [queued, effects] = enqueue(state, {
    kind: 'all',
    verdict,
    selection,
    label: `${WORDS[verdict]} ${state.page?.matching ?? 0} companies`,
  });
  return [{ ...queued, toast: 'Marking …' }, effects];
}

/** Takes the last thing back; `row` is where the focus goes. */
export function undo(state: State): { next: Next<State>; row: number | null } | null {
  const done = state.undo.at(-1);
  if (!done) return null;
  const label = `Taken back: ${done.label}`;
  const undone: State = { ...state, undo: state.undo.slice(0, -1), toast: label, lastVerdictAt: null };
  if (done.early) {
    const next: State = { ...undone, place: { ...undone.place, early: done.early } };
    return { next: [next, [{ do: 'say', text: label }]], row: null };
  }
  const queued = state.queue.find(({ id }) => id === done.id);
  // What has not been sent need not be taken back anywhere.
  if (queued && state.sending !== queued.id) {
    const queue = state.queue.filter(({ id }) => id !== done.id);
    return {
      next: [{ ...undone, queue }, [...keepQueue(state.jobId, queue), { do: 'say', text: label }]],
      row: done.focus,
    };
  }
  const [next, effects] = enqueue(undone, {
    kind: 'undo',
    rows: done.rows,
    verdict: 'clear',
    undoes: done.id,
    shows: done.before,
    label,
  });
  return { next: [next, [...effects, { do: 'say', text: label }]], row: done.focus };
}

/** The server has it. */
export function sent(
  state: State,
  operation: Operation,
  { counts, fit, revision, marked }: MarkAnswer,
): Next<State> {
  const queue = state.queue.filter(({ id }) => id !== operation.id);
  const base: State = { ...state, queue, sending: null };
  const kept = keepQueue(operation.jobId, queue);
  if (operation.jobId !== state.jobId) return sendNext([base, kept]);
  const companies = new Map(state.companies);
  const moves: Array<readonly [Verdict | null, Verdict | null]> = [];
  for (const [row, verdict] of operation.shows) {
    const company = companies.get(row);
    if (!company) continue;
    moves.push([company.verdict, verdict]);
    companies.set(row, {
      ...company,
      verdict,
      by: verdict === null ? null : 'user',
      reason: '',
    } satisfies Company);
  }
  const status = state.status && {
    ...state.status,
    counts,
    fit,
    revision,
    facets: state.status.facets && {
      ...state.status.facets,
      verdicts: shifted(state.status.facets.verdicts, moves),
    },
  };
  const all = operation.kind === 'all' || operation.kind === 'early';
  const gone = Math.max(0, operation.keys.length - marked);
  const without = gone === 0 ? '' : `; ${gone} that you judged before are not in the list`;
  const label = all
    ? `${WORDS[operation.verdict]} ${marked === 1 ? '1 company' : `${marked} companies`}${without}`
    : '';
  const next: State = {
    ...base,
    place: { ...base.place, early: base.place.early.filter(([key]) => !operation.keys.includes(key)) },
    companies,
    status,
    epoch: state.epoch + 1,
    ...(all
      ? {
          toast: label,
          undo: [...state.undo, { id: operation.id, label, rows: [], before: [], focus: null }],
        }
      : {}),
  };
  const told = `In the table of job ${operation.jobId} the user keeps ${counts.keep} of ${counts.companies} companies, drops ${counts.drop}, is unsure of ${counts.maybe}, and has not judged ${counts.open}.`;
  return sendNext([
    next,
    [...kept, { do: 'hint', text: told }, ...(all ? [{ do: 'say', text: label } as const] : [])],
  ]);
}

/** The server did not get it, or refused it. */
export function unsent(state: State, operation: Operation, failure: Failure): Next<State> {
  const base: State = { ...state, sending: null };
  // It stays in the queue; that it waits is said with what is wrong.
  if (failure.kind !== 'refused' || failure.retryable) return [base, []];
  // Said, and not only taken back.
  const queue = state.queue.filter(({ id }) => id !== operation.id);
  const text = `Not saved (${operation.label}): ${failure.message}`;
  return sendNext([
    {
      ...base,
      queue,
      warning: text,
      toast: null,
      undo: state.undo.filter(({ id }) => id !== operation.id),
    },
    [...keepQueue(operation.jobId, queue), { do: 'say', text }],
  ]);
}

/** Sends the first of the queue, where nothing is on its way. */
export function sendNext([state, effects]: Next<State>): Next<State> {
  const [first] = state.queue;
  if (!first || state.sending !== null || state.connection === 'denied' || state.stopped !== 'no')
    return [state, effects];
  return [{ ...state, sending: first.id }, [...effects, { do: 'send', operation: first }]];
}

/** Puts a change at the end of the queue, and sends it where nothing waits before it. */
export function enqueue(
  state: State,
  operation: Pick<Operation, 'kind' | 'verdict' | 'label'> & Partial<Operation>,
): Next<State> {
  const jobId = state.jobId ?? '';
  const about = { rows: [], keys: [], selection: null, undoes: null, shows: [] };
  const made = { ...about, ...operation, id: `${state.frame}-${state.nextId}`, jobId };
  const queue = [...state.queue, made];
  return sendNext([{ ...state, queue, nextId: state.nextId + 1 }, keepQueue(jobId, queue)]);
}

function keepQueue(jobId: string | null, queue: readonly Operation[]): Effect[] {
  if (jobId === null) return [];
  return [{ do: 'keep queue', jobId, operations: queue.filter((each) => each.jobId === jobId) }];
}

function unsaved(state: State): string {
  return state.connection === 'ok' ? '' : '. Not saved yet: it is sent when the connection is back';
}

/** "Dropped Ramp", "Kept 3 companies". */
export function judgedWords(
  { companies }: Pick<State, 'companies'>,
  verdict: Verdict | 'clear',
  rows: readonly number[],
): string {
  const [row = 0] = rows;
  const name = (companies.get(row)?.name || `row ${row}`).slice(0, 80);
  return `${WORDS[verdict]} ${rows.length === 1 ? name : `${rows.length} companies`}`;
}
