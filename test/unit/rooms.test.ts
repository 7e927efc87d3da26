import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const BIOME = join(ROOT, 'node_modules/@biomejs/biome/bin/biome');

/** An import that points up, from each room; where a room has no other reason to be refused than that. */
const UPWARDS = [
  ['lib', '../jobs/state.ts'],
  ['openfunnel', '../jobs/state.ts'],
  ['files', '../tools/catalogue.ts'],
  ['store', '../jobs/state.ts'],
  ['jobs', '../results/result.ts'],
  ['lists', '../tools/catalogue.ts'],
  ['results', '../tools/catalogue.ts'],
  ['tools', '../protocol/server.ts'],
  ['resources', '../protocol/server.ts'],
  ['prompts', '../protocol/server.ts'],
  ['protocol', '../compose.ts'],
  ['sandbox', '../lib/text.ts'],
  ['view', '../lib/text.ts'],
] as const;
/** Imports that every room may have. */
const DOWNWARDS = [
  ['jobs', '../openfunnel/wire.ts'],
  ['tools', '../results/result.ts'],
  ['protocol', '../tools/catalogue.ts'],
] as const;

test('the linter refuses an import that points up, and only that', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'rooms-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const config = JSON.parse(readFileSync(join(ROOT, '.biome.json'), 'utf8'));
  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  };
  write('biome.json', JSON.stringify({ ...config, $schema: undefined, root: true, vcs: undefined }));
  write('.lint/no-stdout.grit', readFileSync(join(ROOT, '.lint/no-stdout.grit'), 'utf8'));
  const sample = (path: string) => `import { nothing } from '${path}';\n\nexport const sample = nothing;\n`;
  for (const [room, path] of UPWARDS) write(`src/${room}/up.ts`, sample(path));
  for (const [room, path] of DOWNWARDS) write(`src/${room}/down.ts`, sample(path));
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [BIOME, 'lint', '--reporter=json', '--max-diagnostics=100', '.'],
    { cwd: folder },
  ).catch((error: { stdout: string }) => error);
  const { diagnostics } = JSON.parse(stdout) as {
    diagnostics: Array<{ category: string; location: { path: string | { file: string } } }>;
  };
  const refused = diagnostics
    .filter(({ category }) => category.endsWith('noRestrictedImports'))
    .map(({ location: { path } }) => (typeof path === 'string' ? path : path.file).replaceAll('\\', '/'));
  expect(refused.sort()).toEqual(UPWARDS.map(([room]) => `src/${room}/up.ts`).sort());
});
