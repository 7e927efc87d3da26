import {
  type DomainsAnswer,
  type MarkAnswer,
  type Order,
  readCompany,
  readDomains,
  readExport,
  readMarked,
  readRows,
  readStatus,
  type Selection,
} from '../contract.ts';
import { listOf, parsed, type Reader, record, text } from '../shape.ts';
import type { Call, RowsCall, RowsRead } from '../state/draft.ts';
import type { Operation } from '../state/model.ts';
import type { ViewEvent } from '../state/update.ts';
import { type Bridge, CallError, type ToolResult } from './bridge.ts';

/** Files of 10,000 companies take a while to write. Milliseconds. */
const LONG_MS = 60_000;

/** The server's tools for the view. All reject with `CallError`. */
export class Api {
  readonly #bridge: Bridge;
  constructor(bridge: Bridge) {
    this.#bridge = bridge;
  }

  /** What comes of a call. */
  async answer(call: Call): Promise<ViewEvent> {
    switch (call.do) {
      case 'status': {
        const job = call.jobId === null ? {} : { job_id: call.jobId };
        const asked = { ...job, session: call.session, ...filters(call.selection) };
        return { is: 'status', call, answer: await this.#call('view_status', asked, readStatus) };
      }
      case 'rows':
        return { is: 'rows', call, answer: await this.#rows(call) };
      case 'detail': {
        const { jobId, row } = call;
        const { company } = await this.#call('view_rows', { job_id: jobId, row }, readRows);
        return { is: 'detail', jobId, row, detail: company ?? {} };
      }
      case 'send':
        return { is: 'sent', operation: call.operation, answer: await this.#send(call.operation) };
      case 'cancel':
        await this.#call('view_cancel', { job_id: call.jobId }, record);
        return { is: 'cancelled' };
    }
  }

  async #rows({ jobId, start, selection, order, limit, long }: RowsCall): Promise<RowsRead> {
    const asked = { job_id: jobId, ...start, limit, long, ...order, ...filters(selection) };
    const { columns, rows, ...facts } = await this.#call('view_rows', asked, readRows);
    const companies = rows.map((cells) =>
      readCompany(Object.fromEntries(columns.map((column, at) => [column, cells[at]]))),
    );
    return { ...facts, rows: companies };
  }

  #send({ id, jobId, kind, shows, keys, verdict, selection, undoes }: Operation): Promise<MarkAnswer> {
    if (kind === 'undo') return this.#call('view_undo', { job_id: jobId, id: undoes }, readMarked);
    const which = {
      mark: { rows: shows.map(([row]) => row) },
      early: { keys },
      all: { all: true, ...(selection && filters(selection)) },
    }[kind];
    return this.#call('view_mark', { job_id: jobId, id, verdict, ...which }, readMarked);
  }

  async keepSession(jobId: string, session: string): Promise<void> {
    await this.#call('view_session', { job_id: jobId, session }, record);
  }

  export(jobId: string, which: 'shown' | 'keepers', { sort, descending }: Order, selection: Selection) {
    const asked = { job_id: jobId, which, sort, descending, ...filters(selection) };
    return this.#call('view_export', asked, readExport, LONG_MS);
  }

  /** All domains of a selection, each once. */
  async domains(jobId: string, { sort, descending }: Order, selection: Selection): Promise<string[]> {
    const asked = { job_id: jobId, sort, descending, ...filters(selection) };
    const found: string[] = [];
    for (let offset: number | null = 0; offset !== null; ) {
      const part: DomainsAnswer = await this.#call('view_domains', { ...asked, offset }, readDomains);
      found.push(...part.domains);
      offset = part.next_offset !== null && part.next_offset > offset ? part.next_offset : null;
    }
    return found;
  }

  async #call<Answer>(
    name: string,
    args: Record<string, unknown>,
    read: Reader<Answer>,
    ms?: number,
  ): Promise<Answer> {
    const result: ToolResult = await this.#bridge.request('tools/call', { name, arguments: args }, ms);
    const data = facts(result);
    if (result.isError !== true && Object.keys(data).length > 0) return read(data);
    const error = record(data.error);
    const said = text(error.message) || resultText(result);
    if (said === '') throw new CallError(`${name} came back empty`);
    throw new CallError(said, 'refused', error.retryable === true);
  }
}

/** Filters that are set: what is not sent filters nothing. */
function filters(selection: Selection): Record<string, unknown> {
  const isSet = (value: unknown) => value !== false && `${value}` !== '';
  return Object.fromEntries(Object.entries(selection).filter(([, value]) => isSet(value)));
}

/** The facts of a result: the structured half, or, where a host took that away, the same in the text. */
function facts(result: ToolResult): Record<string, unknown> {
  const structured = record(result.structuredContent);
  if (Object.keys(structured).length > 0) return structured;
  const lines = resultText(result).split('\n');
  return record(
    lines
      .filter((line) => line.startsWith('{'))
      .map(parsed)
      .find((each) => each !== undefined),
  );
}

/** All text of a result. */
export function resultText({ content }: ToolResult): string {
  return listOf((part) => text(record(part).text))(content).join('\n');
}

/** What the call that opened the view was about; null or empty where that is not told. */
export function openedBy(result: ToolResult) {
  const data = facts(result);
  const said = resultText(result);
  const told = (pattern: RegExp) => pattern.exec(said)?.[1] ?? '';
  const quoted = told(/^Searched at first for: ("(?:[^"\\]|\\.)*")$/m);
  return {
    jobId: text(data.job_id) || told(/^Job ([\w-]{1,200}): /m) || null,
    filter: text(data.filter) || text(parsed(quoted)),
    ranks: text(data.rows) || told(/^At first only rows ([\d, -]{1,1000}) are shown\.$/m),
  };
}
