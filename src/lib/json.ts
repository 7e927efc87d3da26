/** Levels of lists and objects in what others wrote; no company and no call has a tenth of them. */
export const MAX_LEVELS = 100;

export const TOO_DEEP = `…[cut: nested deeper than ${MAX_LEVELS} levels]`;

/** JSON that others wrote, cut at `MAX_LEVELS`: recursion would run out of stack. Throws for what is no JSON. */
export function parseShallow(text: string): unknown {
  const value: unknown = JSON.parse(text);
  const deep = containersAt(value, MAX_LEVELS);
  for (const parent of deep)
    for (const [key, inner] of Object.entries(parent))
      if (isContainer(inner)) Object.defineProperty(parent, key, { value: TOO_DEEP });
  return value;
}

/** What a text says as JSON; undefined where it is none. */
export function jsonIn(text: string, parse: (text: string) => unknown = JSON.parse): unknown {
  try {
    return parse(text);
  } catch {
    return undefined;
  }
}

export function isTooDeep(value: unknown): boolean {
  return containersAt(value, MAX_LEVELS + 1).length > 0;
}

type Container = Record<string, unknown> | unknown[];

/** The lists and objects that lie at a level, the value's own being 1; found without recursion. */
function containersAt(value: unknown, level: number): Container[] {
  let here: Container[] = isContainer(value) ? [value] : [];
  for (let at = 1; at < level && here.length > 0; at += 1) {
    const below: Container[] = [];
    for (const each of here)
      for (const inner of Object.values(each)) if (isContainer(inner)) below.push(inner);
    here = below;
  }
  return here;
}

function isContainer(value: unknown): value is Container {
  return typeof value === 'object' && value !== null;
}

/** Whether a value is an object, and no list. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
