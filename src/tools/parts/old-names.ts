import * as z from 'zod';
import { asBoolean, itemsOf } from './liberal-input.ts';

/** What a parameter of another name is today: a parameter, or, where it was a switch, an item of a list. */
export type Alias = string | { list: string; item: string };

/** Names that parameters had before, or have elsewhere, each with what it is called here. */
export type Aliases = Readonly<Record<string, Alias>>;

/** The arguments under their names of today. A name of today that is given too counts for more. */
export function renamed(input: unknown, aliases: Aliases): unknown {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) return input;
  const given: Record<string, unknown> = { ...input };
  for (const [before, now] of Object.entries(aliases)) {
    if (!Object.hasOwn(given, before)) continue;
    const value = given[before];
    if (typeof now === 'string') {
      if (!Object.hasOwn(given, now)) given[now] = value;
      delete given[before];
      continue;
    }
    const on = asBoolean(value);
    // What is neither yes nor no stays as it is, to be named as no parameter.
    if (typeof on !== 'boolean') continue;
    if (on) given[now.list] = [...(listed(given[now.list]) ?? []), now.item];
    delete given[before];
  }
  return given;
}

function listed(value: unknown): unknown[] | undefined {
  return Array.isArray(value) ? value : itemsOf(z.string(), value);
}
