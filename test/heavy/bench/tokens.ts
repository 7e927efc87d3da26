import { encode } from 'gpt-tokenizer/encoding/o200k_base';
import { pageName } from '../../../src/reading/read-ahead.ts';
import { realPages } from '../../real-rows.ts';
import { type RawResult, StdioServer } from '../../stdio-server.ts';
import { BENCH_KEY, serverEnv, startApi } from './api-process.ts';
import { median, times } from './measure.ts';
import type { BenchOptions, Figure } from './types.ts';

const TARGET_CATALOGUE = 4_000;
const TARGET_600 = 6_000;
/** Recorded pages there are; longer jobs repeat them. */
const DISTINCT_PAGES = realPages?.length ?? 12;

const tokens = (value: unknown) => encode(JSON.stringify(value)).length;

/** What results and the catalogue cost a model, against the raw upstream JSON passed through. */
export async function benchTokens({ short }: BenchOptions): Promise<Figure[]> {
  const api = await startApi(0);
  const server = new StdioServer({ env: serverEnv(api) });
  try {
    await server.initialize();
    const { tools } = (await server.request('tools/list')) as { tools: Array<Record<string, unknown>> };
    const given = tools.map(({ name, description, inputSchema }) => ({ name, description, inputSchema }));
    const raw: number[] = [];
    for (let page = 0; page < (short ? 1 : DISTINCT_PAGES); page += 1) {
      const path = `/api/v1/account/search-lookalikes-bulk/done-100?cursor=${pageName(page)}`;
      const answer = await fetch(api.url + path, { headers: { 'x-api-key': BENCH_KEY } });
      raw.push(tokens(await answer.json()));
    }
    const rawOf = (pages: number) =>
      Array.from({ length: pages }, (_, page) => raw[page % raw.length] ?? 0).reduce((sum, n) => sum + n, 0);
    const line = (what: string, result: RawResult, pages: number, target: number, said: string): Figure => {
      const { content, structuredContent } = result;
      const whole = tokens({ content, structuredContent });
      const parts = `text ${count(tokens(content[0]?.text ?? ''))} + structured ${count(tokens(structuredContent))}`;
      return {
        area: 'tokens',
        what,
        ours: `${count(whole)} (${parts})`,
        baseline: `${count(rawOf(pages))} (raw JSON)`,
        ratio: times(rawOf(pages) / whole),
        target: said,
        met: whole <= target,
      };
    };
    const pageRatios: number[] = [];
    for (const [page, cost] of raw.entries()) {
      const result = await server.call('get_bulk_page', { job_id: 'done-100', cursor: pageName(page) });
      pageRatios.push(cost / tokens(result));
    }
    const figures = [
      {
        area: 'tokens',
        what: `catalogue of ${tools.length} tools`,
        ours: count(tokens(given)),
        baseline: '',
        ratio: '',
        target: `< ${count(TARGET_CATALOGUE)}`,
        met: tokens(given) < TARGET_CATALOGUE,
      },
      line(
        'get_bulk_page, 100 rows',
        await server.call('get_bulk_page', { job_id: 'done-1' }),
        1,
        rawOf(1) / 5,
        '≤ a fifth of raw',
      ),
      {
        area: 'tokens',
        what: `get_bulk_page, each of ${pageRatios.length} pages: median, worst`,
        ours: '',
        baseline: '',
        ratio: `${times(median(pageRatios))}, ${times(Math.min(...pageRatios))}`,
        target: '≥ × 5',
        met: median(pageRatios) >= 5,
      },
    ];
    for (const [pages, target] of [
      [1, rawOf(1) / 5],
      [6, TARGET_600],
      [100, rawOf(100) / 5],
    ] as const) {
      const result = await server.call('wait_and_collect', { job_id: `done-${pages}` });
      const said = pages === 6 ? `≤ ${count(TARGET_600)}` : '≤ a fifth of raw';
      figures.push(line(`wait_and_collect, ${count(pages * 100)} rows`, result, pages, target, said));
    }
    return figures;
  } finally {
    await server.close();
    api.stop();
  }
}

function count(value: number): string {
  return Math.round(value).toLocaleString('en');
}
