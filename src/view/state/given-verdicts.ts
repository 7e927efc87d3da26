import type { Verdict } from '../../lib/verdicts.ts';
import { type MarkAnswer, readMarked } from '../contract.ts';
import { type CallFailure, call, type Draft, say, tell, warn } from './draft.ts';
import { type Move, shifted, verdictOf } from './look.ts';
import type { Operation, State } from './model.ts';

// Verdicts: shown at once, sent one after the other, kept in a queue while nobody answers, taken back in turn.

const WORDS = {
  keep: 'Kept',
  drop: 'Dropped',
  maybe: 'Maybe',
  clear: 'Taken back',
  undo: 'Taken back',
  confirm: 'Confirmed',
};
/** Whoever takes longer than this over a verdict has had a break. Milliseconds. */
const BREAK_MS = 60_000;
const MOST_PACES = 20;

/** Gives rows a verdict. @returns Whether they could be judged. */
export function mark(draft: Draft, rows: readonly number[], verdict: Verdict | 'clear'): boolean {
  if (draft.status?.terminal === false) return judgeEarly(draft, rows, verdict);
  if (rows.length === 0 || !draft.status?.final) return false;
  const to = verdict === 'clear' ? null : verdict;
  const label = judgedWords(draft, verdict, rows);
  const before = rows.map((row) => ({ row, verdict: verdictOf(draft, row) }));
  const shows = rows.map((row) => ({ row, verdict: to }));
  const id = enqueue(draft, { kind: 'mark', verdict, label, shows, args: { rows } });
  draft.undo = [...draft.undo, { id, label, before }];
  const { at, judgedAt } = draft;
  const broken = at - (judgedAt.at(-1) ?? at) > BREAK_MS;
  draft.judgedAt = [...(broken ? [] : judgedAt), at].slice(-MOST_PACES);
  draft.toast = label;
  const unsaved = draft.connection === 'ok' ? '' : '. Not saved yet: it is sent when the connection is back';
  say(draft, `${label}${unsaved}`);
  return true;
}

/**
 * The same while the job runs. Its ranks still move, so the verdict is kept by what tells the company apart, with the
 * user's place, and becomes a mark when the job has ended.
 */
function judgeEarly(draft: Draft, rows: readonly number[], verdict: Verdict | 'clear'): boolean {
  const { early: before } = draft.place;
  const keys = rows.map((row) => draft.companies.get(row)?.key ?? '').filter((key) => key !== '');
  const rest = before.filter(({ key }) => !keys.includes(key));
  const early = verdict === 'clear' ? rest : [...rest, ...keys.map((key) => ({ key, verdict }))];
  if (keys.length === 0) {
    tell(
      draft,
      'This company can be judged when the job has ended: it has neither website nor LinkedIn page',
    );
    return false;
  }
  const label = judgedWords(draft, verdict, rows);
  draft.place = { ...draft.place, early };
  draft.undo = [...draft.undo, { id: '', label, before: [], early: before }];
  tell(draft, label);
  return true;
}

/** Makes them marks, since the job has ended; what of them is in the list is known when they are sent. */
export function sendEarly(draft: Draft): void {
  const { early } = draft.place;
  draft.undo = draft.undo.filter((done) => !done.early);
  for (const verdict of new Set(early.map((each) => each.verdict))) {
    const keys = early.filter((each) => each.verdict === verdict).map(({ key }) => key);
    const label = `${keys.length} judged while the job ran`;
    enqueue(draft, { kind: 'early', verdict, label, shows: [], args: { keys } });
  }
}

/** Gives all that the selection leaves a verdict; only the server knows which. */
export function markAll(draft: Draft, { verdict }: { verdict: Verdict | 'confirm' }): void {
  const label = `${WORDS[verdict]} ${draft.page?.matching ?? 0} companies`;
  const args = { all: true, ...draft.place.selection };
  enqueue(draft, { kind: 'all', verdict, label, shows: [], args });
  draft.toast = 'Marking …';
}

/** Takes the last thing back. @returns The row that the focus goes to, or null. */
export function undo(draft: Draft): number | null {
  const done = draft.undo.at(-1);
  if (!done) {
    tell(draft, 'Nothing to take back');
    return null;
  }
  const { id, before, early } = done;
  const label = `Taken back: ${done.label}`;
  draft.undo = draft.undo.slice(0, -1);
  if (early) draft.place = { ...draft.place, early };
  // What has not been sent need not be taken back anywhere.
  else if (draft.sending !== id && draft.queue.some((each) => each.id === id)) unqueue(draft, id);
  else enqueue(draft, { kind: 'undo', verdict: 'undo', label, shows: before, args: { id } });
  tell(draft, label);
  return before[0]?.row ?? null;
}

