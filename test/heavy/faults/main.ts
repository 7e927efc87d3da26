// Every fault there is, done to the built server: what was done, how often, what came back, what was lost.
import { parseArgs } from 'node:util';
import { renderTable } from '../../demo/table.ts';
import { runAll } from './run.ts';

const { values, positionals } = parseArgs({
  options: { sample: { type: 'boolean', default: false } },
  allowPositionals: true,
});
const findings = await runAll(positionals, values.sample);
const columns = [
  { title: 'done', field: 'done', width: 60 },
  { title: 'where', field: 'where', width: 90 },
  { title: 'how often', field: 'often', width: 12 },
  { title: 'came back', field: 'cameBack', width: 48 },
  { title: 'lost', field: 'lost', width: 60 },
  { title: 'holds', field: 'holds', width: 100 },
];
for (const line of renderTable(columns, merged(findings))) console.log(line);
const wrong = findings.filter((finding) => finding.wrong !== null);
for (const { done, where, often, wrong: what } of wrong)
  console.log(`WRONG: ${done}, ${where}, ${often}: ${what}`);
console.log(`\n${findings.length} cases, ${wrong.length} of them wrong`);
process.exitCode = wrong.length === 0 ? 0 : 1;

/** One line for all places where the same came of the same. */
function merged(all: Awaited<ReturnType<typeof runAll>>): Array<Record<string, unknown>> {
  const lines = new Map<string, Record<string, unknown> & { places: string[] }>();
  for (const { where, wrong: problem, ...rest } of all) {
    const holds = problem ?? 'yes';
    const key = JSON.stringify([rest, holds]);
    const line = lines.get(key) ?? { ...rest, holds, places: [] };
    line.places.push(where);
    lines.set(key, line);
  }
  return [...lines.values()].map(({ places, ...line }) => ({ ...line, where: places.join(', ') }));
}
