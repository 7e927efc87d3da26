// Casts of other dialects: x::type, and types in CAST that SQLite takes for numbers.
import { primaryStart, words } from './operands.ts';
import { type Edits, isName, isSign, isWord, type TokenList } from './tokens.ts';

/** SQLite's types by the names of others. */
const TYPES: ReadonlyArray<readonly [string, ReadonlySet<string>]> = [
  ['INTEGER', words('int integer int2 int4 int8 int64 bigint smallint tinyint unsigned signed bool boolean')],
  ['REAL', words('real float float4 float8 float64 double')],
  ['NUMERIC', words('numeric decimal number')],
  ['TEXT', words('text varchar char character string nvarchar bpchar name citext uuid')],
];
/** Functions that stand for types which SQLite has not. */
const FUNCTIONS: Readonly<Record<string, string>> = {
  date: 'date',
  timestamp: 'datetime',
  timestamptz: 'datetime',
  datetime: 'datetime',
  json: 'json',
  jsonb: 'json',
};
const NO_NUMBER =
  'CAST to a number gives 0 for a text that begins with none, and the number at its beginning for others; SQLite raises no error there.';

/** Turns x::type into CAST(x AS type), and types that SQLite would misread into its own. */
export function rewriteCasts(list: TokenList, edits: Edits): { notices: string[] } | { error: string } {
  const { tokens } = list;
  let toNumber = false;
  for (const [at, token] of tokens.entries()) {
    if (isSign(token, '::')) {
      const first = primaryStart(list, at - 1);
      const type = tokens[at + 1];
      if (first < 0 || !isName(type)) return { error: 'SQLite casts with CAST(x AS TEXT), not x::text.' };
      const end = typeEnd(list, at + 1);
      const name = type.value.toLowerCase();
      if (tokens[end]?.text.startsWith('[')) {
        return {
          error:
            'SQLite has no arrays, so nothing can be cast to one: lists are JSON texts, and json_each(x) gives their items as rows.',
        };
      }
      const own = TYPES.find(([, names]) => names.has(name))?.[0];
      const call = Object.hasOwn(FUNCTIONS, name) ? FUNCTIONS[name] : undefined;
      if (own !== undefined) edits.wrap(first, end, 'CAST(', ` AS ${own})`);
      else if (call !== undefined) edits.wrap(first, end, `${call}(`, ')');
      else {
        return {
          error: `SQLite has no type ${type.text.slice(0, 40)}: CAST(x AS INTEGER), REAL and TEXT are there, and date(x).`,
        };
      }
      edits.remove(at, end);
      toNumber ||= own !== undefined && own !== 'TEXT';
    } else if (isWord(token, 'cast') && isSign(tokens[at + 1], '(')) {
      const close = list.mates[at + 1] ?? -1;
      let as = at + 2;
      while (as < close && !(isWord(tokens[as], 'as') && list.depths[as] === list.depths[at + 2])) as += 1;
      const type = tokens[as + 1];
      if (close < 0 || as >= close || !isName(type)) continue;
      const name = type.value.toLowerCase();
      const call = Object.hasOwn(FUNCTIONS, name) ? FUNCTIONS[name] : undefined;
      if (call !== undefined) {
        return { error: `CAST(x AS ${type.text}) makes a number of it in SQLite: write ${call}(x).` };
      }
      const own = TYPES.find(([, names]) => names.has(name))?.[0];
      if (own === 'TEXT') edits.replace(as + 1, own);
      toNumber ||= own !== undefined && own !== 'TEXT' && tokens[at + 2]?.kind !== 'number';
    }
  }
  return { notices: toNumber ? [NO_NUMBER] : [] };
}

/** The index behind the type whose first word is `at`: "double precision", "character varying", "(10, 2)". */
function typeEnd(list: TokenList, at: number): number {
  let end = at + 1;
  if (isWord(list.tokens[end], 'precision', 'varying')) end += 1;
  const mate = list.mates[end] ?? -1;
  return isSign(list.tokens[end], '(') && mate > 0 ? mate + 1 : end;
}
