import * as z from 'zod';
import { editDistance } from '../../lib/edit-distance.ts';
import { isTooDeep } from '../../lib/json.ts';
import { oneLine } from '../../lib/text.ts';
import { invalidInput } from '../../results/answer.ts';

/**
 * Names that would change what is spent or destroyed if they were known, in lower case without `_`, and the
 * parameter that does what they mean; null where there is none.
 */
export type GuardedNames = Readonly<Record<string, string | null>>;

/** Refused in every such tool: whoever sends them does not expect anything to be spent or changed. */
const TRIALS: GuardedNames = { dryrun: null, preview: null, simulate: null, testmode: null };
/** The same as words of a longer name. */
const TRIAL_WORDS: GuardedNames = {
  dry: null,
  preview: null,
  simulate: null,
  simulation: null,
  simulated: null,
};

/** What a client sent, as the schema wants it. */
export interface Understood {
  input: unknown;
  /** What was left out, for both halves of the result. */
  notices: string[];
}

/** A parameter of another name this near to a known one is taken for it. Characters. */
const NEAR = 2;
/** Unknown parameters named in a notice. */
const MAX_NAMED = 10;
/** Nobody calls with more of them by mistake. */
const MAX_STRANGERS = 200;
/** A longer text is no JSON of an array or object that a model has written by hand. Characters. */
const MAX_JSON = 200_000;
/** A longer text is no list parted by commas. Characters. */
const MAX_LISTED = 100_000;

/**
 * Takes what clients send for what they mean: null, "" and [] on an optional parameter are no value; numbers
 * and booleans may be texts; a list may be JSON text, one value or values parted by commas; parameters that
 * nobody asked for are left out. What can't be understood stays as it is, for the schema to refuse by name.
 *
 * @param guarded Names refused, beside near misses of known ones, in a tool that spends or destroys.
 * @param words Words that are refused there wherever they stand in a name ("exclude_these"), the first one counting.
 * @throws {OpenFunnelError} `invalid_input` for such a name.
 */
export function understand(
  schema: z.ZodObject,
  given: unknown,
  guarded: GuardedNames | null,
  words: GuardedNames = {},
): Understood {
  const strangers = new Map<string, Stranger>();
  const input = as(schema, given ?? {}, (name, holds, known) => {
    const met = strangers.get(name);
    if (met) met.holds ||= holds;
    else if (strangers.size < MAX_STRANGERS) strangers.set(name, { name, holds, near: nearest(name, known) });
    else throw invalidInput(`More than ${MAX_STRANGERS} names are not parameters of this tool.`);
  });
  const all = [...strangers.values()];
  if (guarded) refuseNearMisses(all, { ...TRIALS, ...guarded }, { ...TRIAL_WORDS, ...words });
  return { input, notices: noticesOf(all) };
}

/** A name that is no parameter. */
interface Stranger {
  name: string;
  /** Whether it came with a value. */
  holds: boolean;
  /** The parameter whose name is near. */
  near: string | undefined;
}

/** Told of a name that is no parameter: whether it came with a value, and the names that are. */
type Meet = (name: string, holds: boolean, known: readonly string[]) => void;

function refuseNearMisses(strangers: readonly Stranger[], guarded: GuardedNames, words: GuardedNames): void {
  const said: string[] = [];
  for (const { name, holds, near } of strangers) {
    if (!holds) continue;
    const meant = meantBy(name, guarded, words);
    if (meant) said.push(`${quote(name)} is not a parameter: use ${meant}.`);
    else if (near !== undefined) said.push(`${quote(name)} is not a parameter: did you mean ${near}?`);
    else if (meant === null)
      said.push(`${quote(name)} is not a parameter, and this tool cannot do what it asks for: leave it out.`);
  }
  if (said.length > 0) throw invalidInput(said.slice(0, MAX_NAMED).join(' '));
}

/** The parameter that a guarded name stands for; null for none, undefined for a name that is not guarded. */
function meantBy(name: string, guarded: GuardedNames, words: GuardedNames): string | null | undefined {
  const given = plain(name);
  if (Object.hasOwn(guarded, given)) return guarded[given];
  // A letter more or less changes no meaning of a long one: "excludes".
  const like = Object.keys(guarded).find((each) => each.length >= 5 && editDistance(given, each, 1) <= 1);
  if (like !== undefined) return guarded[like];
  const said = wordsOf(name);
  const word = Object.keys(words).find((each) => said.includes(each));
  return word === undefined ? undefined : words[word];
}

/** "notLike" and "not_like" are the words "not" and "like". */
function wordsOf(name: string): string[] {
  return name
    .slice(0, 100)
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z]+/);
}

function noticesOf(strangers: readonly Stranger[]): string[] {
  if (strangers.length === 0) return [];
  const named = strangers
    .slice(0, MAX_NAMED)
    .map(({ name, near }) => quote(name) + (near === undefined ? '' : ` (did you mean ${near}?)`));
  const more = strangers.length > MAX_NAMED ? ` and ${strangers.length - MAX_NAMED} more` : '';
  return [`Ignored, as they are not parameters of this tool: ${named.join(', ')}${more}.`];
}

function nearest(name: string, known: readonly string[]): string | undefined {
  if (name.length > 100) return undefined;
  let best: string | undefined;
  let least = NEAR + 1;
  for (const candidate of known) {
    const distance = editDistance(plain(name), plain(candidate), NEAR);
    if (distance < least) {
      best = candidate;
      least = distance;
    }
  }
  return best;
}

function plain(name: string): string {
  return name.toLowerCase().replace(/[\s_-]/g, '');
}

function quote(name: string): string {
  return JSON.stringify(oneLine(name, 60));
}

