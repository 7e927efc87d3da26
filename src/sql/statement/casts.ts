// Casts of other dialects: x::type, and types in CAST that SQLite takes for numbers.
import { primaryStart } from './operands.ts';
import { isSign, isWord, nameOf, type Token, type TokenList } from './tokens.ts';

/** SQLite's types, and its functions for those it has not, by the names of others. */
const TYPES: ReadonlyMap<string, string> = new Map(
  Object.entries({
    INTEGER: 'int integer int2 int4 int8 int64 bigint smallint tinyint unsigned signed bool boolean',
    REAL: 'real float float4 float8 float64 double',
    NUMERIC: 'numeric decimal number',
    TEXT: 'text varchar char character string nvarchar bpchar name citext uuid',
    'date(': 'date',
    'datetime(': 'timestamp timestamptz datetime',
    'json(': 'json jsonb',
  }).flatMap(([own, others]) => others.split(' ').map((other) => [other, own])),
);
const NO_NUMBER =
  'CAST to a number gives 0 for a text that begins with none, and the number at its beginning for others; SQLite raises no error there.';

/** Turns x::type into CAST(x AS type), and types that SQLite would misread into its own. */
export function rewriteCasts(list: TokenList): { notices: string[] } | { error: string } {
  const { tokens, mates } = list;
  let toNumber = false;
  for (const [at, token] of tokens.entries()) {
    if (isSign(token, '::')) {
      const first = primaryStart(list, at - 1);
      const end = typeEnd(list, at + 1);
      const own = ownType(tokens[at + 1]);
      if (first < 0 || own === undefined || tokens[end]?.text.startsWith('[')) {
        return {
          error: `SQLite has no x::${list.text(at + 1, end).slice(0, 40)}: CAST(x AS INTEGER), REAL and TEXT are there, date(x), and json_each(x) for the items of a list.`,
        };
      }
      const isFunction = own.endsWith('(');
      list.wrap(first, end, isFunction ? own : 'CAST(', isFunction ? ')' : ` AS ${own})`);
      list.remove(at, end);
      toNumber ||= !isFunction && own !== 'TEXT';
    } else if (isWord(token, 'cast') && isSign(tokens[at + 1], '(')) {
      const inside = [...list.level(at + 2, mates[at + 1] ?? -1)];
      const as = inside.find((each) => isWord(tokens[each], 'as')) ?? tokens.length;
      const own = ownType(tokens[as + 1]);
      if (own === undefined) continue;
      if (own.endsWith('('))
        return {
          error: `CAST(x AS ${tokens[as + 1]?.text}) makes a number of it in SQLite: write ${own}x).`,
        };
      if (own === 'TEXT') list.replace(as + 1, own);
      toNumber ||= own !== 'TEXT' && tokens[at + 2]?.kind !== 'number';
    }
  }
  return { notices: toNumber ? [NO_NUMBER] : [] };
}

function ownType(type: Token | undefined): string | undefined {
  return TYPES.get(nameOf(type));
}

/** The index behind the type whose first word is `at`: "double precision", "character varying", "(10, 2)". */
function typeEnd({ tokens, mates }: TokenList, at: number): number {
  const end = at + (isWord(tokens[at + 1], 'precision', 'varying') ? 2 : 1);
  return isSign(tokens[end], '(') ? Math.max(end, (mates[end] ?? -1) + 1) : end;
}
