import type { Company, Order, PageFacts, PagePlace, Selection } from '../contract.ts';
import type { Operation, State } from './model.ts';

/** A page of companies as the server answered it. */
export interface RowsRead extends PageFacts {
  rows: Company[];
}

/** Which company gets the focus when a page has come. */
export type PageFocus = 'first' | 'last' | 'open' | number | null;

export interface StatusCall {
  do: 'status';
  kind: 'status';
  nth: number;
  jobId: string | null;
  selection: Selection;
  session: boolean;
}

/** Companies: for the page, for what is on the screen already, or to be decided. */
export interface RowsCall {
  do: 'rows';
  kind: 'page' | 'refresh' | 'upcoming';
  nth: number;
  jobId: string;
  start: PagePlace;
  selection: Selection;
  order: Order;
  limit: number;
  /** Whether reasons are read whole, and what the companies say of themselves. */
  long: boolean;
  /** Whether they are added to the page. */
  more: boolean;
  focus: PageFocus;
}

/** What the server is asked. The runtime tells what came of it in an event that holds the call. */
export type Call =
  | StatusCall
  | RowsCall
  | { do: 'detail'; jobId: string; row: number }
  | { do: 'send'; operation: Operation }
  | { do: 'cancel'; jobId: string };

/** What is to be done about an event. */
export type Effect =
  | Call
  | { do: 'keep queue'; jobId: string; operations: readonly Operation[] }
  /** Tell what an earlier frame could not send. */
  | { do: 'take up queue'; jobId: string }
  | { do: 'save'; jobId: string; session: string }
  | { do: 'focus'; on: number | 'card' }
  | { do: 'say'; text: string }
  | { do: 'hint'; text: string };

/** Why a call failed: nobody answered, it was not let through, or the server said no. */
export interface Failure {
  kind: 'silent' | 'error' | 'refused';
  message: string;
  retryable: boolean;
}

/** The state that `update` makes of another: its parts are replaced, and never changed in place. */
export interface Draft extends State {
  readonly effects: Effect[];
}

/** Numbers a call, so that only the answer to the last one of its kind counts. */
export function numbered<Kind extends keyof State['asked']>(draft: Draft, kind: Kind) {
  draft.lastId += 1;
  draft.asked = { ...draft.asked, [kind]: draft.lastId };
  return { kind, nth: draft.lastId };
}

export function say(draft: Draft, text: string): void {
  draft.effects.push({ do: 'say', text });
}

/** Shows a text as what was done last, and says it. */
export function tell(draft: Draft, text: string): void {
  draft.toast = text;
  say(draft, text);
}

/** Shows a text as what went wrong, and says it. */
export function warn(draft: Draft, text: string): void {
  draft.warning = text;
  say(draft, text);
}

/** Makes a row the current one, and puts the focus on it. */
export function focusOn(draft: Draft, row: number): void {
  draft.place = { ...draft.place, current: row };
  draft.effects.push({ do: 'focus', on: row });
}
