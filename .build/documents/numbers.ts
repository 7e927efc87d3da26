import clients from '../../.github/clients.json' with { type: 'json' };
import { DEFAULT_CONFIRM_ABOVE } from '../../src/config/values.ts';
import { CORE_TOOLS } from '../../src/tools/catalogue.ts';
import { othersClients } from '../../test/clients/results.ts';
import { modelTools } from '../model-tools.ts';
import { NEEDED_NODE } from '../package/project.ts';

/** A number that documents state, and the one place that it comes from. */
interface StatedNumber {
  what: string;
  /** As documents write it. */
  value: string;
  /** The words around it, in which it is the group `number`. */
  said: readonly RegExp[];
}

const WORDS = [
  'no',
  'one',
  'two',
  'three',
  'four',
  'five',
  'six',
  'seven',
  'eight',
  'nine',
  'ten',
  'eleven',
  'twelve',
];
const MORE_WORDS = [
  'thirteen',
  'fourteen',
  'fifteen',
  'sixteen',
  'seventeen',
  'eighteen',
  'nineteen',
  'twenty',
];
const inWords = (count: number) => [...WORDS, ...MORE_WORDS][count] ?? String(count);
const grouped = (count: number) => count.toLocaleString('en-US');

/** Tokens (o200k) of 100 rows as OpenFunnel sends them, on average over the recorded pages. */
const RAW_PAGE_TOKENS = 37_500;

/** The daily ceiling recommended for each person: see SECURITY.md, "Money". Credits. */
const RECOMMENDED_CEILING = 2_000;

export const NUMBERS: readonly StatedNumber[] = [
  {
    what: 'oldest Node.js',
    value: NEEDED_NODE,
    said: [
      /Node(?:\.js)?\s(?:>= )?(?<number>\d+\.\d+\.\d+)(?=\s+or\s+newer)/g,
      /needs Node >= (?<number>\d+\.\d+\.\d+)/g,
    ],
  },
  {
    what: 'credits above which a submit needs a yes',
    value: grouped(DEFAULT_CONFIRM_ABOVE),
    said: [/above (?<number>[\d,]+)(?= credits)/gi, /`OPENFUNNEL_CONFIRM_ABOVE` \| `(?<number>\d+)`/g],
  },
  {
    what: 'most companies of a job',
    value: grouped(bound('submit_lookalikes_bulk', 'limit', 'maximum')),
    said: [/up\s+to\s+(?<number>\d[\d,]*)(?=\s+(?:lookalike\s+)?companies)/g],
  },
  {
    what: 'seconds that a wait takes by default',
    value: grouped(bound('wait_and_collect', 'max_wait_seconds', 'default')),
    said: [/waits (?<number>\d+) seconds by default/g],
  },
  {
    what: 'seconds that a wait may take',
    value: grouped(bound('wait_and_collect', 'max_wait_seconds', 'maximum')),
    said: [/`max_wait_seconds` goes up\s+to (?<number>\d+)/g],
  },
  {
    what: 'tools of OPENFUNNEL_TOOLS=core',
    value: inWords(CORE_TOOLS),
    said: [/the first (?<number>\w+) tools/g],
  },
  {
    what: 'tokens of 100 raw rows',
    value: grouped(RAW_PAGE_TOKENS),
    said: [
      /100 raw (?:companies|rows) are about (?<number>[\d,]+)(?= tokens)/g,
      /100 raw rows is [^*\n]*about \*\*(?<number>[\d,]+)(?= tokens)/g,
    ],
  },
  {
    what: 'daily ceiling that is recommended',
    value: grouped(RECOMMENDED_CEILING),
    said: [
      /recommended: (?<number>[\d,]+)(?= for\s+each person)/g,
      /with (?<number>[\d,]+)(?= credits a day each)/g,
    ],
  },
  {
    what: 'daily ceiling that is recommended, as the variable has it',
    value: String(RECOMMENDED_CEILING),
    said: [/`OPENFUNNEL_DAILY_CREDITS=(?<number>\d+)`/g],
  },
  {
    what: 'tools that a model is given',
    value: inWords(modelTools().length),
    said: [/All (?<number>\w+) tools, as given to a model/g],
  },
  {
    what: 'clients that it was run with',
    value: inWords(othersClients(clients.clients).length),
    said: [/in (?<number>\w+) clients that others wrote/g],
  },
];

/** A document with each of these numbers as it is now. */
export function withNumbers(text: string): string {
  return NUMBERS.reduce(
    (written, { value, said }) =>
      said.reduce((before, pattern) => before.replace(pattern, (...match) => put(match, value)), written),
    text,
  );
}

/** What was matched, with another number in it. */
function put(match: readonly unknown[], value: string): string {
  const [whole] = match as [string];
  const { number = '' } = match.at(-1) as Record<string, string>;
  const at = whole.lastIndexOf(number);
  return whole.slice(0, at) + value + whole.slice(at + number.length);
}

/** A bound of a tool's parameter, as clients get it. */
function bound(tool: string, parameter: string, which: 'default' | 'maximum'): number {
  const properties = modelTools().find(({ name }) => name === tool)?.inputSchema.properties ?? {};
  const value = (properties[parameter] as Record<string, unknown> | undefined)?.[which];
  if (typeof value !== 'number') throw new Error(`${tool}: ${parameter} has no ${which}`);
  return value;
}
