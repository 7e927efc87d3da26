import { OpenFunnelError } from '../openfunnel/errors.ts';
import { explainSqlError } from '../sql/sql-errors.ts';
import type { QueryError } from '../sql/thread.ts';
import { failure, type ToolResult } from './result.ts';

/** Why a statement has no answer, with what helps to fix it. */
export function queryFailure({ failure: why }: QueryError, sql = ''): ToolResult {
  if (why.kind === 'sql') {
    const tables = why.tables.map(({ name, columns }) => `${name} (${columns.join(', ')})`);
    return failure(
      new OpenFunnelError(
        'invalid_input',
        `SQLite: ${explainSqlError(why.message, why.tables, sql)} Correct the statement and call again.`,
      ),
      { structured: { tables: why.tables }, text: `Tables: ${tables.join('; ')}` },
    );
  }
  if (why.kind === 'damaged') {
    throw new OpenFunnelError(
      'conflict',
      `The list of ${why.job_id} is damaged (${why.why}) and could not be read again.`,
      { retryable: true },
    );
  }
  if (why.kind === 'bug') throw new Error(why.name, { cause: why.stack });
  const [code, said] = SAID[why.kind];
  throw new OpenFunnelError(code, `${said} Nothing is lost, and the next query works as usual.`);
}

const SAID = {
  timeout: [
    'timeout',
    'The query took longer than 5 seconds and was stopped. Narrow it: a join needs a condition such as a.company_key = b.company_key, and WITH RECURSIVE needs an end.',
  ],
  memory: [
    'invalid_input',
    'The query needs too much memory. Use fewer jobs in job_ids and fewer long text columns, and build no huge strings.',
  ],
  too_long: [
    'invalid_input',
    'A value of the result is longer than 1,000,000 characters. Select a part of it with substr.',
  ],
  too_many_rows: [
    'invalid_input',
    'The query returns more than 1,000,000 rows, too many for a file. Narrow it.',
  ],
  too_many_columns: ['invalid_input', 'The query returns more than 200 columns. Name those you need.'],
} as const;
