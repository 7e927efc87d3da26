import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

/** Tests that drive the built server are preceded by the build; see .github/CONTRIBUTING.md for what goes where. */
const built = { globalSetup: ['test/build.ts'] };
const project = (name: string, testTimeout: number, rest: object = {}) => ({
  extends: true as const,
  test: { name, include: [`test/${name}/**/*.test.ts`], testTimeout, ...rest },
});

export default defineConfig({
  root: fileURLToPath(new URL('..', import.meta.url)),
  test: {
    projects: [
      project('unit', 30_000),
      project('protocol', 30_000),
      project('process', 30_000, built),
      // One after the other: they measure, and fill the machine by themselves.
      project('heavy', 600_000, { ...built, fileParallelism: false }),
    ],
  },
});
