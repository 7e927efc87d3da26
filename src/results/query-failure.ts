import { OpenFunnelError } from '../lib/errors.ts';
import { TABLES } from '../sql/columns.ts';
import type { QueryError } from '../sql/messages.ts';
import { explainSqlError } from '../sql/sql-errors.ts';
import { part, type ToolAnswer } from './answer.ts';

/** Why a statement has no answer, with what helps to fix it. */
export function queryFailure(why: Exclude<QueryError['failure'], { kind: 'bug' }>): ToolAnswer {
  if (why.kind === 'sql') {
    const tables = TABLES.map(({ name, columns }) => `${name} (${columns.join(', ')})`);
    const said = explainSqlError(why.message);
    return {
      error: new OpenFunnelError('invalid_input', `SQLite: ${said} Correct the statement and call again.`),
      parts: [part({ tables: TABLES }, `Tables: ${tables.join('; ')}`)],
    };
  }
  if (why.kind === 'damaged') {
    const said = `The list of ${why.job_id} is damaged (${why.why}) and could not be read again.`;
    return { error: new OpenFunnelError('conflict', said, { retryable: true }) };
  }
  const said = `${SAID[why.kind]} Nothing is lost, and the next query works as usual.`;
  return { error: new OpenFunnelError(why.kind === 'timeout' ? 'timeout' : 'invalid_input', said) };
}

const SAID = {
  timeout:
    'The query took longer than 5 seconds and was stopped. Narrow it: a join needs a condition such as a.company_key = b.company_key, and WITH RECURSIVE needs an end.',
  memory:
    'The query needs too much memory. Use fewer jobs in job_ids and fewer long text columns, and build no huge strings.',
  too_long: 'A value of the result is longer than 1,000,000 characters. Select a part of it with substr.',
  too_many_rows: 'The query returns more than 1,000,000 rows, too many for a file. Narrow it.',
  too_many_columns: 'The query returns more than 200 columns. Name those you need.',
};
