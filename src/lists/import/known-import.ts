import { type KnownLists, ListChangedError, ListDamagedError } from '../../disk/known-lists.ts';
import { importRefused } from '../../files/import-file.ts';
import { counted, quoted } from '../../lib/text.ts';
import { type FromSource, readSource } from './import-source.ts';
import type { ImportMode } from './import-terms.ts';
import { KnownEntries } from './known-entries.ts';

export interface ImportRequest {
  /** In normal form: see `listName`. */
  list: string;
  mode: ImportMode;
  from: FromSource;
}

export type Imported = Awaited<ReturnType<typeof importOnce>>;

const MAX_COMPANIES = 500_000;
/** More than there are changes at once: a change fails only where another one is made. */
const MAX_TRIES = 500;

/**
 * Adds companies to a list, replaces or removes them: all of it or nothing, whatever other servers do meanwhile.
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
      if (!(error instanceof ListChangedError)) throw error;
      if (tries === MAX_TRIES)
        throw importRefused('Others change this list all the time. Call again when they are done.', error);
    }
  }
}

async function importOnce(
  known: KnownLists,
  directory: string,
  { list, mode, from }: ImportRequest,
  signal: AbortSignal,
) {
  // What can't be known is not changed, as what it held would be gone without a word; only replace writes it anew.
  const before = await known.find(list).catch((error: unknown) => {
    if (error instanceof ListDamagedError && mode === 'replace') return null;
    throw error;
  });
  const entries = new KnownEntries();
  if (before !== null && mode !== 'replace') for (const entry of before.entries) entries.add(entry, true);
  // What is to be removed is one company each, too.
  const named = mode === 'remove' ? new KnownEntries() : entries;
  const counts = { added: 0, removed: 0, already_there: 0, not_there: 0, repeated: 0 };
  const source = await readSource(directory, from, signal, (entry) => {
    counts[named.add(entry, false)] += 1;
    if (entries.size > MAX_COMPANIES)
      throw importRefused(`The list would have more than ${MAX_COMPANIES} companies.`);
  });
  // What names nobody takes no list away; no companies at all do.
  const nobody = source.used === 0 && !('companies' in from && from.companies.length === 0);
  if (nobody && mode === 'replace') {
    const [first] = [...source.unusable.values()].flatMap(({ examples }) => examples);
    const such = first ? ` (line ${first.line}: ${quoted(first.text, 80)})` : '';
    throw importRefused(
      `None of ${counted(source.read, 'entry')} names a company${such}, so the list was left as it was.`,
    );
  }
  if (mode === 'remove') {
    counts.added = 0;
    for (const entry of named) {
      const removed = entries.remove(entry);
      counts.removed += removed;
      if (removed === 0) counts.not_there += 1;
    }
  }
  const written = await known.write(list, before?.generation ?? null, entries);
  return { ...source, ...counts, list, mode, joined: entries.joined, companies_in_list: written.entries };
}
