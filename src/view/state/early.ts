import type { Verdict } from '../contract.ts';
import type { Effect, Next } from './events.ts';
import { enqueue, judgedWords, sendNext } from './marks.ts';
import type { State } from './model.ts';

// Verdicts on companies of a job that runs. Its ranks still move, so each is kept by what tells the company apart, with
// the user's place, and becomes a mark when the job has ended.

/** So many are kept. */
export const MOST_EARLY = 1_000;

/** Gives companies a verdict for later. */
export function judgeEarly(state: State, rows: readonly number[], verdict: Verdict | 'clear'): Next<State> {
  const keys = rows.map((row) => state.companies.get(row)?.key ?? '').filter((key) => key !== '');
  const rest = state.place.early.filter(([key]) => !keys.includes(key));
  const early = verdict === 'clear' ? rest : [...rest, ...keys.map((key) => [key, verdict] as const)];
  const cannot =
    keys.length === 0
      ? 'This company can be judged when the job has ended: it has neither website nor LinkedIn page'
      : early.length > MOST_EARLY
        ? 'More companies can be judged when the job has ended'
        : null;
  if (cannot !== null) return [{ ...state, toast: cannot }, [{ do: 'say', text: cannot }]];
  const label = judgedWords(state, verdict, rows);
  const done = { id: '', label, rows, before: [], focus: null, early: state.place.early };
  return [
    { ...state, place: { ...state.place, early }, undo: [...state.undo, done], toast: label },
    [{ do: 'say', text: label }],
  ];
}

/** Makes them marks, since the job has ended; what of them is in the list is known when they are sent. */
export function sendEarly(state: State): Next<State> {
  const { early } = state.place;
  let [next, effects]: readonly [State, readonly Effect[]] = [
    { ...state, undo: state.undo.filter((done) => !done.early) },
    [],
  ];
  for (const verdict of new Set(early.map(([, each]) => each))) {
    const keys = early.filter(([, each]) => each === verdict).map(([key]) => key);
    const label = `${keys.length} judged while the job ran`;
    const operation = {
      kind: 'early',
      rows: [],
      keys,
      verdict,
      selection: null,
      undoes: null,
      shows: [],
      label,
    } as const;
    const [queued, more] = enqueue(next, operation);
    [next, effects] = [queued, [...effects, ...more]];
  }
  return sendNext([next, effects]);
}
