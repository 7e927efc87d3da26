import type { Company, MarkAnswer, Order, PagePlace, Selection, StatusAnswer, Verdict } from '../contract.ts';
import type { Host, Operation } from './model.ts';

/** Rows as they are asked for. */
export interface RowsQuery extends PagePlace, Order {
  selection: Selection;
  limit: number;
  long: boolean;
}

/** What answers of `view_rows` are for. */
export type RowsUse = 'page' | 'more' | 'refresh' | 'upcoming';

/** Which company gets the focus when a page has come. */
export type PageFocus = 'first' | 'last' | 'open' | number | null;

/** Rows as the server answered them. */
export interface RowsRead {
  rows: Company[];
  matching: number;
  offset: number;
  hidden: number;
  provisional: boolean;
  judgeable: boolean;
}

/** Why a call failed: nobody answered, it was not let through, or the server said no. */
export interface Failure {
  kind: 'silent' | 'error' | 'refused';
  message: string;
  retryable: boolean;
}

/** What has happened: at the host, at the server, or by the user. */
export type ViewEvent =
  // The host.
  | { is: 'opened'; jobId: string | null; filter: string | null; ranks?: string | null }
  | { is: 'failed to open'; message: string }
  | { is: 'stopped'; why: 'cancelled' | 'gone' }
  | { is: 'host'; host: Partial<Host> }
  // The server.
  | { is: 'status'; asked: number; epoch: number; status: StatusAnswer }
  | { is: 'rows'; jobId: string; use: RowsUse; asked: number; focus: PageFocus; read: RowsRead }
  | { is: 'detail'; jobId: string; row: number; detail: Record<string, unknown> | string }
  | { is: 'sent'; operation: Operation; answer: MarkAnswer }
  | { is: 'unsent'; operation: Operation; failure: Failure }
  | { is: 'failed'; call: 'status' | RowsUse | 'detail' | 'other'; asked: number; failure: Failure }
  | { is: 'cancelled'; failure: Failure | null }
  | { is: 'exported'; state: 'writing' | 'downloaded' | 'written' | 'failed'; text: string; path: string }
  | { is: 'told'; text: string }
  | { is: 'warned'; text: string | null }
  | { is: 'queued before'; operations: Operation[] }
  // The user.
  | { is: 'poll' }
  | { is: 'retry' }
  | { is: 'mark'; rows: readonly number[]; verdict: Verdict | 'clear'; go: boolean }
  | { is: 'mark all'; verdict: Verdict | 'confirm' }
  | { is: 'undo' }
  | { is: 'filter'; part: Partial<Selection> }
  | ({ is: 'sort' } & Order)
  | { is: 'turn'; to: 'first' | 'previous' | 'next' | 'last' | 'more'; focus: PageFocus }
  | { is: 'current'; row: number }
  | { is: 'step'; by: 1 | -1; extend: boolean }
  | { is: 'select'; row: number; on: boolean; range: boolean }
  | { is: 'select page'; on: boolean }
  | { is: 'expand'; row: number }
  | { is: 'decide'; row: number | null }
  | { is: 'list' }
  | { is: 'skip' }
  | { is: 'spread'; on: boolean }
  | { is: 'about' }
  | { is: 'cancel job' }
  | { is: 'asked the model' };

/** What is to be done about it; the runtime does it, and tells what came of it as an event. */
export type Effect =
  | {
      do: 'status';
      jobId: string | null;
      asked: number;
      epoch: number;
      selection: Selection;
      session: boolean;
    }
  | { do: 'rows'; jobId: string; use: RowsUse; asked: number; focus: PageFocus; query: RowsQuery }
  | { do: 'detail'; jobId: string; row: number }
  | { do: 'send'; operation: Operation }
  | { do: 'keep queue'; jobId: string; operations: readonly Operation[] }
  | { do: 'save'; jobId: string; session: string }
  | { do: 'cancel'; jobId: string }
  | { do: 'focus'; on: number | 'card' }
  | { do: 'say'; text: string }
  | { do: 'hint'; text: string };

/** A state and what is to be done. */
export type Next<S> = readonly [state: S, effects: readonly Effect[]];

/** One step after the other; their effects together. */
export function chain<S>(first: Next<S>, ...steps: ReadonlyArray<(state: S) => Next<S>>): Next<S> {
  return steps.reduce<Next<S>>(([state, effects], step) => {
    const [next, more] = step(state);
    return [next, [...effects, ...more]];
  }, first);
}

/** Shows a text as what was done last, and says it. */
export function told<S extends object>(state: S, text: string): Next<S> {
  return [{ ...state, toast: text }, [{ do: 'say', text }]];
}
