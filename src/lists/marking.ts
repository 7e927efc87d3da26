import type { Mark, Marking, Marks } from '../disk/marks.ts';
import { quoted } from '../lib/text.ts';
import { OpenFunnelError } from '../openfunnel/errors.ts';
import { sqlLiteral } from '../sql/columns.ts';
import { prepareCondition } from '../sql/statement/dialect.ts';
import { hintsOf } from '../sql/statement/hints.ts';
import type { CollectedLists } from './collected.ts';
import type { Call, CollectedList } from './collected-list.ts';
import { textOf } from './selecting/fields.ts';

/** What became of marking: how many rows were to be marked, and how many of these have another mark now. */
export type Marked = Awaited<ReturnType<typeof markCompanies>>;

/** The same judgement on all companies of a condition in SQL. */
type WhereMarking = Omit<Marking, 'rows'> & {
  where: string;
  /** How many companies the caller knows that it fits; needed where that is more than half of the list. */
  confirmRows?: number | undefined;
};

/** Companies that are named of those that a condition fits. */
const NAMED = 3;
/** A condition that names companies one by one, or by nothing but their rank: what it marks can be a sample. */
const ONE_BY_ONE =
  /^(?:[\s\d(),=<>%+*/"-]|'[^']*'|\b(?:row|domain|name|company_key|linkedin_url|in|and|or|between)\b)+$/i;

export interface MarkingParts {
  lists: CollectedLists;
  marks: Marks;
}

/**
 * Marks companies of a final job, all of them or none.
 *
 * @throws {OpenFunnelError} `conflict` where the job is not final (reranking moves rows), `invalid_input` for rows
 * that it does not have or a condition that is none.
 * @throws {QueryError} where SQLite refuses the condition.
 */
export async function markCompanies(
  { lists, marks }: MarkingParts,
  jobId: string,
  given: readonly Marking[] | WhereMarking,
  call: Call,
) {
  const list = await finalList(lists, jobId, call);
  const { companies } = list.about;
  const { markings, first, hints } =
    'where' in given
      ? await fromCondition(lists, list, given, call)
      : { markings: given, first: [], hints: [] };
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
  const changed = [...new Set(rows)].filter((row) => !isSameMark(before.get(row), after.get(row))).length;
  return { ...countMarks(after, companies), rows: new Set(rows).size, changed, first, hints, list };
}

/**
 * The list of a job whose rows have their places for good.
 *
 * @throws {OpenFunnelError} `conflict` where the job is not final, or could not be read whole.
 */
export async function finalList(lists: CollectedLists, jobId: string, call: Call): Promise<CollectedList> {
  const list = await lists.get(jobId, call);
  if (list.about.whole) return list;
  const { failure, quotesUpstream } = list.reading ?? {};
  throw new OpenFunnelError(
    failure?.code ?? 'conflict',
    list.state.results_final
      ? `Not all of the job could be read (${list.about.why}), so its rows have no sure places yet. Try again in a little while.`
      : 'The job failed, so its rows have no final places.',
    { retryable: list.state.results_final, quotesUpstream: quotesUpstream === true },
  );
}

/** The marks on a job counted; `open` are without a verdict. */
export function countMarks(marks: ReadonlyMap<number, Mark>, companies: number) {
  const counts = { keep: 0, drop: 0, maybe: 0 };
  for (const { verdict } of marks.values()) counts[verdict] += 1;
  const { keep, drop, maybe } = counts;
  return { companies, keep, drop, maybe, open: companies - keep - drop - maybe };
}

async function fromCondition(
  lists: CollectedLists,
  list: CollectedList,
  { where, confirmRows, ...marking }: WhereMarking,
  { signal }: Call,
) {
  const prepared = prepareCondition(where);
  if ('refused' in prepared) {
    throw new OpenFunnelError(
      'invalid_input',
      `where: ${prepared.refused} It is what stands behind WHERE, such as country = 'India' AND employees > 50. Nothing was marked.`,
    );
  }
  // What the condition says of other lists is what a question to all of them says.
  const others = BEYOND_ONE_LIST.test(where) ? await lists.all(signal) : [];
  const { job_id, companies } = list.about;
  const hand = [list, ...others.filter(({ about }) => about.job_id !== job_id)];
  const condition = `job_id = ${sqlLiteral(job_id)} AND (${prepared.sql})`;
  const ask = (sql: string) => lists.rows(hand, sql, { signal });
  const found = (await ask(`SELECT "row", name FROM companies WHERE ${condition} ORDER BY "row"`)).map(
    ([row, name]) => ({ row: Number(row), name: textOf(name) }),
  );
  const first = found.slice(0, NAMED);
  if (confirmRows === undefined ? found.length * 2 > companies : confirmRows !== found.length) {
    const such = first.length === 0 ? '' : `, such as ${namesOf(first)}`;
    const why = confirmRows === undefined ? 'more than half of the list' : `not ${confirmRows}`;
    throw new OpenFunnelError(
      'invalid_input',
      `where fits ${found.length} of ${companies} companies${such}, ${why}. Nothing was marked. If these are the ones that are meant, call again with confirm_rows: ${found.length}; else narrow where.`,
      { quotesUpstream: first.length > 0 },
    );
  }
  const hints = await hintsOf(
    {
      sql: `SELECT "row" FROM companies WHERE ${hand.length === 1 ? prepared.sql : condition}`,
      columns: ['row'],
      rows: found.slice(0, 1).map(({ row }) => [row]),
    },
    ask,
  );
  return {
    markings: [{ ...marking, rows: found.map(({ row }) => row), of_one_kind: !ONE_BY_ONE.test(where) }],
    first,
    hints: [...prepared.notices, ...hints],
  };
}

/** Companies by row and name, in words. */
export function namesOf(companies: Marked['first']): string {
  return companies
    .map(({ row, name }) => `row ${row} ${name === null ? '(no name)' : quoted(name, 60)}`)
    .join(', ');
}

const BEYOND_ONE_LIST = /also_in|companies|jobs/i;

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

/** Whether two marks say the same, whenever that was said; undefined is no mark. */
export function isSameMark(a: Mark | undefined, b: Mark | undefined): boolean {
  return (['verdict', 'role', 'score', 'reason', 'by'] as const).every((part) => a?.[part] === b?.[part]);
}
