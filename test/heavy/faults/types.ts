import type { IncomingMessage, ServerResponse } from 'node:http';

/** What came back to the client of the server: fine, or the code of an error. */
export type CameBack = string;

/** A line of the table, and whether it is what must hold. */
export interface Finding {
  /** What was done to the server. */
  done: string;
  where: string;
  often: string;
  cameBack: CameBack;
  /** What the user lost by it. */
  lost: string;
  /** What did not hold, or null. */
  wrong: string | null;
}

/** Answers one request badly, instead of the sandbox or by `respond`, which makes the sandbox answer. */
export type Misbehave = (raw: { req: IncomingMessage; res: ServerResponse; respond: () => void }) => void;

/** A fault on the wire, and what must come of it. */
export interface WireFault {
  name: string;
  misbehave: Misbehave;
  /** What a GET brings that meets it once, and one that meets it each time. */
  once: CameBack;
  forEver: CameBack;
  /** What becomes of a submit, which is sent once: the error's code and its `submitted`. */
  submit: readonly [CameBack, submitted: 'yes' | 'no' | 'unknown'];
  cancel: CameBack;
  /** Whether it asks for a wait that no call has time for: then nobody asks a second time. */
  wait?: true;
  /** Whether it is one of the few that stand for its kind where time is short. */
  typical?: true;
  /** Whether it costs the whole timeout of each try, or megabytes. */
  slow?: true;
  heavy?: true;
}
