import { nextTurn } from './clock.ts';
import { OpenFunnelError } from './errors.ts';

/** A part of this program that can't be loaded: its files are not those that it was started from. */
export function programReplaced(cause: unknown): OpenFunnelError {
  return new OpenFunnelError(
    'invalid_configuration',
    "This server's own files were replaced while it ran, by an update or a build, and the code that this call needs had not been loaded. Ask the user to restart their MCP client.",
    { cause },
  );
}

const parts = new Set<() => Promise<unknown>>();

/**
 * A part of the program that no start waits for: loaded at the first need, or by `loadAll`. Where `load` fails, it
 * throws `programReplaced`, and the next need tries again. Every `import()` of the server stands in one.
 */
export function later<T>(load: () => Promise<T>): () => Promise<T> {
  let loading: Promise<T> | undefined;
  const part = () => {
    loading ??= load().catch((error: unknown) => {
      loading = undefined;
      throw programReplaced(error);
    });
    return loading;
  };
  parts.add(part);
  return part;
}

/** Loads all that was left for later, one after the other, so that calls are answered between. Never rejects. */
export async function loadAll(): Promise<void> {
  for (const part of parts) {
    await part().catch(() => {});
    await nextTurn();
  }
}
