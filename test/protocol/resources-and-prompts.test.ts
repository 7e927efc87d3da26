import { parse } from 'csv-parse/sync';
import { describe, expect, test } from 'vitest';
import { finished, rows } from '../finished-jobs.ts';
import { call, connect } from '../harness.ts';

describe('resources, prompts, completions', () => {
  test('the ledger, a job, a page, a CSV', async () => {
    const { env } = await finished([rows(3)]);
    const client = await connect(env);
    await call(client, 'submit_lookalikes_bulk', { query: 'bikes' });
    const read = async (uri: string) => {
      const content = (await client.readResource({ uri })).contents[0];
      return content && 'text' in content ? content.text : '';
    };
    expect((await client.listResources()).resources.map(({ uri }) => uri)).toContain('lookalikes://jobs');
    expect((await client.listResourceTemplates()).resourceTemplates).toHaveLength(4);
    expect(JSON.parse(await read('lookalikes://jobs')).jobs[0].job_id).toBe('new-1');
    expect(JSON.parse(await read('lookalikes://jobs/job-1'))).toMatchObject({
      status: 'completed',
      complete: true,
      summary: { companies: 3 },
    });
    expect(JSON.parse(await read('lookalikes://jobs/new-1'))).toMatchObject({
      status: 'running',
      complete: false,
      summary: null,
    });
    expect(JSON.parse(await read('lookalikes://jobs/job-1/pages/page_0000')).rows).toHaveLength(3);
    expect(
      parse(await read('lookalikes://jobs/job-1/results.csv'), { bom: true, columns: true }),
    ).toHaveLength(3);
    for (const rest of ['pages/page_0000', 'results.csv']) {
      await expect(read(`lookalikes://jobs/new-1/${rest}`)).rejects.toThrow(/running/);
    }
    await expect(read('lookalikes://elsewhere')).rejects.toThrow(/No such resource/);
  });

  test('prompts, and completion from the ledger', async () => {
    const { env } = await finished([rows(3)]);
    const client = await connect(env);
    await call(client, 'submit_lookalikes_bulk', { query: 'bikes' });
    const { messages } = await client.getPrompt({
      name: 'find_lookalikes',
      arguments: { seeds: 'a.com', how_many: '600' },
    });
    expect(JSON.stringify(messages)).toMatch(
      /a\.com.*600.*submit_lookalikes_bulk once.*export_bulk_results/s,
    );
    expect(JSON.stringify((await client.getPrompt({ name: 'resume_job' })).messages)).toContain(
      'list_bulk_jobs',
    );
    await expect(client.getPrompt({ name: 'nope' })).rejects.toThrow(/find_lookalikes/);
    const complete = async (
      ref: { type: 'ref/prompt'; name: string } | { type: 'ref/resource'; uri: string },
      name: string,
      value: string,
    ) => (await client.complete({ ref, argument: { name, value } })).completion.values;
    expect(await complete({ type: 'ref/prompt', name: 'resume_job' }, 'job_id', 'new')).toEqual(['new-1']);
    expect(await complete({ type: 'ref/resource', uri: 'lookalikes://jobs/{job_id}' }, 'job_id', '')).toEqual(
      ['new-1'],
    );
    expect(await complete({ type: 'ref/prompt', name: 'find_lookalikes' }, 'how_many', '6')).toEqual(['600']);
  });
});
