import { OpenFunnelError } from '../openfunnel/errors.ts';
import type { Mark, Marking, Marks, Role, Verdict } from '../store/marks.ts';
import { whyNoCondition } from './query/statement.ts';
import type { AskCompanies } from './table/company-table.ts';

/** How a job's companies are judged. */
export interface MarkCounts {
  companies: number;
  kept: number;
  dropped: number;
  maybe: number;
  /** Without a verdict. */
  open: number;
}

export interface Marked extends MarkCounts {
  /** Rows that were to be marked. */
  rows: number;
  /** Those of them whose mark is another one now. */
  changed: number;
}

/** The same judgement on all companies of a condition in SQL. */
export interface WhereMarking {
  where: string;
  verdict: Verdict | 'clear';
  reason?: string | undefined;
  role?: Role | undefined;
  score?: number | undefined;
}

/** Rows that a condition can mark: all that a job can have. */
const MAX_ROWS = 10_000;

/**
 * Marks companies of a final job, all of them or none.
 *
 * @throws {OpenFunnelError} `conflict` where the job is not final (reranking moves rows), `invalid_input` for rows
 * that it does not have or a condition that is none.
 * @throws {QueryError} where SQLite refuses the condition.
 */
export async function markCompanies(
  marks: Marks,
  ask: AskCompanies,
  jobId: string,
  given: readonly Marking[] | WhereMarking,
  call: { signal: AbortSignal },
): Promise<Marked> {
  const count = await ask(
    { jobId, sql: 'SELECT COUNT(*) FROM companies WHERE job_id = ?', params: [jobId], maxRows: 1 },
    call,
  );
  const companies = Number(count.rows[0]?.[0] ?? 0);
  const markings = 'where' in given ? [await fromCondition(ask, jobId, given, call)] : given;
  const rows = markings.flatMap((marking) => marking.rows);
  const wrong = rows.filter((row) => !Number.isInteger(row) || row < 1 || row > companies);
  if (wrong.length > 0) {
    throw new OpenFunnelError(
      'invalid_input',
      `The job has ${companies} companies, rows 1 to ${companies}; there is no row ${wrong.slice(0, 10).join(', ')}. Nothing was marked.`,
    );
  }
  const before = await readMarks(marks, jobId);
  if (rows.length > 0) {
    await marks.add(jobId, markings).catch((error: unknown) => {
      throw new OpenFunnelError(
        'invalid_input',
        'The marks could not be written, so nothing was marked: ask the user to check OPENFUNNEL_STATE_DIR and the space on the disk.',
        { cause: error },
      );
    });
  }
  const after = await readMarks(marks, jobId);
  const changed = [...new Set(rows)].filter((row) => !isSame(before.get(row), after.get(row))).length;
  return { ...countMarks(after, companies), rows: new Set(rows).size, changed };
}

/** The marks on a job counted. */
export function countMarks(marks: ReadonlyMap<number, Mark>, companies: number): MarkCounts {
  const counts = { keep: 0, drop: 0, maybe: 0 };
  for (const { verdict } of marks.values()) counts[verdict] += 1;
  const { keep, drop, maybe } = counts;
  return { companies, kept: keep, dropped: drop, maybe, open: companies - keep - drop - maybe };
}

async function fromCondition(
  ask: AskCompanies,
  jobId: string,
  { where, ...marking }: WhereMarking,
  call: { signal: AbortSignal },
): Promise<Marking> {
  const why = whyNoCondition(where);
  if (why !== null) {
    throw new OpenFunnelError(
      'invalid_input',
      `where: ${why} It is what stands behind WHERE, such as country = 'India' AND employees > 50. Nothing was marked.`,
    );
  }
  const { rows } = await ask(
    {
      jobId,
      // On lines of their own, so that a comment at the end closes nothing.
      sql: `SELECT row FROM companies WHERE job_id = ? AND (\n${where}\n) ORDER BY row`,
      params: [jobId],
      maxRows: MAX_ROWS,
    },
    call,
  );
  return { ...marking, rows: rows.map(([row]) => Number(row)) };
}

/** The marks on a job. @throws {OpenFunnelError} where they can't be read. */
export async function readMarks(marks: Marks, jobId: string): Promise<ReadonlyMap<number, Mark>> {
  return marks.of(jobId).catch((error: unknown) => {
    throw new OpenFunnelError(
      'invalid_input',
      'The marks on this job could not be read: ask the user to check OPENFUNNEL_STATE_DIR.',
      { cause: error },
    );
  });
}

function isSame(a: Mark | undefined, b: Mark | undefined): boolean {
  return a?.verdict === b?.verdict && a?.role === b?.role && a?.score === b?.score && a?.reason === b?.reason;
}
