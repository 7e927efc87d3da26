import { readFileSync } from 'node:fs';
import { parse } from 'csv-parse/sync';
import { describe, expect, test } from 'vitest';
import { call, connect } from '../harness.ts';

// A whole list bought in the way that `pilot_and_scale` describes, by a user who judges companies by their texts alone.

const SEEDS = ['ramp.com', 'brex.com'];
const QUERY = 'corporate cards and spend management for start-ups';
/** What the sandbox's companies that are none of those looked for say of themselves. */
const OTHERS = /consultancy|agency|directory/;

async function play() {
  const client = await connect({ OPENFUNNEL_SANDBOX_SPEED: '1000' }, ['--sandbox']);
  let calls = 0;
  const tool = async (name: string, args: Record<string, unknown>) => {
    calls += 1;
    const called = await call(client, name, args);
    expect(called.isError, called.text).toBe(false);
    return called;
  };
  const bought = async (args: Record<string, unknown>) => {
    const { data } = await tool('submit_lookalikes_bulk', { seed_domains: SEEDS, ...args });
    expect((await tool('wait_and_collect', { job_id: data.job_id })).data.complete).toBe(true);
    return data as { job_id: string; notices: string[] };
  };
  const judged = async (job_id: string, size: number) => {
    const { data } = await tool('get_review_batch', { job_id, size, order: 'spread' });
    const marks = (data.rows as unknown[][]).map((cells) => ({
      row: Number(cells[0]),
      verdict: OTHERS.test(cells.join(' ')) ? 'drop' : 'keep',
    }));
    expect(marks.length).toBeGreaterThan(size / 2);
    return (await tool('mark_companies', { job_id, marks })).data;
  };
  /** How much of a list is right in truth, which the user does not know. */
  const truth = async (job_id: string, rows?: string) => {
    const sql =
      "SELECT avg(match_reason LIKE '% because it offers %') FROM companies WHERE match_reason IS NOT NULL";
    const { data } = await call(client, 'query_companies', { sql, job_ids: [job_id], ...(rows && { rows }) });
    return Number(data.rows[0][0]);
  };
  return { client, tool, bought, judged, truth, calls: () => calls };
}

test('pilot, verdicts, better search, full list, file: in ten calls, and each step tells the next', async () => {
  const { tool, bought, judged, truth, calls } = await play();
  const pilot = await bought({ limit: 30 });
  expect(pilot.notices.join()).toContain('seeds alone');
  await judged(pilot.job_id, 30);

  const full = await bought({ query: QUERY, limit: 300 });
  expect(full.notices.join()).toMatch(
    new RegExp(
      `job ${pilot.job_id} .*of 300, about \\d+ \\(\\d+–\\d+\\) fit, \\d\\.\\d credits a fitting company`,
    ),
  );
  const { fit } = await judged(full.job_id, 20);
  const rows = `1-${fit?.stop_at ?? 200}`;
  const { data } = await tool('export_bulk_results', { job_id: full.job_id, rows, exclude: ['dropped'] });
  expect(calls()).toBeLessThanOrEqual(10);

  const written = parse(readFileSync(data.path), { columns: true, bom: true }) as Array<
    Record<string, string>
  >;
  expect(written).toHaveLength(data.rows);
  expect(written.some(({ verdict }) => verdict === 'drop')).toBe(false);
  // The query found more than the seeds alone, and the ranks kept more than the whole list.
  expect(await truth(full.job_id, '1-200')).toBeGreaterThan((await truth(pilot.job_id)) + 0.1);
  expect(await truth(full.job_id, rows)).toBeGreaterThan(await truth(full.job_id));
});

describe('the prompt pilot_and_scale', () => {
  const text = async (args: Record<string, string>) => {
    const { client } = await play();
    const { messages } = await client.getPrompt({ name: 'pilot_and_scale', arguments: args });
    const [first] = messages;
    return first?.content.type === 'text' ? first.content.text : '';
  };

  test('names tools and parameters that there are, in the order in which they are called', async () => {
    const { client } = await play();
    const { tools } = await client.listTools();
    const said = await text({ seeds: 'Ramp, Brex', criteria: 'issues cards', how_many: '400' });
    expect(said).toContain('"Ramp, Brex"');
    expect(said).toContain('"issues cards"');
    expect(said).toContain('"400"');
    expect(said).toContain('for 30 credits we see how many of such companies are right');
    const named = [...said.matchAll(/[a-z]+(?:_[a-z]+)+/g)].map(([name]) => name);
    const parameters = tools.flatMap(({ inputSchema }) => Object.keys(inputSchema.properties ?? {}));
    const known = new Set([...tools.map(({ name }) => name), ...parameters]);
    expect(named.filter((name) => !known.has(name))).toEqual([]);
    const steps = named.filter((name) => tools.some((tool) => tool.name === name));
    expect([...new Set(steps)]).toEqual([
      'lookup_companies',
      'submit_lookalikes_bulk',
      'wait_and_collect',
      'get_review_batch',
      'mark_companies',
      'export_bulk_results',
    ]);
  });

  test.each([{ seeds: 'ramp.com' }, { criteria: 'issues cards' }])(
    'needs both: %j is refused',
    async (args) => {
      const { client } = await play();
      await expect(client.getPrompt({ name: 'pilot_and_scale', arguments: args })).rejects.toThrow(
        /Give the/,
      );
    },
  );
});
