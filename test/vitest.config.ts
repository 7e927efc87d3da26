import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

/** The build comes before tests that drive the built server, or its thread of queries: see .github/CONTRIBUTING.md. */
const built = { globalSetup: ['test/build.ts'] };
/** Files of one worker share what is loaded: half of the time would go into loading it for each of them. */
const quick = { isolate: false };
const project = (name: string, testTimeout: number, rest: object = {}) => ({
  extends: true as const,
  test: { name, include: [`test/${name}/**/*.test.ts`], testTimeout, ...rest },
});

export default defineConfig({
  root: fileURLToPath(new URL('..', import.meta.url)),
  test: {
    // As many at a time as there are cores; vitest by itself leaves one idle.
    maxWorkers: '100%',
    // They start sooner than processes, and share their memory.
    pool: 'threads',
    // Asked for by `npm run coverage`: by what runs in this process, so of the unit and protocol projects.
    coverage: {
      provider: 'v8',
      include: ['src/**/*.ts'],
      exclude: ['src/index.ts', 'src/sandbox/**', 'src/view/**'],
      reporter: ['text'],
      thresholds: { lines: 90 },
    },
    projects: [
      project('unit', 30_000, quick),
      project('protocol', 30_000, { ...built, ...quick }),
      project('process', 30_000, { ...built, ...quick }),
      // One after the other: they measure, and fill the machine by themselves.
      project('heavy', 600_000, { ...built, fileParallelism: false }),
    ],
  },
});
