import type { Reader } from '../contract.ts';
import type { Operation, State } from './model.ts';

/** Which company gets the focus when a page has come. */
export type PageFocus = 'first' | 'last' | 'open' | null;

/** Why a call failed: nobody answered, it was not let through, or the server said no. */
export interface CallFailure {
  kind: 'silent' | 'error' | 'refused';
  message: string;
  retryable: boolean;
}

/** What a call is for. Of those that the state numbers, only the outcome of the last one counts. */
export type CallKind = keyof State['asked'] | Operation['kind'] | 'detail' | 'cancel';

/** A call of one of the server's tools, and what is made of its outcome. */
export interface HostCall {
  do: 'call';
  kind: CallKind;
  nth: number;
  tool: string;
  args: Record<string, unknown>;
  answered(draft: Draft, answer: unknown): void;
  failed(draft: Draft, failure: CallFailure): void;
}

/** Parts of the page that can have the focus, beside rows, as selectors. */
export const FOCUS_PLACES = { card: '.card', search: 'input[type="search"]', heads: 'thead button' };

/** What is to be done about an event; a hint is told to the model. */
export type Effect =
  | HostCall
  | { do: 'focus'; on: number | keyof typeof FOCUS_PLACES }
  | { do: 'copy'; text: string }
  | { do: 'hint'; text: string };

/** The state that `update` makes of another: its parts are replaced, and never changed in place. */
export interface Draft extends State {
  /** When it happens. Milliseconds, of a clock that never goes back. */
  readonly at: number;
  readonly effects: Effect[];
}

/** Calls a tool, for the job that is shown if no other is named. The outcome is given to these with the state of then. */
export function call<Answer>(
  draft: Draft,
  kind: CallKind,
  [tool, args]: readonly [tool: string, args: Record<string, unknown>],
  read: Reader<Answer>,
  answered: (draft: Draft, answer: Answer) => void,
  failed = (then: Draft, failure: CallFailure) => notRead(then, kind, failure),
): void {
  draft.lastId += 1;
  const nth = draft.lastId;
  if (kind in draft.asked) draft.asked = { ...draft.asked, [kind]: nth };
  const job = draft.jobId === null ? {} : { job_id: draft.jobId };
  const taken: HostCall['answered'] = (then, answer) => answered(then, read(answer));
  draft.effects.push({ do: 'call', kind, nth, tool, args: { ...job, ...args }, answered: taken, failed });
}

/** The server said no to telling of the job or its companies. */
function notRead(draft: Draft, kind: CallKind, { kind: why, message, retryable }: CallFailure): void {
  if (why !== 'refused' || kind === 'refresh') return;
  if (kind === 'status' && !draft.status) draft.refused = { message, again: retryable };
  else if (kind === 'page' || (kind === 'upcoming' && draft.upcoming.length === 0)) {
    draft.pageRefused = message;
    say(draft, message);
  } else if (draft.warning !== message) warn(draft, message);
}

export function say(draft: Draft, text: string): void {
  draft.said = text;
}

export function tell(draft: Draft, text: string): void {
  draft.toast = text;
  say(draft, text);
}

export function warn(draft: Draft, text: string): void {
  draft.warning = text;
  say(draft, text);
}

export function focusOn(draft: Draft, row: number): void {
  draft.place = { ...draft.place, current: row };
  draft.effects.push({ do: 'focus', on: row });
}
