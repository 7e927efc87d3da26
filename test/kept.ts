import { systemClock } from '../src/lib/clock.ts';
import type { JobPage, Row } from '../src/openfunnel/wire.ts';
import { KeptJobs } from '../src/store/kept-rows.ts';

/** A final job's first answer, as upstream sends it. */
export function finalPage(jobId: string, rows: readonly Row[], pageSize = 100): JobPage {
  return {
    job_id: jobId,
    status: 'completed',
    manifest: {
      count: rows.length,
      pages: Math.ceil(rows.length / pageSize),
      credits_consumed: rows.length,
    },
    error_message: null,
    rows: rows.slice(0, pageSize),
    page: 'page_0000',
    next_cursor: rows.length > pageSize ? 'page_0001' : null,
    count: Math.min(pageSize, rows.length),
    processed: rows.length,
    progress_message: 'completed',
    malformed_rows: 0,
  };
}

/** Kept rows in `directory`; damaged files are noted in `damaged`. */
export function keptIn(directory: string) {
  const damaged: string[] = [];
  const kept = new KeptJobs({ directory, clock: systemClock, onDamage: (jobId) => damaged.push(jobId) });
  return { kept, damaged };
}

/** Keeps a job's rows page by page, as reading it does. */
export async function keep(
  kept: KeptJobs,
  jobId: string,
  rows: readonly Row[],
  request: Record<string, unknown> | null = null,
  pageSize = 100,
) {
  const writer = kept.writer(jobId, finalPage(jobId, rows, pageSize), {
    submitted_at: '2026-01-02T03:04:05.000Z',
    label: null,
    request,
  });
  for (let at = 0; at < rows.length; at += pageSize) {
    const name = `page_${String(at / pageSize).padStart(4, '0')}`;
    await writer.take(rows.slice(at, at + pageSize), { name });
  }
  await writer.finish(true);
  return writer;
}
