import { fileURLToPath, pathToFileURL } from 'node:url';
import { buildSync } from 'esbuild';

const OUTPUT = fileURLToPath(
  new URL(`../node_modules/.cache/query-thread-${process.pid}.mjs`, import.meta.url),
);
let built = false;

/** The thread of queries from the sources, for tests that run the server in their own process. */
export function queryThread(): URL {
  if (!built) {
    buildSync({
      entryPoints: [fileURLToPath(new URL('../src/lists/query/worker.ts', import.meta.url))],
      outfile: OUTPUT,
      bundle: true,
      platform: 'node',
      format: 'esm',
      external: ['sql.js'],
    });
    built = true;
  }
  return pathToFileURL(OUTPUT);
}
