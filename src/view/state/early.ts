import type { Verdict } from '../contract.ts';
import { chain, type Next, told } from './events.ts';
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
  if (cannot !== null) return told(state, cannot);
  const label = judgedWords(state, verdict, rows);
  const done = { id: '', label, rows, before: [], focus: null, early: state.place.early };
  return told({ ...state, place: { ...state.place, early }, undo: [...state.undo, done] }, label);
}

/** Makes them marks, since the job has ended; what of them is in the list is known when they are sent. */
export function sendEarly(state: State): Next<State> {
  const { early } = state.place;
  const verdicts = [...new Set(early.map(([, verdict]) => verdict))];
  const steps = verdicts.map((verdict) => (each: State) => {
    const keys = early.filter(([, given]) => given === verdict).map(([key]) => key);
    const label = `${keys.length} judged while the job ran`;
    return enqueue(each, { kind: 'early', keys, verdict, label });
  });
  return sendNext(chain([{ ...state, undo: state.undo.filter((done) => !done.early) }, []], ...steps));
}
