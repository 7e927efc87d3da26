import { type Operation, VERDICTS } from '../state/model.ts';
import { record } from './bridge.ts';

const KEY = (jobId: string) => `openfunnel-unsent-${jobId}`;
const MARKS = [...VERDICTS, 'clear', 'confirm'] as const;

/** Keeps what has not been sent, for a frame that is built anew; does nothing where there is no storage. */
export function keepUnsent(jobId: string, operations: readonly Operation[]): void {
  try {
    if (operations.length === 0) localStorage.removeItem(KEY(jobId));
    else localStorage.setItem(KEY(jobId), JSON.stringify(operations));
  } catch {
    // Storage is denied, or full.
  }
}

/** What an earlier frame could not send. Whatever else shares the storage: only what can be an operation counts. */
export function unsentBefore(jobId: string): Operation[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(KEY(jobId)) ?? '[]');
    return Array.isArray(kept) ? kept.flatMap((each) => operationOf(jobId, record(each)) ?? []) : [];
  } catch {
    return [];
  }
}

function operationOf(jobId: string, kept: Record<string, unknown>): Operation | null {
  const { id, kind, rows, undoes, label } = kept;
  const verdict = MARKS.find((each) => each === kept.verdict);
  if (typeof id !== 'string' || kept.jobId !== jobId || !Array.isArray(rows) || !verdict) return null;
  // What is marked by a selection is not made up for later: by then it may be another one.
  if (kind !== 'mark' && kind !== 'undo') return null;
  const numbers = rows.filter((row) => Number.isInteger(row) && row > 0).slice(0, 1_000);
  const to = verdict === 'clear' || verdict === 'confirm' ? null : verdict;
  return {
    id,
    jobId,
    kind,
    rows: numbers,
    keys: [],
    verdict,
    selection: null,
    undoes: typeof undoes === 'string' ? undoes : null,
    shows: kind === 'mark' ? numbers.map((row) => [row, to] as const) : [],
    label: typeof label === 'string' ? label : '',
  };
}
