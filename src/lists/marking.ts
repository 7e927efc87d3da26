import type { Mark, Marking, Marks } from '../disk/marks.ts';
import { OpenFunnelError } from '../lib/errors.ts';
import { counted, oneLine, quoted } from '../lib/text.ts';
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
  confirm_rows?: number | undefined;
};

const NAMED = 3;
/** A condition that names companies one by one, or by nothing but their rank: what it marks can be a sample. */
const ONE_BY_ONE =
  /^(?:[\s\d(),=<>%+*/"-]|'[^']*'|\b(?:row|domain|name|company_key|linkedin_url|in|and|or|between)\b)+$/i;

export interface MarkingParts {
  lists: CollectedLists;
  marks: Marks;
}

/**
 * Marks companies of a final job (reranking moves rows), all of them or none. @throws {NotFinalError}, {QueryError} where
 * SQLite refuses the condition, and {OpenFunnelError} `invalid_input` for rows that it does not have.
 */
export async function markCompanies(
  { lists, marks }: MarkingParts,
  jobId: string,
  given: readonly Marking[] | WhereMarking,
  call: Call,
) {
  const list = await lists.final(jobId, call);
  const { companies } = list.about;
  const { markings, first, hints } =
    'where' in given
      ? await fromCondition(lists, list, given, call)
      : { markings: given, first: [], hints: [] };
  const rows = markings.flatMap((marking) => marking.rows);
  const wrong = rows.filter((row) => !Number.isInteger(row) || row < 1 || row > companies);
  if (wrong.length > 0)
    throw refused(
      `The job has ${counted(companies, 'company')}, rows 1 to ${companies}; there is no row ${wrong.slice(0, 10).join(', ')}.`,
    );
  const before = await marks.of(jobId);
  if (rows.length > 0) await marks.add(jobId, markings);
  const after = await marks.of(jobId);
  const changed = [...new Set(rows)].filter((row) => !isSameMark(before.get(row), after.get(row))).length;
  return { ...countMarks(after, companies), rows: new Set(rows).size, changed, first, hints, list };
}

/** The marks on a job counted; `open` are without a verdict. */
export function countMarks(marks: ReadonlyMap<number, Mark>, companies: number) {
  const counts = { keep: 0, drop: 0, maybe: 0 };
  for (const { verdict } of marks.values()) counts[verdict] += 1;
  return { companies, ...counts, open: companies - counts.keep - counts.drop - counts.maybe };
}

async function fromCondition(
  lists: CollectedLists,
  list: CollectedList,
  { where, confirm_rows: confirmed, ...marking }: WhereMarking,
  { signal }: Call,
) {
  const prepared = prepareCondition(where);
  if ('refused' in prepared)
    throw refused(
      `where: ${prepared.refused} It is what stands behind WHERE, such as country = 'India' AND employees > 50.`,
    );
  // What the condition says of other lists is what a question to all of them says.
  const others = BEYOND_ONE_LIST.test(where) ? await lists.all(signal) : [];
  const { job_id, companies } = list.about;
  const hand = [list, ...others.filter(({ about }) => about.job_id !== job_id)];
  const condition = `job_id = ${sqlLiteral(job_id)} AND (${prepared.sql})`;
  const ask = (sql: string) => lists.rows(hand, sql, { signal });
  const found = (await ask(`SELECT "row", name FROM companies WHERE ${condition} ORDER BY "row"`)).map(
    ([row, name]) => ({ row: Number(row), name: textOf(name) }),
  );
  const first = found.slice(0, NAMED).map(({ row, name }) => ({ row, name: name && oneLine(name, 60) }));
  if (confirmed === undefined ? found.length * 2 > companies : confirmed !== found.length) {
    const such = first.length === 0 ? '' : `, such as ${namesOf(first)}`;
    const why = confirmed === undefined ? 'more than half of the list' : `not ${confirmed}`;
    throw refused(
      `where fits ${found.length} of ${counted(companies, 'company')}${such}, ${why}.`,
      ` If these are the ones that are meant, call again with confirm_rows: ${found.length}; else narrow where.`,
      first.length > 0,
    );
  }
  const sql = `SELECT "row" FROM companies WHERE ${hand.length === 1 ? prepared.sql : condition}`;
  const rows = found.map(({ row }) => row);
  const shown = rows.slice(0, 1).map((row) => [row]);
  const hints = await hintsOf({ sql, columns: ['row'], rows: shown, rowCount: rows.length }, ask);
  return {
    markings: [{ ...marking, rows, of_one_kind: !ONE_BY_ONE.test(where) }],
    first,
    hints: [...prepared.notices, ...hints],
  };
}

function refused(why: string, advice = '', quotesUpstream = false): OpenFunnelError {
  return new OpenFunnelError('invalid_input', `${why} Nothing was marked.${advice}`, { quotesUpstream });
}

/** Companies by row and name, in words. */
export function namesOf(companies: Marked['first']): string {
  return companies
    .map(({ row, name }) => `row ${row} ${name === null ? '(no name)' : quoted(name)}`)
    .join(', ');
}

const BEYOND_ONE_LIST = /also_in|companies|jobs/i;

/** Whether two marks say the same, whenever that was said; undefined is no mark. */
export function isSameMark(a: Mark | undefined, b: Mark | undefined): boolean {
  return (['verdict', 'role', 'score', 'reason', 'by'] as const).every((part) => a?.[part] === b?.[part]);
}