function sent(draft: Draft, operation: Operation, answer: MarkAnswer): void {
  const { id, jobId, kind, shows, verdict } = operation;
  draft.sending = null;
  unqueue(draft, id);
  if (jobId !== draft.jobId) return;
  draft.outdated = true;
  takeOver(draft, shows, answer);
  const { marked, counts } = answer;
  const hint = `In the table of job ${jobId} the user keeps ${counts.keep} of ${counts.companies} companies, drops ${counts.drop}, is unsure of ${counts.maybe}, and has not judged ${counts.open}.`;
  draft.effects.push({ do: 'hint', text: hint });
  if (kind !== 'all' && kind !== 'early') return;
  const early = kind === 'early' ? draft.place.early.filter((each) => each.verdict === verdict) : [];
  draft.place = { ...draft.place, early: draft.place.early.filter((each) => !early.includes(each)) };
  const gone = Math.max(0, early.length - marked);
  const without = gone === 0 ? '' : `; ${gone} that you judged before are not in the list`;
  const label = `${WORDS[verdict]} ${marked === 1 ? '1 company' : `${marked} companies`}${without}`;
  draft.undo = [...draft.undo, { id, label, before: [] }];
  tell(draft, label);
}

/** Makes verdicts those of the server, with the counts that it has now. */
function takeOver(draft: Draft, shows: Operation['shows'], { counts, fit, revision }: MarkAnswer): void {
  const companies = new Map(draft.companies);
  const moves = shows.flatMap(({ row, verdict }): Move[] => {
    const company = companies.get(row);
    if (!company) return [];
    companies.set(row, { ...company, verdict, by: verdict === null ? null : 'user', reason: '' });
    return [[company.verdict, verdict]];
  });
  draft.companies = companies;
  const { status } = draft;
  if (!status) return;
  const facets = status.facets && { ...status.facets, verdicts: shifted(status.facets.verdicts, moves) };
  draft.status = { ...status, counts, fit, revision, facets };
}

function unsent(draft: Draft, { id, label }: Operation, failure: CallFailure): void {
  draft.sending = null;
  // It stays in the queue until calls come through; that it waits is said with what is wrong.
  if (failure.kind === 'refused' && failure.retryable) draft.connection = 'lost';
  if (failure.kind !== 'refused' || failure.retryable) return;
  unqueue(draft, id);
  draft.toast = null;
  draft.undo = draft.undo.filter((done) => done.id !== id);
  // Said, and not only taken back.
  warn(draft, `Not saved (${label}): ${failure.message}`);
}

/** Sends the first of the queue, where nothing is on its way and calls come through. */
export function sendNext(draft: Draft): void {
  const [operation] = draft.queue;
  if (!operation || draft.sending !== null || draft.connection !== 'ok' || draft.stopped !== 'no') return;
  const { id, jobId, kind, verdict, args } = operation;
  draft.sending = id;
  const taken = (then: Draft, answer: MarkAnswer) => sent(then, operation, answer);
  const failed = (then: Draft, failure: CallFailure) => unsent(then, operation, failure);
  call(draft, kind, ['view_mark', { job_id: jobId, id, verdict, ...args }], readMarked, taken, failed);
}

/** Puts a change at the end of the queue. @returns Its id. */
function enqueue(draft: Draft, change: Omit<Operation, 'id' | 'jobId'>): string {
  draft.lastId += 1;
  const id = `${draft.frame}-${draft.lastId}`;
  draft.queue = [...draft.queue, { id, jobId: draft.jobId ?? '', ...change }];
  return id;
}

function unqueue(draft: Draft, id: string): void {
  draft.queue = draft.queue.filter((each) => each.id !== id);
}

function judgedWords({ companies }: State, verdict: Verdict | 'clear', rows: readonly number[]): string {
  const [row = 0] = rows;
  const name = (companies.get(row)?.name || `row ${row}`).slice(0, 80);
  return `${WORDS[verdict]} ${rows.length === 1 ? name : `${rows.length} companies`}`;
}
