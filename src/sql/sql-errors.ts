// What SQLite says of a statement that it can't run, with what helps to mend it.

import { nearNames } from '../lib/edit-distance.ts';
import { oneLine } from '../lib/text.ts';
import { ALL_COLUMNS, sqlLiteral, TABLES, UPSTREAM_NAMES } from './columns.ts';
import { LIMIT } from './statement/foreign.ts';

/** Columns by other names that people use. */
const OTHER_NAMES: ReadonlyMap<string, string> = new Map([
  ...UPSTREAM_NAMES,
  ...Object.entries({
    name: 'company company_name',
    employees: 'company_size headcount size',
    headquarters: 'location',
    domain: 'website url',
    linkedin_url: 'linkedin',
    funding_stage: 'stage',
    industries: 'industry',
    revenue_usd: 'revenue',
    row: 'rank',
    match_reason: 'reason',
    "extra ->> 'rerank_score'": 'rerank_score',
  }).flatMap(([name, others]) => others.split(' ').map((other): [string, string] => [other, name])),
]);
/** Functions that people look for, to find the one a misspelled name means. */
const FUNCTIONS = `abs avg ceil coalesce concat count date datetime floor group_concat ifnull iif instr
  json_array_length json_each json_extract json_group_array julianday length lower max min nullif printf
  regexp replace round row_number strftime string_agg substr sum total trim typeof upper`.split(/\s+/);
const CURLY = /[\u2018\u2019\u201c\u201d\u201e\u00ab\u00bb]/;

/** SQLite's message about a statement, with the names that are near to the one it does not know. */
export function explainSqlError(message: string): string {
  const said = oneLine(message, 300);
  if (CURLY.test(said)) return `${said}. Curly quotes do not work in SQL: write ' and ".`;
  if (said.startsWith('DISTINCT aggregates must have exactly one')) {
    return `${said}: group_concat(DISTINCT x) has commas between; for others, take the text from SELECT group_concat(x, '; ') FROM (SELECT DISTINCT x FROM …).`;
  }
  if (/^near "offset"/i.test(said)) return `${said}: ${LIMIT}.`;
  const [, kind, quoted = ''] = /^(no such \w+(?: sequence)?|ambiguous column name): (.+)$/.exec(said) ?? [];
  const name = quoted.split('.').at(-1)?.toLowerCase() ?? '';
  if (kind === 'no such table')
    return `${said}. The tables are ${TABLES.map((table) => table.name).join(', ')}.`;
  if (kind === 'no such collation sequence')
    return `${said}. There are NOCASE (case-insensitive for all letters) and BINARY.`;
  if (kind === 'no such function') return `${said}.${didYouMean(name, FUNCTIONS)}`;
  if (kind === 'ambiguous column name') return `${said}. Put the table before it: c.${name}.`;
  if (kind !== 'no such column') return `${said}.`;
  const having = TABLES.filter(({ columns }) => columns.includes(name)).map((table) => table.name);
  if (having.length > 0) return `${said}. It is a column of ${having.join(' and ')}.`;
  const other = OTHER_NAMES.get(name);
  const near = other === undefined ? didYouMean(name, [...ALL_COLUMNS]) : ` Did you mean ${other}?`;
  return `${said}.${near || ` A text needs single quotes: ${sqlLiteral(quoted)}.`}`;
}

/** Up to three names that a misspelled or half-remembered one may mean. */
function didYouMean(name: string, known: readonly string[]): string {
  const most = Math.max(1, Math.min(3, Math.floor(name.length / 3)));
  const names = nearNames(name, known, most, true).slice(0, 3);
  return names.length === 0 ? '' : ` Did you mean ${names.join(' or ')}?`;
}
