/** The thread of queries, as it is built before the tests: a worker thread can't load TypeScript. */
export const QUERY_THREAD = new URL('../dist/query-worker.js', import.meta.url);
