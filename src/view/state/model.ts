import { VERDICTS } from '../../lib/verdicts.ts';
import type { Read, RowsRead, ShownCompany, StatusAnswer } from '../contract.ts';
import * as wire from '../contract.ts';

/** Where the user is; kept by the server, so that a new frame begins there. */
export const readPlace = wire.objectOf({
  mode: wire.asOneOf(['decide'], 'list'),
  selection: wire.readSelection,
  order: wire.readOrder,
  /** Whether companies are decided spread over the list, and not in its order. */
  spread: wire.asFlag,
  top: wire.asNumber,
  /** The row that keys are about. */
  current: wire.asNumber,
  /** Words and ranks that the call which opened the table came with. */
  filter: wire.asText,
  ranks: wire.asText,
  /** Verdicts given while the job runs, by the companies' keys. */
  early: wire.listOf(wire.objectOf({ key: wire.asText, verdict: wire.asOneOf(VERDICTS, 'maybe') })),
});
export type Place = Read<typeof readPlace>;

export const BEGINNING: Place = readPlace({});
export const NOTHING_CHOSEN = BEGINNING.selection;

/** A page of the list. Its rows stay until it is turned, whatever becomes of them. */
export interface Page extends Omit<RowsRead, 'rows'> {
  rows: readonly number[];
}

/** A change on its way to the server. */
export const readOperation = wire.objectOf({
  id: wire.asText,
  jobId: wire.asText,
  /** Rows, all that a selection leaves, another operation taken back, or companies judged while the job ran. */
  kind: wire.asOneOf(['mark', 'all', 'undo'], 'early'),
  verdict: wire.asOneOf([...VERDICTS, 'clear', 'undo'], 'confirm'),
  /** Verdicts that are shown until the server has it. */
  shows: wire.listOf(wire.objectOf({ row: wire.count, verdict: wire.asOneOf(VERDICTS, null) })),
  /** What the server's tool is given beside the job. */
  args: wire.record,
  label: wire.asText,
});
export type Operation = Read<typeof readOperation>;

/** What can be taken back: verdicts by row; the focus goes back to the first. */
export interface Done {
  id: string;
  label: string;
  before: Operation['shows'];
  /** Of a verdict given while the job runs: all of them before it. */
  early?: Place['early'];
}

/** The state of a frame that knows nothing yet. @param frame Text that no other frame has. */
export function beginning(frame: string) {
  return {
    host: {
      displayMode: 'inline',
      canFullscreen: false,
      canMessage: false,
      /** A phone: small, and without a mouse. */
      phone: false,
      /** Whether columns have room; else their facts stand below the name. */
      wide: true,
      visible: true,
    },
    /** How the calls fare: `lost` worked before, `slow` was never answered, `denied` never works here. */
    connection: 'ok' as 'ok' | 'lost' | 'slow' | 'denied',
    answered: false,
    failures: 0,
    /** The frame is to be taken down, or its call was cancelled: nothing is asked any more. */
    stopped: 'no' as 'no' | 'cancelled' | 'gone',
    queue: [] as readonly Operation[],
    sending: null as string | null,
    /** When the job was last asked about, with an answer or without. Milliseconds. */
    lookedAt: Number.NEGATIVE_INFINITY,
    lastId: 0,
    said: '',
    frame,
    ...ofJob(null),
  };
}
export type State = ReturnType<typeof beginning>;
export type Host = State['host'];

export const NO_RUN = {
  /** Rows to decide, the first one now. */
  upcoming: [] as readonly number[],
  /** Decided or passed in this run, so that none comes twice. */
  seen: new Set() as ReadonlySet<number>,
  /** Whether no others are left to be read. */
  allRead: false,
};

/** The part of the state that belongs to one job, before anything is known of it. */
export function ofJob(jobId: string | null) {
  return {
    /** Null: not named, so the newest is asked for. */
    jobId,
    /** Whether the host has said, or kept silent long enough, which job it is. */
    opened: false,
    /** With the first one, the place kept by the server is taken up. */
    status: null as StatusAnswer | null,
    /** Why there is nothing to show, in the server's words, and whether that may pass. */
    refused: null as { message: string; again: boolean } | null,
    place: BEGINNING,
    page: null as Page | null,
    pageRefused: null as string | null,
    companies: new Map() as ReadonlyMap<number, ShownCompany>,
    /** Open texts: a company's facts, an error, or null while they are read. */
    details: new Map() as ReadonlyMap<number, Record<string, unknown> | string | null>,
    selected: new Set() as ReadonlySet<number>,
    /** Where a range of the selection began. */
    anchor: null as number | null,

    ...NO_RUN,

    undo: [] as readonly Done[],
    toast: null as string | null,
    warning: null as string | null,
    /** What became of an export, and where the file is on this computer. */
    exported: null as { text: string; path: string; failed: boolean } | null,
    cancelling: false,

    /** The number of the last call of each kind, whose answer alone counts; 0 when it has come. */
    asked: { status: 0, page: 0, refresh: 0, upcoming: 0 },
    /** Whether marks were saved since the job was asked about last: the answer tells old counts. */
    outdated: false,
    /** When the last verdicts without a break were given. Milliseconds. */
    judgedAt: [] as readonly number[],
    /** How often nothing was new; below 0 while somebody else marks. */
    quiet: 0,
  };
}