/** Known fields that hold something, each as its schema wants it. */
function fields(
  schema: z.ZodObject,
  sent: Readonly<Record<string, unknown>>,
  meet: Meet,
): Record<string, unknown> {
  const understood: Record<string, unknown> = {};
  const known = Object.keys(schema.shape);
  for (const [name, value] of Object.entries(sent)) {
    if (!known.includes(name)) meet(name, !isNothing(value), known);
  }
  for (const [name, type] of Object.entries(schema.shape)) {
    if (!Object.hasOwn(sent, name)) continue;
    const value = as(core(type), sent[name], meet);
    if (value === undefined || (isNothing(value) && isOptional(type) && !isOption(core(type), value)))
      continue;
    understood[name] = value;
  }
  return understood;
}

/** `value` as `wanted` has it, or as it was where that can't be told. */
function as(wanted: z.core.$ZodType, value: unknown, meet: Meet): unknown {
  if (wanted instanceof z.ZodArray) return asList(core(wanted.element), value, meet);
  if (wanted instanceof z.ZodObject || wanted instanceof z.ZodRecord) {
    const parsed = typeof value === 'string' ? parsedAs(value, '{') : value;
    return wanted instanceof z.ZodObject && isRecord(parsed) ? fields(wanted, parsed, meet) : parsed;
  }
  if (wanted instanceof z.ZodNumber) return typeof value === 'string' ? asNumber(value) : value;
  if (wanted instanceof z.ZodBoolean) return asBoolean(value);
  if (wanted instanceof z.ZodEnum) return asOption(wanted.options.map(String), value);
  if (wanted instanceof z.ZodString) return asText(value);
  return value;
}

function asText(value: unknown): unknown {
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return Array.isArray(value) && value.length === 1 && typeof value[0] === 'string' ? value[0] : value;
}

function asNumber(text: string): unknown {
  return /^\s*[+-]?\d{1,15}(?:\.\d{1,15})?\s*$/.test(text) ? Number(text) : text;
}

/** A truth value that came as a text or number; anything else as it was. */
export function asBoolean(value: unknown): unknown {
  const text =
    typeof value === 'string' || typeof value === 'number' ? String(value).trim().toLowerCase() : '';
  if (['true', 'yes', 'on', '1'].includes(text)) return true;
  if (['false', 'no', 'off', '0'].includes(text)) return false;
  return value;
}

function asOption(options: readonly string[], value: unknown): unknown {
  if (typeof value !== 'string' || options.includes(value)) return value;
  const bare = (text: string) => text.toLowerCase().replace(/[\s_-]/g, '');
  return options.find((option) => bare(option) === bare(value)) ?? value;
}

/** Whether it is one of the values that may be chosen, such as a tab. */
function isOption(wanted: z.core.$ZodType, value: unknown): boolean {
  return wanted instanceof z.ZodEnum && typeof value === 'string' && wanted.options.includes(value);
}

function asList(element: z.core.$ZodType, value: unknown, meet: Meet): unknown {
  const items = Array.isArray(value) ? value : itemsOf(element, value);
  const wanted = items?.filter((item) => !isNothing(item));
  if (element instanceof z.ZodString) return wanted?.map((item) => asText(asReference(item))) ?? value;
  return wanted?.map((item) => as(element, item, meet)) ?? value;
}

/** A company that came as an object, as other tools and OpenFunnel itself have it, by the text that names it best. */
function asReference(item: unknown): unknown {
  if (!isRecord(item)) return item;
  const named = ['domain', 'linkedin_url', 'url', 'website', 'name'].find((key) => !isNothing(item[key]));
  return named === undefined ? item : item[named];
}

/** The items of a list that came as something else; undefined where it can't be told. */
export function itemsOf(element: z.core.$ZodType, value: unknown): unknown[] | undefined {
  if (value === null || value === undefined) return undefined;
  if (typeof value !== 'string') return [value];
  const text = value.trim();
  if (text === '') return [];
  const parsed = parsedAs(text, '[');
  if (Array.isArray(parsed)) return parsed;
  if (element instanceof z.ZodObject || element instanceof z.ZodRecord) {
    const one = parsedAs(text, '{');
    return isRecord(one) ? [one] : undefined;
  }
  if (text.length > MAX_LISTED) return undefined;
  // "['a', 'b']" is how Python writes a list, and how some models do.
  return text
    .replace(/^\[(.*)\]$/s, '$1')
    .split(/[,;\n]/)
    .map((item) => item.trim().replace(/^(["'])(.*)\1$/s, '$2'));
}

function parsedAs(text: string, opening: '[' | '{'): unknown {
  if (!text.trimStart().startsWith(opening) || text.length > MAX_JSON) return text;
  try {
    const parsed: unknown = JSON.parse(text);
    return isTooDeep(parsed) ? text : parsed;
  } catch {
    return text;
  }
}

/** The type itself, without what makes it optional, gives it a default or changes its value. */
function core(type: z.core.$ZodType): z.core.$ZodType {
  if (type instanceof z.ZodOptional || type instanceof z.ZodDefault || type instanceof z.ZodNullable)
    return core(type.unwrap());
  return type instanceof z.ZodPipe ? core(type.in) : type;
}

function isOptional(type: z.core.$ZodType): boolean {
  return z.safeParse(type, undefined).success;
}

/** What strict modes fill a parameter with that nobody gave. */
function isNothing(value: unknown): boolean {
  if (value === undefined || value === null) return true;
  if (typeof value === 'string') return ['', 'null', 'undefined'].includes(value.trim().toLowerCase());
  return Array.isArray(value) && value.every(isNothing);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
