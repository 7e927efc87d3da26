import { systemClock } from '../src/lib/clock.ts';
import { SqlThread } from '../src/sql/thread.ts';

/** The file of the thread in which SQLite runs, as it is built before the tests: a worker thread can't load TypeScript. */
export const SQL_THREAD = new URL('../dist/sql-worker.cjs', import.meta.url);

/** One thread for all servers of a test's process: it holds nothing that is a server's own. */
export const sharedThread = new SqlThread({ file: SQL_THREAD, clock: systemClock });
