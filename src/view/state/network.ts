import type { StatusAnswer } from '../contract.ts';
import { parsed } from '../shape.ts';
import { decide } from './decide.ts';
import {
  type Call,
  type Draft,
  type Failure,
  numbered,
  type RowsCall,
  type StatusCall,
  say,
  warn,
} from './draft.ts';
import { readPage, refresh } from './list.ts';
import { waiting } from './look.ts';
import { sendEarly, sendNext, unsent } from './marks.ts';
import { BEGINNING, type Place, readPlace, type State } from './model.ts';

// What the server says of the job, and how the calls fare.

export function ask(draft: Draft): void {
  if (draft.stopped !== 'no' || !draft.opened) return;
  const { jobId, place, status } = draft;
  const what = { jobId, selection: place.selection, session: status === null };
  draft.effects.push({ do: 'status', ...numbered(draft, 'status'), ...what });
}

export function showStatus(draft: Draft, { nth }: StatusCall, answer: StatusAnswer, at: number): void {
  const before = draft.status;
  const first = before === null;
  const ended = before?.terminal === false && answer.terminal;
  // An answer from before a mark of ours tells old counts; the next one will not.
  const old = before !== null && (nth <= draft.changedAt || draft.sending !== null);
  const { revision, counts, fit, facets } = old ? before : answer;
  const changed = before !== null && before.revision !== revision;
  const grown = before !== null && !answer.final && before.readable !== answer.readable;
  draft.status = { ...answer, newest: before?.newest ?? answer.newest, revision, counts, fit, facets };
  draft.jobId = answer.job_id;
  draft.refused = null;
  draft.cancelling &&= !answer.terminal;
  draft.quiet = changed || !answer.terminal ? 0 : draft.quiet + 1;
  if (changed) draft.othersAt = at;
  if (first) {
    draft.place = placeOf(answer.session, draft.place);
    draft.effects.push({ do: 'take up queue', jobId: answer.job_id });
  }
  if (ended) {
    // Ranks are others now.
    Object.assign(draft, { page: null, companies: new Map(), details: new Map() } satisfies Partial<State>);
    const how = answer.status === 'completed' ? 'has completed' : `has ended: ${answer.status}`;
    say(draft, `The job ${how}`);
  }
  if (answer.final && (first || ended)) sendEarly(draft);
  const { page, place, asked, pageRefused } = draft;
  const missing = !page && place.mode === 'list' && asked.page === 0 && pageRefused === null;
  if (first || ended || missing) begin(draft, answer, first || ended);
  else if (changed || grown) refresh(draft);
}

/** Reads the first companies, where there are any. On a phone they are decided one by one, unless the user was elsewhere. */
function begin(draft: Draft, { final, readable, status, session }: StatusAnswer, anew: boolean): void {
  const { place, host } = draft;
  const deciding = place.mode === 'decide';
  const toDecide = deciding || (anew && host.phone && session === null);
  if (final && toDecide) decide(draft, { row: deciding ? place.current : null });
  else if (final && place.top !== null) readPage(draft, { from: place.top });
  else if (final || (readable ?? 0) > 0 || status === 'failed') readPage(draft, {});
}

/**
 * The place to begin at: the one kept, unless the call came with other words or ranks than it was made under.
 *
 * @param session What was kept; anything that is none counts for nothing.
 */
function placeOf(session: string | null, { filter, ranks }: Place): Place {
  const kept = readPlace(parsed(session ?? ''));
  const other = (filter !== '' && kept.filter !== filter) || (ranks !== '' && kept.ranks !== ranks);
  if (!other) return { ...kept, filter, ranks };
  const selection = { ...BEGINNING.selection, search: filter, ranks };
  return { ...BEGINNING, selection, filter, ranks, early: kept.early };
}

/** Whether a call that is over is the last one of its kind. */
export function isLast(draft: Draft, { kind, nth }: StatusCall | RowsCall, at: number): boolean {
  if (nth !== draft.asked[kind]) return false;
  draft.asked = { ...draft.asked, [kind]: 0 };
  if (kind === 'status') draft.lookedAt = at;
  return true;
}

/** A call was answered: whatever waits is sent. */
export function reached(draft: Draft): void {
  const back = draft.connection !== 'ok';
  draft.connection = 'ok';
  draft.answered = true;
  draft.failures = 0;
  sendNext(draft);
  if (back) say(draft, 'Connected again');
}

/** Words of a host that lets its views call nothing. */
const DENIED =
  /\b(?:denied|not allowed|not permitted|permission|forbidden|method not found|not supported|unsupported)\b/i;

const TROUBLES = {
  denied: 'This chat program does not let the table read companies',
  slow: 'The chat program does not answer',
  lost: 'Connection lost',
};

/** A call brought nothing. */
export function failed(draft: Draft, { call, failure }: { call: Call; failure: Failure }, at: number): void {
  if ('nth' in call && !isLast(draft, call, at)) return;
  if (call.do === 'send') unsent(draft, call.operation, failure);
  if (call.do === 'detail') {
    if (call.jobId === draft.jobId) draft.details = new Map(draft.details).set(call.row, failure.message);
  } else if (failure.kind !== 'refused') missed(draft, failure);
  else if (call.do === 'status' || call.do === 'rows') refused(draft, call.kind, failure);
  if (call.do === 'cancel') {
    draft.cancelling = false;
    warn(draft, `The job was not cancelled: ${failure.message}`);
  }
}

/** A call was not answered. */
function missed(draft: Draft, { kind, message }: Failure): void {
  const before = draft.connection;
  const denied = kind === 'error' && (!draft.answered || DENIED.test(message));
  draft.connection = denied ? 'denied' : kind === 'silent' ? 'slow' : 'lost';
  draft.failures += 1;
  if (draft.connection === before) return;
  const count = waiting(draft).length;
  const unsaved = count === 0 ? '' : `. Not saved yet: ${count} ${count === 1 ? 'change' : 'changes'}`;
  say(draft, `${TROUBLES[draft.connection]}${unsaved}`);
}

/** The server said no. */
function refused(draft: Draft, kind: keyof Draft['asked'], { message, retryable }: Failure): void {
  draft.answered = true;
  draft.failures += 1;
  if (kind === 'status' && !draft.status) draft.refused = { message, again: retryable };
  else if (kind === 'page' || (kind === 'upcoming' && draft.upcoming.length === 0)) {
    draft.pageRefused = message;
    say(draft, message);
  } else if (kind !== 'refresh' && draft.warning !== message) warn(draft, message);
}
