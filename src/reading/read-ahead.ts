import { setMaxListeners } from 'node:events';
import { unlessAborted } from '../lib/deadline.ts';
import { OpenFunnelError, orFailure } from '../lib/errors.ts';
import { passing } from '../openfunnel/retry.ts';
import { isTerminal, type JobPage } from '../openfunnel/wire.ts';
import { promised } from './state.ts';

/** Pages asked for and not taken yet, at the most; the client's gate lets fewer requests out. */
const MAX_AHEAD = 16;
type Read = (cursor: string, signal: AbortSignal) => Promise<JobPage>;
const NUMBERED = /^page_(\d{4,})$/;

/**
 * Reads pages of an ended job before they are asked for, on the word of the manifest and of the names `page_%04d`
 * (contract, "status and one page"; both are seen, not promised). A page is only handed out for exactly the cursor that
 * the chain names; where the chain goes another way, or a page is refused, every page from there on is simply read when
 * asked for.
 * @param read Reads the page that a cursor names. @param first The job's first page.
 */
export function pagesAhead(read: Read, first: JobPage) {
  const number = pageNumber(first.page ?? '');
  const pages = promised(first, 'pages') ?? 0;
  const early = new Map<string, Promise<JobPage>>();
  const ending = new AbortController();
  setMaxListeners(0, ending.signal);
  let next = (number ?? 0) + 1;
  let guessing = isTerminal(first.status) && number !== null && first.next_cursor === pageName(next);

  /** Gives up what is under way and reads nothing ahead any more. */
  function stop(): void {
    guessing = false;
    early.clear();
    ending.abort();
  }

  /** The page that `cursor` names. Fails as `read` does. */
  async function getPage(cursor: string, signal: AbortSignal): Promise<JobPage> {
    for (; guessing && early.size < MAX_AHEAD && next < pages; next += 1) {
      const page = read(pageName(next), ending.signal);
      // Whether it failed matters only once the chain gets there.
      page.catch(() => {});
      early.set(pageName(next), page);
    }
    const begun = early.get(cursor);
    if (begun) {
      early.delete(cursor);
      const page = await orFailure(unlessAborted(signal, begun), signal);
      if (!(page instanceof OpenFunnelError)) return page;
      // A wait that upstream asked for, and that this call has no time for, is not answered with another request.
      if (page.retryAfterSeconds !== null) throw page;
      // What comes and goes says nothing about the other pages; anything else, that the guess was wrong.
      if (!passing(page)) stop();
    } else stop();
    return read(cursor, signal);
  }

  return { getPage, stop };
}

/** Number in a page's name, or null where it has none. */
export function pageNumber(name: string): number | null {
  const digits = NUMBERED.exec(name)?.[1];
  return digits === undefined ? null : Number(digits);
}

/** Name of a page as seen live: `page_%04d`. */
export function pageName(number: number): string {
  return `page_${String(number).padStart(4, '0')}`;
}
