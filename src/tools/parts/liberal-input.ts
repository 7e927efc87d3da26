import * as z from 'zod';
import { editDistance, nearNames, plainName } from '../../lib/edit-distance.ts';
import { isRecord, isTooDeep, jsonIn } from '../../lib/json.ts';
import { oneLine } from '../../lib/text.ts';
import { invalidInput, type Said, saidOf } from '../../results/answer.ts';

/**
 * Names that would change what is spent or destroyed, by the parameter that does that (`none`: there is none), in lower
 * case without `_`; behind a semicolon, words that mean it wherever they stand in a longer name ("exclude_these").
 */
export type Guards = Readonly<Record<string, string>>;

/** Names that parameters had before, or have elsewhere, each with its name here or, of a switch, the item of a list. */
export type Aliases = Readonly<Record<string, string | { list: string; item: string }>>;

/** Refused in every such tool: whoever sends them does not expect anything to be spent or changed. */
const TRIALS: Guards = {
  none: 'dryrun preview simulate testmode; dry preview simulate simulation simulated',
};

/** A parameter of another name this near to a known one is taken for it. Characters. */
const NEAR = 2;
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
 * @param guards Names refused, beside near misses of known ones, in a tool that spends or destroys; the first counts.
 * @throws {OpenFunnelError} `invalid_input` for such a name.
 */
export function understand(schema: z.ZodObject, given: unknown, guards: Guards | null) {
  const strangers = new Map<string, Stranger>();
  const input = as(schema, given ?? {}, (name, holds, known) => {
    const met = strangers.get(name);
    if (met) met.holds ||= holds;
    else if (strangers.size < MAX_STRANGERS)
      strangers.set(name, { name, holds, near: nearNames(name, known, NEAR)[0] });
    else throw invalidInput(`More than ${MAX_STRANGERS} names are not parameters of this tool.`);
  });
  const all = [...strangers.values()];
  const refused = saidOf(all.map((stranger) => guards && refusalOf(stranger, guards)));
  if (refused.length > 0) throw invalidInput(refused.slice(0, MAX_NAMED).join(' '));
  const named = all
    .slice(0, MAX_NAMED)
    .map(({ name, near }) => quote(name) + (near === undefined ? '' : ` (did you mean ${near}?)`));
  const more = all.length > MAX_NAMED ? ` and ${all.length - MAX_NAMED} more` : '';
  const ignored = `Ignored, as they are not parameters of this tool: ${named.join(', ')}${more}.`;
  return { input, notices: all.length > 0 ? [ignored] : [] };
}

interface Stranger {
  name: string;
  holds: boolean;
  /** The parameter whose name is near. */
  near: string | undefined;
}

/** Told of a name that is no parameter: whether it came with a value, and the names that are. */
type Meet = (name: string, holds: boolean, known: readonly string[]) => void;

/** Why a tool that spends or destroys does not ignore a name, or nothing where it does. */
function refusalOf({ name, holds, near }: Stranger, guards: Guards): Said {
  if (!holds) return null;
  const meant = meantBy(name, guards);
  if (meant !== undefined && meant !== 'none') return `${quote(name)} is not a parameter: use ${meant}.`;
  if (near !== undefined) return `${quote(name)} is not a parameter: did you mean ${near}?`;
  return (
    meant && `${quote(name)} is not a parameter, and this tool cannot do what it asks for: leave it out.`
  );
}

/** The parameter that a name stands for, be it with a letter more or less, or else by a word in it. */
function meantBy(name: string, guards: Guards): string | undefined {
  const given = plainName(name);
  // "notLike" and "not_like" are the words "not" and "like".
  const said = name
    .slice(0, 100)
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z]+/);
  const all = [...Object.entries(TRIALS), ...Object.entries(guards)].map(([parameter, listed]) => {
    const [names = [], words = []] = listed.split(';').map((part) => part.split(' ').filter(Boolean));
    return { parameter, names, words };
  });
  const found =
    all.find(({ names }) => names.includes(given)) ??
    all.find(({ names }) => names.some((each) => each.length >= 5 && editDistance(given, each, 1) <= 1)) ??
    all.find(({ words }) => words.some((each) => said.includes(each)));
  return found?.parameter;
}

function quote(name: string): string {
  return JSON.stringify(oneLine(name, 60));
}

