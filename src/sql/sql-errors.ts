// What SQLite says of a statement that it can't run, with what helps to mend it.

import { editDistance } from '../lib/edit-distance.ts';
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
  if (kind === 'no such function') return `${said}.${didYouMean(nearNames(name, FUNCTIONS))}`;
  if (kind === 'ambiguous column name') return `${said}. Put the table before it: c.${name}.`;
  if (kind !== 'no such column') return `${said}.`;
  const other = OTHER_NAMES.get(name);
  const near = other === undefined ? nearNames(name, ALL_COLUMNS) : [other];
  return `${said}.${didYouMean(near) || ` A text needs single quotes: ${sqlLiteral(quoted)}.`}`;
}

function didYouMean(names: readonly string[]): string {
  return names.length === 0 ? '' : ` Did you mean ${names.join(' or ')}?`;
}

/** Up to three names that a misspelled or half-remembered one may mean, the nearest first. */
function nearNames(name: string, known: Iterable<string>): string[] {
  const plain = (text: string) => text.toLowerCase().replace(/[^a-z0-9]/g, '');
  const wanted = plain(name);
  if (wanted === '') return [];
  const most = Math.max(1, Math.min(3, Math.floor(wanted.length / 3)));
  return [...known]
    .map((each) => {
      const other = plain(each);
      const part =
        wanted.length > 2 && (other.includes(wanted) || (other.length > 2 && wanted.includes(other)));
      return { each, distance: part ? 0.5 : editDistance(wanted, other, most) };
    })
    .filter(({ distance }) => distance <= most)
    .sort((a, b) => a.distance - b.distance)
    .slice(0, 3)
    .map(({ each }) => each);
}
