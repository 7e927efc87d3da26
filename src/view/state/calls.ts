import { jsonIn } from '../../lib/json.ts';
import { readFacts, readStatus, record, type StatusAnswer } from '../contract.ts';
import { decide } from './decide.ts';
import { type CallFailure, call, type Draft, type HostCall, say, warn } from './draft.ts';
import { sendEarly } from './given-verdicts.ts';
import { readPage, refresh } from './list.ts';
import { OTHERS_MARK, troubleOf } from './look.ts';
import { BEGINNING, type Place, readPlace, type State } from './model.ts';

// What the server says of the job, and how the calls fare.

export function ask(draft: Draft): void {
  if (draft.stopped !== 'no' || !draft.opened) return;
  draft.outdated = false;
  const args = { session: draft.status === null, ...draft.place.selection };
  call(draft, 'status', ['view_status', args], readStatus, showStatus);
}

function showStatus(draft: Draft, answer: StatusAnswer): void {
  const before = draft.status;
  const first = before === null;
  const ended = before?.terminal === false && answer.terminal;
  // An answer from before a mark of ours tells old counts; the next one will not.
  const old = before !== null && (draft.outdated || draft.sending !== null);
  const { revision, counts, fit, facets } = old ? before : answer;
  const changed = before !== null && before.revision !== revision;
  const grown = before !== null && !answer.final && before.readable !== answer.readable;
  draft.status = { ...answer, newest: before?.newest ?? answer.newest, revision, counts, fit, facets };
  draft.jobId = answer.job_id;
  draft.refused = null;
  draft.cancelling &&= !answer.terminal;
  draft.quiet = changed ? OTHERS_MARK : answer.terminal ? draft.quiet + 1 : 0;
  if (first) draft.place = placeOf(answer.session, draft.place);
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
  else if (final || (readable ?? 0) > 0 || status === 'failed') readPage(draft);
}

/** The place to begin at: the one kept, unless the call came with other words or ranks than it was made under. */
function placeOf(session: string | null, { filter, ranks }: Place): Place {
  const kept = readPlace(jsonIn(session ?? ''));
  const other = (filter !== '' && kept.filter !== filter) || (ranks !== '' && kept.ranks !== ranks);
  if (!other) return { ...kept, filter, ranks };
  const selection = { ...BEGINNING.selection, search: filter, ranks };
  return { ...BEGINNING, selection, filter, ranks, early: kept.early };
}

function counts(draft: Draft, { kind, nth }: HostCall): boolean {
  const asked: Partial<Record<HostCall['kind'], number>> = draft.asked;
  if (asked[kind] === undefined) return true;
  if (asked[kind] !== nth) return false;
  draft.asked = { ...draft.asked, [kind]: 0 };
  if (kind === 'status') draft.lookedAt = draft.at;
  return true;
}

export function answered(draft: Draft, { call, answer }: { call: HostCall; answer: unknown }): void {
  if (!counts(draft, call)) return;
  if (draft.connection !== 'ok') say(draft, 'Connected again');
  draft.connection = 'ok';
  draft.answered = true;
  draft.failures = 0;
  call.answered(draft, answer);
  if (call.kind !== 'undo' && call.kind !== 'all' && call.kind !== 'early') return;
  // More than the rows that were sent may have changed.
  refresh(draft);
  ask(draft);
}

/** Words of a host that lets its views call nothing. */
const DENIED =
  /\b(?:denied|not allowed|not permitted|permission|forbidden|method not found|not supported|unsupported)\b/i;

/** A call brought nothing: nobody answered, or the server said no. */
export function failed(draft: Draft, { call, failure }: { call: HostCall; failure: CallFailure }): void {
  if (!counts(draft, call)) return;
  const { kind, message } = failure;
  const before = draft.connection;
  const denied = kind === 'error' && (!draft.answered || DENIED.test(message));
  draft.failures += 1;
  if (kind === 'refused') draft.answered = true;
  else if (call.kind !== 'detail') draft.connection = denied ? 'denied' : kind === 'silent' ? 'slow' : 'lost';
  call.failed(draft, failure);
  if (draft.connection !== before) say(draft, troubleOf(draft));
}

export function askToCancel(draft: Draft): void {
  draft.cancelling = true;
  call(draft, 'cancel', ['view_cancel', {}], record, ask, (then, { message }) => {
    then.cancelling = false;
    warn(then, `The job was not cancelled: ${message}`);
  });
}

/** Opens all that is known of a company, or closes it. */
export function readDetail(draft: Draft, row: number): void {
  const { jobId } = draft;
  const show = (then: Draft, detail: Record<string, unknown> | string) => {
    if (jobId === then.jobId && then.details.has(row)) then.details = new Map(then.details).set(row, detail);
  };
  draft.details = new Map(draft.details).set(row, null);
  const taken = (then: Draft, { rows }: ReturnType<typeof readFacts>) => show(then, rows[0] ?? {});
  call(draft, 'detail', ['view_rows', { row }], readFacts, taken, (then, { message }) => show(then, message));
}
