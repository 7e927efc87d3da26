import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const project = (name: string, folders: readonly string[], rest: object) => ({
  extends: true as const,
  test: { name, include: folders.map((folder) => `test/${folder}/**/*.test.ts`), ...rest },
});

export default defineConfig({
  root: fileURLToPath(new URL('..', import.meta.url)),
  test: {
    // One more than there are cores, as tests wait for processes and files; vitest by itself leaves a core idle.
    maxWorkers: availableParallelism() + 1,
    // They start sooner than processes, and share their memory.
    pool: 'threads',
    // Before tests that drive the built server, or its thread of queries: see .github/CONTRIBUTING.md.
    globalSetup: ['test/build.ts'],
    // Asked for by `npm run coverage`: by what runs in this process, so of the unit and protocol tests.
    coverage: {
      provider: 'v8',
      include: ['src/**/*.ts'],
      exclude: ['src/index.ts', 'src/sandbox/**', 'src/view/**'],
      reporter: ['text'],
      thresholds: { lines: 90 },
    },
    projects: [
      // Files of one worker share what is loaded: half of the time would go into loading it for each of them.
      project('light', ['unit', 'protocol', 'process'], { testTimeout: 30_000, isolate: false }),
      // One after the other: they measure, and fill the machine by themselves.
      project('heavy', ['heavy'], { testTimeout: 600_000, fileParallelism: false }),
    ],
  },
});
