import { isAbsolute } from 'node:path';
import * as z from 'zod';
import type { Clock } from '../lib/clock.ts';
import { AppendLog } from './append-log.ts';

/** In the platform's usual folder: the folders that environments have moved it to. */
const FILE_NAME = 'folders.jsonl';
/** Folders that are looked at; the ones noted last. */
const MAX_FOLDERS = 50;

const folderRecord = z.looseObject({ folder: z.string().refine(isAbsolute) });

/**
 * The other folders in which servers of this user may keep their ledger. Some clients pass the variables on that move
 * it (`XDG_STATE_HOME`, `LOCALAPPDATA`) and others don't, so the usual folder is looked at too, and notes where it was
 * moved to.
 */
export class StateFolders {
  readonly #own: string;
  readonly #usual: string;
  readonly #log: AppendLog<z.infer<typeof folderRecord>>;

  constructor(own: string, usual: string, clock: Pick<Clock, 'monotonic' | 'sleep'>) {
    this.#own = own;
    this.#usual = usual;
    this.#log = new AppendLog({
      directory: usual,
      fileName: FILE_NAME,
      clock,
      parse: (value) => folderRecord.safeParse(value).data,
    });
  }

  /** The other folders as noted by now, where this server's own is noted as well. Never rejects. */
  async others(): Promise<string[]> {
    await this.#log.read().catch(() => {});
    const moved = this.#log.records.map(({ folder }) => folder);
    if (this.#own !== this.#usual && !moved.includes(this.#own))
      await this.#log.append([{ folder: this.#own }], false).catch(() => {});
    const others = new Set([this.#usual, ...[...new Set(moved)].slice(-MAX_FOLDERS)]);
    return [...others].filter((folder) => folder !== this.#own);
  }
}
