// What the server costs, in one table. Prints and exits 0, also where a target is missed: it is no test.
import { cpus, release, totalmem, type } from 'node:os';
import { renderTable } from '../../demo/table.ts';
import { benchCollection } from './collection.ts';
import { benchConcurrency } from './concurrency.ts';
import { benchImports } from './imports.ts';
import { benchPolling } from './polling.ts';
import { benchQueries } from './queries.ts';
import { benchStartup } from './startup.ts';
import { benchTokens } from './tokens.ts';
import type { BenchOptions, Figure } from './types.ts';

const AREAS: Readonly<Record<string, (options: BenchOptions) => Promise<Figure[]>>> = {
  'start-up': benchStartup,
  collection: benchCollection,
  polling: benchPolling,
  tokens: benchTokens,
  concurrency: benchConcurrency,
  queries: benchQueries,
  imports: benchImports,
};
const COLUMNS = ['area', 'what', 'ours', 'baseline', 'ratio', 'target', 'met'].map((field) => {
  return { title: field, field, width: 80 };
});

const args = process.argv.slice(2);
const short = args.includes('--short');
const named = args.filter((arg) => arg !== '--short');
const figures: Figure[] = [];
for (const [area, bench] of Object.entries(AREAS)) {
  if (named.length > 0 && !named.includes(area)) continue;
  process.stderr.write(`${area} …\n`);
  figures.push(...(await bench({ short })));
}
const [cpu] = cpus();
console.log(
  `${cpu?.model.trim()} (${cpus().length} cores), ${Math.round(totalmem() / 2 ** 30)} GB, ${type()} ${release()}, Node ${process.version}, ${new Date().toISOString().slice(0, 10)}${short ? ', short form' : ''}`,
);
console.log();
const rows = figures.map((figure) => ({
  ...figure,
  met: figure.met === null ? '' : figure.met ? 'yes' : 'NO',
}));
for (const line of renderTable(COLUMNS, rows)) console.log(line);
