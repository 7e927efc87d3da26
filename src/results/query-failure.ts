import { OpenFunnelError } from '../openfunnel/errors.ts';
import { explainSqlError } from '../sql/sql-errors.ts';
import type { QueryError } from '../sql/thread.ts';
import { failure, type ToolResult } from './result.ts';

/** Why a statement has no answer, with what helps to mend it. */
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
      `The list of ${why.job_id} is damaged (${why.why}) and could not be read anew.`,
      { retryable: true },
    );
  }
  if (why.kind === 'bug') throw new Error(why.name, { cause: why.stack });
  const [code, said] = SAID[why.kind];
  throw new OpenFunnelError(code, `${said} Nothing is lost; the next query is answered as usual.`);
}

const SAID = {
  timeout: [
    'timeout',
    'The query did not end within 5 seconds and was ended. Narrow it: a join needs a condition such as a.company_key = b.company_key, and WITH RECURSIVE an end.',
  ],
  memory: [
    'invalid_input',
    'The query needed more memory than it may have. Narrow it: fewer jobs in job_ids, fewer long text columns, no huge strings.',
  ],
  too_long: [
    'invalid_input',
    'A value of the result is longer than 1,000,000 characters: select less of it, with substr.',
  ],
  too_many_rows: [
    'invalid_input',
    'The query gives more than 1,000,000 rows, and no file is written of so many: narrow it.',
  ],
  too_many_columns: ['invalid_input', 'The query gives more than 200 columns: name those that are needed.'],
} as const;
