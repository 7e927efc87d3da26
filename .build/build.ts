import { chmodSync, copyFileSync, existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { type BuildOptions, build, type Metafile } from 'esbuild';
import packageJson from '../package.json' with { type: 'json' };
import { listTools } from '../src/protocol/listing.ts';
import { licensesOf } from './licenses.ts';
import { buildView } from './view.ts';

// Bundles the server: what a client waits for is Node compiling what it loads.
// The parts of an earlier build have other names.
for (const name of existsSync('dist') ? readdirSync('dist') : [])
  if (name.startsWith('part-')) rmSync(`dist/${name}`, { force: true });
const common: BuildOptions = {
  bundle: true,
  minify: true,
  platform: 'node',
  format: 'esm',
  target: 'node20.18',
  sourcemap: true,
  metafile: true,
  legalComments: 'none',
  logLevel: 'warning',
  // Loaded from node_modules at the first request.
  external: Object.keys(packageJson.dependencies),
};
// What Node reads first tells an old one that it is too old; it must not need anything newer itself.
await build({
  entryPoints: ['src/bootstrap.ts'],
  outfile: 'dist/index.js',
  target: 'node10',
  supported: { 'dynamic-import': true },
  define: { NEEDED_NODE: JSON.stringify(packageJson.engines.node.replace('>=', '')) },
});
const server = await build({
  ...common,
  entryPoints: { server: 'src/index.ts' },
  outdir: 'dist',
  // What is loaded later has files of its own, so that a start does not wait for it.
  splitting: true,
  chunkNames: 'part-[name]-[hash]',
  alias: { ajv: './src/protocol/no-ajv.ts', 'ajv-formats': './src/protocol/no-ajv.ts' },
  // `tools/list` never changes, so its JSON Schemas are made here, not at every start.
  define: { BUILT_TOOLS: JSON.stringify(JSON.stringify(listTools())) },
});
// The thread in which SQLite runs is begun from memory, so it is one script with all that it needs, but for SQLite
// itself, which lies beside it (src/sql/program.ts).
const worker = await build({
  ...common,
  entryPoints: ['src/sql/worker.ts'],
  outfile: 'dist/sql-worker.cjs',
  format: 'cjs',
  // sql.js asks where it lies, to find what it is given here.
  define: { __dirname: '""' },
});
copyFileSync('node_modules/sql.js/dist/sql-wasm.wasm', 'dist/sql-wasm.wasm');
const bundles: Metafile[] = [server.metafile, worker.metafile].flatMap((each) => each ?? []);
chmodSync('dist/index.js', 0o755);
// Beside it, and not in it: read where a client asks for it, it costs no start.
const view = await buildView(packageJson.version, (metafile) => bundles.push(metafile));
writeFileSync('dist/view.html', view);
writeFileSync('dist/LICENSES.txt', licensesOf(bundles));
