import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { type Options, parse } from 'csv-parse/sync';
import { StdioServer } from '../../stdio-server.ts';
import { milliseconds, times } from './measure.ts';
import type { BenchOptions, Figure } from './types.ts';

const TARGET = 1.3;

/** A table's bytes, and what csv-parse has to be told of them. */
interface Table {
  bytes: Buffer;
  options?: Options;
}

/** Tables of so many companies, by what is special in them. */
function tables(count: number): Record<string, Table> {
  const table = (header: string, row: (index: number) => string, end = '\n', encoding?: 'latin1'): Table => {
    const rows = Array.from({ length: count }, (_, index) => `${row(index)}${end}`);
    return { bytes: Buffer.from(`${header}${end}${rows.join('')}`, encoding) };
  };
  const crm = 'Jane Doe,2024-05-17 10:21,,New York,United States,Software';
  return {
    'of domains': table('domain', (index) => `company-${index}.com`),
    'of names and websites': table(
      'name,website,country',
      (index) => `Company ${index} Inc,https://www.company-${index}.com,Germany`,
    ),
    'with every cell in quotes': table(
      '"name","website","country"',
      (index) => `"Company ${index}, Inc","https://www.company-${index}.com","Germany"`,
    ),
    'of nine columns': table(
      'Record ID,Company name,Owner,Created,Phone,City,Country,Industry,Company Domain Name',
      (index) => `${index},Company ${index},${crm},company-${index}.com`,
    ),
    'with semicolons and CRLF': {
      ...table('name;website', (index) => `Company ${index} Inc;https://www.company-${index}.com`, '\r\n'),
      options: { delimiter: ';' },
    },
    'in Windows-1252': {
      ...table(
        'name,website,country',
        (index) => `Société ${index},https://www.company-${index}.com,Allemagne`,
        '\n',
        'latin1',
      ),
      options: { encoding: 'latin1' },
    },
  };
}

/** An import by the built server against csv-parse alone, which only makes the cells of the same bytes. */
export async function benchImports({ short }: BenchOptions): Promise<Figure[]> {
  const count = short ? 5_000 : 200_000;
  const server = new StdioServer({ env: { OPENFUNNEL_API_KEY: 'of_bench' } });
  const exports = join(server.folder, 'exports');
  mkdirSync(exports, { recursive: true });
  const figures: Figure[] = [];
  try {
    await server.initialize();
    for (const [what, { bytes, options = {} }] of Object.entries(tables(count))) {
      const file = join(exports, 'table.csv');
      writeFileSync(file, bytes);
      const [ours, alone]: [number[], number[]] = [[], []];
      for (let round = 0; round < (short ? 2 : 7); round += 1) {
        let start = performance.now();
        const { structuredContent } = await server.call('import_known_companies', {
          list: 'bench',
          mode: 'replace',
          file: 'table.csv',
        });
        ours.push(performance.now() - start);
        if (structuredContent.companies_in_list !== count) throw new Error('not all were imported');
        start = performance.now();
        parse(readFileSync(file), options);
        alone.push(performance.now() - start);
      }
      // The least of each: what else runs on the machine only adds.
      const [least, base] = [Math.min(...ours), Math.min(...alone)];
      figures.push({
        area: 'imports',
        what: `a table of ${count} companies ${what}`,
        ours: milliseconds(least),
        baseline: `${milliseconds(base)} (csv-parse alone)`,
        ratio: times(least / base),
        target: short ? '' : `≤ × ${TARGET}`,
        met: short ? null : least / base <= TARGET,
      });
    }
  } finally {
    await server.close();
  }
  return figures;
}
