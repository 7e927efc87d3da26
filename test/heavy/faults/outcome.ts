import type { RawResult } from '../../stdio-server.ts';

/** Said where the key was found in what the server wrote. */
export const KEY_OUT = 'THE KEY WAS LET OUT';

/** The code of a call's error, or "ok". */
export function codeOf(result: RawResult): string {
  return result.isError ? String(result.structuredContent?.error?.code) : 'ok';
}

/** What did not hold, in one line, or null. */
export function joined(wrong: Array<string | null>): string | null {
  return wrong.filter((each) => each !== null).join('; ') || null;
}
