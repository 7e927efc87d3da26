import { chmodSync } from 'node:fs';
import { build } from 'esbuild';
import { listTools } from '../src/protocol/listing.ts';

// Bundles the server into one file: what a client waits for is Node compiling what it loads.
await build({
  entryPoints: ['src/index.ts'],
  outfile: 'dist/index.js',
  bundle: true,
  minify: true,
  platform: 'node',
  format: 'esm',
  target: 'node20.18',
  sourcemap: true,
  legalComments: 'none',
  logLevel: 'warning',
  // Loaded from node_modules at the first request and the first export.
  external: ['undici', 'csv-stringify'],
  alias: { ajv: './src/protocol/no-ajv.ts', 'ajv-formats': './src/protocol/no-ajv.ts' },
  // `tools/list` never changes, so its JSON Schemas are made here, not at every start.
  define: { BUILT_TOOLS: JSON.stringify(JSON.stringify(listTools())) },
});
chmodSync('dist/index.js', 0o755);