/** The arguments under their names of today. A name of today that is given too counts for more. */
export function renamed(input: unknown, aliases: Aliases): unknown {
  if (!isRecord(input)) return input;
  const given = { ...input };
  for (const [before, now] of Object.entries(aliases)) {
    if (!Object.hasOwn(given, before)) continue;
    const value = given[before];
    const on = asBoolean(value);
    // A switch that is neither on nor off stays as it is, to be named as no parameter.
    if (typeof now !== 'string' && typeof on !== 'boolean') continue;
    delete given[before];
    if (typeof now !== 'string') {
      if (on) given[now.list] = [...(itemsOf(z.string(), given[now.list]) ?? []), now.item];
    } else if (!Object.hasOwn(given, now)) given[now] = value;
  }
  return given;
}

function fields(
  schema: z.ZodObject,
  sent: Readonly<Record<string, unknown>>,
  meet: Meet,
): Record<string, unknown> {
  const understood: Record<string, unknown> = {};
  const known = Object.keys(schema.shape);
  for (const [name, value] of Object.entries(sent))
    if (!known.includes(name)) meet(name, !isNothing(value), known);
  for (const [name, type] of Object.entries(schema.shape)) {
    if (!Object.hasOwn(sent, name)) continue;
    const wanted = core(type);
    const value = as(wanted, sent[name], meet);
    const isOptional = z.safeParse(type, undefined).success;
    // A tab is one of the values that may be chosen.
    const isOption = wanted instanceof z.ZodEnum && z.safeParse(wanted, value).success;
    if (value !== undefined && !(isOptional && isNothing(value) && !isOption)) understood[name] = value;
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
  if (wanted instanceof z.ZodNumber) return asNumber(value);
  if (wanted instanceof z.ZodBoolean) return asBoolean(value);
  if (wanted instanceof z.ZodEnum) return asOption(wanted.options.map(String), value);
  if (wanted instanceof z.ZodString) return asText(value);
  return value;
}

function asText(value: unknown): unknown {
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return Array.isArray(value) && value.length === 1 && typeof value[0] === 'string' ? value[0] : value;
}

function asNumber(value: unknown): unknown {
  const isNumber = typeof value === 'string' && /^\s*[+-]?\d{1,15}(?:\.\d{1,15})?\s*$/.test(value);
  return isNumber ? Number(value) : value;
}

/** A truth value that came as a text or number; anything else as it was. */
function asBoolean(value: unknown): unknown {
  if (typeof value !== 'string' && typeof value !== 'number') return value;
  const text = String(value).trim().toLowerCase();
  if (['true', 'yes', 'on', '1'].includes(text)) return true;
  return ['false', 'no', 'off', '0'].includes(text) ? false : value;
}

function asOption(options: readonly string[], value: unknown): unknown {
  if (typeof value !== 'string' || options.includes(value)) return value;
  return options.find((option) => plainName(option) === plainName(value)) ?? value;
}

function asList(element: z.core.$ZodType, value: unknown, meet: Meet): unknown {
  const wanted = itemsOf(element, value)?.filter((item) => !isNothing(item));
  if (element instanceof z.ZodString) return wanted?.map((item) => asText(asReference(item))) ?? value;
  return wanted?.map((item) => as(element, item, meet)) ?? value;
}

/** A company that came as an object, as other tools and OpenFunnel itself have it, by the text that names it best. */
function asReference(item: unknown): unknown {
  if (!isRecord(item)) return item;
  const named = ['domain', 'linkedin_url', 'url', 'website', 'name'].find((key) => !isNothing(item[key]));
  return named === undefined ? item : item[named];
}

/** The items of a list, whatever it came as; undefined where that can't be told. */
function itemsOf(element: z.core.$ZodType, value: unknown): unknown[] | undefined {
  if (value === null || value === undefined) return undefined;
  if (Array.isArray(value)) return value;
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
  const parsed = jsonIn(text);
  return parsed === undefined || isTooDeep(parsed) ? text : parsed;
}

/** The type itself, without what makes it optional, gives it a default or changes its value. */
function core(type: z.core.$ZodType): z.core.$ZodType {
  if (type instanceof z.ZodOptional || type instanceof z.ZodDefault || type instanceof z.ZodNullable)
    return core(type.unwrap());
  return type instanceof z.ZodPipe ? core(type.in) : type;
}

/** What strict modes fill a parameter with that nobody gave. */
function isNothing(value: unknown): boolean {
  if (value === undefined || value === null) return true;
  if (typeof value === 'string') return ['', 'null', 'undefined'].includes(value.trim().toLowerCase());
  return Array.isArray(value) && value.every(isNothing);
}
