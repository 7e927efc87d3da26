import { type KnownLists, ListChangedError, ListDamagedError } from '../../disk/known-lists.ts';
import { importRefused } from '../../files/import-file.ts';
import { quoted } from '../../lib/text.ts';
import { type FromSource, readSource, type Source } from './import-source.ts';
import type { ImportMode } from './import-terms.ts';
import { KnownEntries } from './known-entries.ts';

export interface ImportRequest {
  /** In normal form: see `listName`. */
  list: string;
  mode: ImportMode;
  /** Companies as texts, or the bare name of a file in the export folder. */
  from: FromSource;
}

/** What an import did. */
export interface Imported extends Source {
  list: string;
  mode: ImportMode;
  /** Companies that are in the list now and were not, or, of `remove`, the other way round. */
  changed: number;
  /** Read, but in the list already; of `remove`, read and not in the list. */
  unchanged: number;
  /** The same company again in what was read. */
  repeated: number;
  /** Companies of the list that were two until what was read joined them. */
  joined: number;
  /** Companies in the list now; 0 where it was deleted. */
  companies: number;
  /** The company that a fifth of the rows or more were found to be, which is seldom right. */
  suspect: { key: string; rows: number } | null;
}

/** Companies that a list can have. */
const MAX_COMPANIES = 500_000;
const MAX_TRIES = 20;
/** Rows that one company may have in what is read before it is suspect, and their share. */
const SUSPECT_ROWS = 20;
const SUSPECT_SHARE = 0.2;

/**
 * Adds companies to a list, replaces or removes them: all of it or nothing, whatever other servers do meanwhile.
 *
 * @param directory The export folder.
 * @throws {OpenFunnelError} `invalid_input` for what can't be read.
 */
export async function importCompanies(
  known: KnownLists,
  directory: string,
  request: ImportRequest,
  signal: AbortSignal,
): Promise<Imported> {
  for (let tries = 1; ; tries += 1) {
    signal.throwIfAborted();
    try {
      return await importOnce(known, directory, request, signal);
    } catch (error) {
      if (error instanceof ListDamagedError)
        throw importRefused(
          `In the state folder ${error.message}. Ask the user for the list's source and import it with mode replace, which writes it anew.`,
          error,
        );
      // Changed by another server meanwhile, or its old state is gone: done again on top of what it is now.
      const changed = error instanceof ListChangedError || (error as NodeJS.ErrnoException).code === 'ENOENT';
      if (!changed || tries >= MAX_TRIES) throw error;
    }
  }
}

async function importOnce(
  known: KnownLists,
  directory: string,
  { list, mode, from }: ImportRequest,
  signal: AbortSignal,
): Promise<Imported> {
  // What can't be known is not changed, as what it held would be gone without a word; only replace writes it anew.
  const before = await known.find(list).catch((error: unknown) => {
    if (error instanceof ListDamagedError && mode === 'replace') return null;
    throw error;
  });
  const entries = new KnownEntries();
  if (before !== null && mode !== 'replace')
    for (const entry of await known.read(before)) entries.add(entry, true);
  // What is to be removed is one company each, too.
  const named = mode === 'remove' ? new KnownEntries() : entries;
  const added = { new: 0, there: 0, repeated: 0 };
  const source = await readSource(directory, from, signal, (entry) => {
    added[named.add(entry, false)] += 1;
    if (entries.size > MAX_COMPANIES)
      throw importRefused(`The list would have more than ${MAX_COMPANIES} companies.`);
  });
  // What names nobody takes no list away; no companies at all do.
  const nobody = source.used === 0 && !('companies' in from && from.companies.length === 0);
  if (nobody && mode === 'replace')
    throw importRefused(
      `None of ${source.read} entries names a company${firstOf(source)}, so the list was left as it was.`,
    );
  const counts = { changed: added.new, unchanged: added.there, repeated: added.repeated };
  const most = mode === 'remove' ? null : entries.most();
  if (mode === 'remove') {
    const removed = [...named].map((entry) => entries.remove(entry));
    counts.changed = removed.reduce((sum, each) => sum + each, 0);
    counts.unchanged = removed.filter((each) => each === 0).length;
  }
  const isSuspect = most && most.times >= SUSPECT_ROWS && most.times >= source.read * SUSPECT_SHARE;
  const suspect = isSuspect ? { key: most.key, rows: most.times } : null;
  const written = await known.write(list, before?.generation ?? null, entries);
  return { ...source, ...counts, list, mode, joined: entries.joined, companies: written.entries, suspect };
}

/** The first entry that names no company, in words. */
function firstOf({ unusable }: Source): string {
  const [first] = Object.values(unusable).flatMap(({ examples }) => examples);
  return first === undefined ? '' : ` (line ${first.line}: ${quoted(first.text, 80)})`;
}
