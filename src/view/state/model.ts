import type { Company, Order, Selection, StatusAnswer, Verdict } from '../contract.ts';

export const VERDICTS: readonly Verdict[] = ['keep', 'drop', 'maybe'];

/** Where the user is; kept by the server, so that a new frame begins there. */
export interface Place extends Order {
  mode: 'list' | 'decide';
  selection: Selection;
  /** Whether companies are decided spread over the list, and not in its order. */
  spread: boolean;
  /** First row of the page. */
  top: number | null;
  /** The row that keys are about. */
  current: number | null;
  /** Words and ranks that the call which opened the table came with. */
  filter: string;
  ranks: string;
  /** Verdicts given while the job runs, by the companies' keys. */
  early: ReadonlyArray<readonly [key: string, verdict: Verdict]>;
}

/** A page of the list. Its rows stay until it is turned, whatever becomes of them. */
export interface Page {
  rows: readonly number[];
  matching: number;
  offset: number;
  hidden: number;
  provisional: boolean;
  judgeable: boolean;
}

/** A change on its way to the server. */
export interface Operation {
  id: string;
  jobId: string;
  kind: 'mark' | 'all' | 'undo' | 'early';
  rows: readonly number[];
  /** With `early`: what it is about. */
  keys: readonly string[];
  verdict: Verdict | 'clear' | 'confirm';
  /** With `all`: what it is about. */
  selection: Selection | null;
  /** With `undo`: the operation that is taken back. */
  undoes: string | null;
  /** Verdicts that are shown until the server has it. */
  shows: ReadonlyArray<readonly [row: number, verdict: Verdict | null]>;
  /** Such as "Dropped Ramp". */
  label: string;
}

/** What can be taken back. */
export interface Done {
  id: string;
  label: string;
  rows: readonly number[];
  before: ReadonlyArray<readonly [row: number, verdict: Verdict | null]>;
  /** The row that the focus goes back to. */
  focus: number | null;
  /** Of a verdict given while the job runs: all of them before it. */
  early?: Place['early'];
}

/** How the calls fare: `lost` worked before, `slow` was never answered, `denied` never works here. */
export type Connection = 'ok' | 'lost' | 'slow' | 'denied';

export interface Host {
  /** `inline`, `fullscreen` or `pip`. */
  displayMode: string;
  canFullscreen: boolean;
  canMessage: boolean;
  canDownload: boolean;
  /** A phone: small, and without a mouse. */
  phone: boolean;
  /** Whether columns have room; else their facts stand below the name. */
  wide: boolean;
  visible: boolean;
}

/** What became of an export. */
export interface Exported {
  state: 'writing' | 'downloaded' | 'written' | 'failed';
  text: string;
  path: string;
}

/** All that is known of one job, and what the user does with it. */
export interface State {
  host: Host;
  connection: Connection;
  /** Whether any call was ever answered. */
  answered: boolean;
  failures: number;
  /** The frame is to be taken down, or its call was cancelled: nothing is asked any more. */
  stopped: 'no' | 'cancelled' | 'gone';

  /** Null: not named, so the newest is asked for. */
  jobId: string | null;
  /** Whether the host has said, or kept silent long enough, which job it is. */
  opened: boolean;
  /** Whether the place kept by the server has been taken up. */
  restored: boolean;
  status: StatusAnswer | null;
  /** Why there is nothing to show, in the server's words, and whether that may pass. */
  refused: { message: string; again: boolean } | null;
  place: Place;
  page: Page | null;
  /** Why the page could not be read. */
  pageRefused: string | null;
  busy: boolean;
  companies: ReadonlyMap<number, Company>;
  /** Open texts: a company's facts, an error, or null while they are read. */
  details: ReadonlyMap<number, Record<string, unknown> | string | null>;
  selected: ReadonlySet<number>;
  /** Where a range of the selection began. */
  anchor: number | null;

  /** Rows to decide, the first one now. */
  upcoming: readonly number[];
  /** Decided or passed in this run, so that none comes twice. */
  seen: ReadonlySet<number>;
  /** 0: reading on behind the last; 1: looking for those passed over; 2: none is left. */
  round: 0 | 1 | 2;
  reading: boolean;
  /** Whether the description is shown. */
  about: boolean;

  queue: readonly Operation[];
  sending: string | null;
  undo: readonly Done[];
  /** What was done last. */
  toast: string | null;
  warning: string | null;
  exported: Exported | null;
  cancelling: boolean;

  /** Counts requests, so that only the last answer of a kind is shown. */
  asked: Readonly<Record<'page' | 'refresh' | 'upcoming' | 'status', number>>;
  /** Counts what changed on the server by us: an answer from before tells old counts. */
  epoch: number;
  /** Times between verdicts, the latest last, and the time of the last one. Milliseconds. */
  paces: readonly number[];
  lastVerdictAt: number | null;
  /** When somebody else last marked, and how often nothing was new since. */
  othersAt: number | null;
  quiet: number;
  nextId: number;
  /** Begins the names of operations: another one in each frame. */
  frame: string;
}

export const NOTHING_CHOSEN: Selection = {
  search: '',
  countries: [],
  sizes: [],
  stages: [],
  verdicts: [],
  known: '',
  ranks: '',
  by: '',
  duplicates: false,
};

export const BEGINNING: Place = {
  mode: 'list',
  selection: NOTHING_CHOSEN,
  sort: 'row',
  descending: false,
  spread: false,
  top: null,
  current: null,
  filter: '',
  ranks: '',
  early: [],
};

/** A frame that knows nothing yet. @param frame Text that no other frame has. */
export function beginning(frame: string): State {
  return {
    host: {
      displayMode: 'inline',
      canFullscreen: false,
      canMessage: false,
      canDownload: false,
      phone: false,
      wide: true,
      visible: true,
    },
    connection: 'ok',
    answered: false,
    failures: 0,
    stopped: 'no',
    queue: [],
    sending: null,
    nextId: 1,
    frame,
    ...ofJob(null),
  };
}

/** The parts of the state that belong to one job, before anything is known of it. */
export function ofJob(jobId: string | null) {
  return {
    jobId,
    opened: false,
    restored: false,
    status: null,
    refused: null,
    place: BEGINNING,
    page: null,
    pageRefused: null,
    busy: false,
    companies: new Map<number, Company>(),
    details: new Map<number, Record<string, unknown> | string | null>(),
    selected: new Set<number>(),
    anchor: null,
    upcoming: [],
    seen: new Set<number>(),
    round: 0 as const,
    reading: false,
    about: false,
    undo: [],
    toast: null,
    warning: null,
    exported: null,
    cancelling: false,
    asked: { page: 0, refresh: 0, upcoming: 0, status: 0 },
    epoch: 0,
    paces: [],
    lastVerdictAt: null,
    othersAt: null,
    quiet: 0,
  };
}
