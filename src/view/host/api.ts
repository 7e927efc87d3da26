import type { MarkAnswer, Order, Selection, StatusAnswer } from '../contract.ts';
import type { RowsQuery, RowsRead } from '../state/events.ts';
import type { Operation } from '../state/model.ts';
import { facts, type Json, number, resultText, text, texts, toMarked, toRows, toStatus } from './answers.ts';
import { type Bridge, BridgeError, record } from './bridge.ts';

/** Files of 10,000 companies take a while to write. Milliseconds. */
const LONG_MS = 60_000;

/** The server answered, and said no; the message is meant for a person. */
export class Refused extends Error {
  /** Whether the same call may succeed later. */
  readonly retryable: boolean;
  constructor(message: string, retryable: boolean) {
    super(message);
    this.retryable = retryable;
  }
}

/** The server's tools for the view. All reject with `Refused`, or `BridgeError` where nobody answers. */
export class Api {
  readonly #bridge: Bridge;
  constructor(bridge: Bridge) {
    this.#bridge = bridge;
  }

  /** Without a job, the newest one. */
  async status(jobId: string | null, selection: Selection, session: boolean): Promise<StatusAnswer> {
    const data = await this.#call('view_status', {
      ...(jobId === null ? {} : { job_id: jobId }),
      ...(session ? { session } : {}),
      ...filters(selection),
    });
    return toStatus(data);
  }

  async rows(
    jobId: string,
    { selection, sort, descending, limit, long, ...start }: RowsQuery,
  ): Promise<RowsRead> {
    return toRows(
      await this.#call('view_rows', {
        job_id: jobId,
        ...start,
        limit,
        sort,
        descending,
        ...(long ? { long } : {}),
        ...filters(selection),
      }),
    );
  }

  /** Everything known of one company, field by field. */
  async company(jobId: string, row: number): Promise<Json> {
    return record((await this.#call('view_rows', { job_id: jobId, row })).company);
  }

  async send({ id, jobId, kind, rows, keys, verdict, selection, undoes }: Operation): Promise<MarkAnswer> {
    const data =
      kind === 'undo'
        ? await this.#call('view_undo', { job_id: jobId, id: undoes })
        : await this.#call('view_mark', {
            job_id: jobId,
            id,
            verdict,
            ...(selection ? { all: true, ...filters(selection) } : kind === 'early' ? { keys } : { rows }),
          });
    return toMarked(data);
  }

  async keepSession(jobId: string, session: string): Promise<void> {
    await this.#call('view_session', { job_id: jobId, session });
  }

  async export(jobId: string, which: 'shown' | 'keepers', { sort, descending }: Order, selection: Selection) {
    const data = await this.#call(
      'view_export',
      { job_id: jobId, which, sort, descending, ...filters(selection) },
      LONG_MS,
    );
    const file = record(data.export);
    return {
      path: text(file.path),
      uri: text(file.uri),
      rows: number(file.rows) ?? 0,
      notices: texts(data.notices),
    };
  }

  /** All domains of a selection, each once. */
  async domains(jobId: string, { sort, descending }: Order, selection: Selection): Promise<string[]> {
    const domains: string[] = [];
    for (let offset: number | null = 0; offset !== null; ) {
      const data: Json = await this.#call('view_domains', {
        job_id: jobId,
        offset,
        sort,
        descending,
        ...filters(selection),
      });
      domains.push(...texts(data.domains));
      const next: number | null = number(data.next_offset);
      offset = next !== null && next > offset ? next : null;
    }
    return domains;
  }

  async cancel(jobId: string): Promise<void> {
    await this.#call('view_cancel', { job_id: jobId });
  }

  async #call(name: string, args: Json, ms?: number): Promise<Json> {
    const result = await this.#bridge.callTool(name, args, ms);
    const data = facts(result);
    if (result.isError !== true && Object.keys(data).length > 0) return data;
    const error = record(data.error);
    const said = text(error.message) || resultText(result);
    if (said === '') throw new BridgeError(`${name} came back empty`, 'error');
    throw new Refused(said, error.retryable === true);
  }
}

/** Filters that are set: what is not sent filters nothing. */
function filters(selection: Selection): Json {
  return Object.fromEntries(
    Object.entries(selection).filter(([, value]) => value !== '' && value !== false && `${value}` !== ''),
  );
}
