// Reads what came over the wire or out of a store with suspicion: a part that is missing or of another kind becomes its
// empty value, so that nothing can break the page. Types are inferred from the readers (zod would weigh too much here).

/** Makes a value of its type of whatever it is given. */
export type Reader<T> = (value: unknown) => T;
export type Read<R> = R extends Reader<infer T> ? T : never;

export const text: Reader<string> = (value) => (typeof value === 'string' ? value : '');
export const textOrNull: Reader<string | null> = (value) => text(value) || null;
export const number: Reader<number | null> = (value) =>
  typeof value === 'number' && Number.isFinite(value) ? value : null;
export const count: Reader<number> = (value) => number(value) ?? 0;
/** SQLite tells yes as 1. */
export const flag: Reader<boolean> = (value) => value === true || value === 1;

/** One of these texts, else the other value. */
export function oneOf<const T extends string, const Other>(among: readonly T[], other: Other) {
  return (value: unknown): T | Other => among.find((each) => each === value) ?? other;
}

/** A list of such items; empty for anything else. */
export function listOf<T>(item: Reader<T>) {
  return (value: unknown): readonly T[] => (Array.isArray(value) ? value.map(item) : []);
}

export const texts: Reader<readonly string[]> = (value) => listOf(text)(value).filter((each) => each !== '');

/** The value where it is an object, else an empty one. */
export function record(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
}

/** An object with these parts and no others. */
export function objectOf<Shape extends Record<string, Reader<unknown>>>(shape: Shape) {
  type Parts = { [Name in keyof Shape]: Read<Shape[Name]> };
  return (value: unknown): Parts => {
    const given = record(value);
    return Object.fromEntries(
      Object.entries(shape).map(([name, read]) => [name, read(given[name])]),
    ) as Parts;
  };
}

export function all<Name extends string, T>(read: Reader<T>, ...names: Name[]) {
  return Object.fromEntries(names.map((name) => [name, read])) as Record<Name, Reader<T>>;
}

/** The same, or null where there is no object. */
export function orNull<T>(read: Reader<T>) {
  return (value: unknown): T | null => (typeof value === 'object' && value !== null ? read(value) : null);
}
