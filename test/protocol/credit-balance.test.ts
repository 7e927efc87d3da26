import { describe, expect, test } from 'vitest';
import { call, connect } from '../harness.ts';
import { age, records } from '../market.ts';
import { json, pageOf, temporaryFolder, upstream } from '../upstream.ts';

// What the balance tells: of a submit whose answer was lost, of a job that failed, and of the user's ceiling.

const SEARCH = { query: 'spend management', limit: 40 };

/** An upstream whose balance, and whose answers to submits and about jobs, the test says. */
async function bank(env: Record<string, string> = {}) {
  const api = { left: 200 as number | null, lost: false, job: {} as Record<string, unknown>, submits: 0 };
  const { url } = await upstream(({ method, path }, res) => {
    if (path.endsWith('/balance')) {
      if (api.left === null) return json(res, { detail: 'not now' }, 400);
      return json(res, { total_credits: 500, credits_used: 500 - api.left, credits_left: api.left });
    }
    if (method === 'POST') {
      api.submits += 1;
      if (api.lost) return void res.destroy();
      return json(res, { job_id: `job-${api.submits}`, status: 'pending' });
    }
    const job_id = /bulk\/([^/?]+)/.exec(path)?.[1] ?? '';
    return json(res, pageOf([[{ name: 'Acme', domain: 'acme.com' }]], null, { job_id, ...api.job }));
  });
  const all = {
    OPENFUNNEL_API_KEY: 'of_x',
    OPENFUNNEL_BASE_URL: url,
    OPENFUNNEL_STATE_DIR: temporaryFolder(),
    ...env,
  };
  const client = await connect(all);
  const submit = (args: Record<string, unknown> = {}) =>
    call(client, 'submit_lookalikes_bulk', { ...SEARCH, ...args });
  return { api, client, submit, ledger: `${all.OPENFUNNEL_STATE_DIR}/jobs.jsonl`, again: () => connect(all) };
}

describe('a submit whose answer was lost', () => {
  test('its balance is kept before it goes out, and told beside the balance now, wherever it is spoken of', async () => {
    const { api, submit, ledger, again } = await bank();
    api.lost = true;
    const lost = await submit();
    expect(lost.data.error.message).toContain('balance right before it was 200 credits');
    expect(records(ledger)[0]).toMatchObject({ type: 'intent', credits_left: 200 });
    age(ledger, 2);
    const later = await again();
    const said = 'The balance right before it was 200 credits and is 200 now, unchanged after 2 hours.';
    for (const [tool, args] of [
      ['submit_lookalikes_bulk', SEARCH],
      ['list_bulk_jobs', {}],
      ['get_credit_balance', {}],
    ] as const) {
      const { text, data } = await call(later, tool, args);
      for (const half of [text, JSON.stringify(data)]) {
        expect(half).toContain(said);
        expect(half).toContain('How long billing can lag behind is unknown');
      }
    }
    expect(api.submits).toBe(1);
  });

  test.each([
    [160, '160 now, 40 less after'],
    [300, '300 now, 100 more after'],
    [null, 'what is left now could not be read'],
  ])('a balance of %s is told as that', async (left, said) => {
    const { api, submit, client } = await bank();
    api.lost = true;
    await submit();
    api.left = left;
    expect((await call(client, 'list_bulk_jobs', {})).text).toContain(said);
  });

  test('a balance that can not be read holds up nothing, and is not made up', async () => {
    const { api, submit, client } = await bank();
    api.left = null;
    expect((await submit()).isError).toBe(false);
    api.lost = true;
    await submit({ limit: 41 });
    api.left = 100;
    expect((await call(client, 'list_bulk_jobs', {})).text).toContain(
      'The balance before it was not read; 100',
    );
  });

  test('errors and the description name the same place to look, and no submit is proposed', async () => {
    const { api, submit, client } = await bank();
    api.lost = true;
    const { tools } = await client.listTools();
    expect(tools.find(({ name }) => name === 'submit_lookalikes_bulk')?.description).toContain(
      'list_bulk_jobs',
    );
    for (const { data } of [await submit(), await submit()])
      expect(data.error.message).toContain('list_bulk_jobs');
    const { data } = await call(client, 'get_credit_balance', {});
    expect(data.next_step).toContain('Do not submit again');
  });
});

describe('a job that failed', () => {
  const failed = { status: 'failed', manifest: null, processed: 250, error_message: 'server error' };

  test.each([
    [200, 'was 200 credits before the job and is 200 now: nothing charged so far'],
    [150, 'is 150 now: 50 less'],
    [null, 'whether anything was charged is not known'],
  ])('a balance of %s now is told beside the one before', async (left, said) => {
    const { api, submit, client } = await bank();
    const { data } = await submit();
    api.job = failed;
    api.left = left;
    for (const tool of ['wait_and_collect', 'get_bulk_status'])
      expect((await call(client, tool, { job_id: data.job_id })).text).toContain(said);
  });

  test('companies that had qualified are told apart from those that can be read', async () => {
    const { api, submit, client } = await bank();
    const { data } = await submit();
    api.job = failed;
    const { text } = await call(client, 'wait_and_collect', { job_id: data.job_id });
    expect(text).toMatch(/processed \(250\) counts companies that had qualified .* only 1, on pages/);
    expect((await call(client, 'get_bulk_status', { job_id: data.job_id })).text).toContain(
      'processed (250)',
    );
  });

  test('of a job from elsewhere, the balance before is not made up', async () => {
    const { api, client } = await bank();
    api.job = failed;
    const { text } = await call(client, 'wait_and_collect', { job_id: 'elsewhere' });
    expect(text).toContain('what it was before the job is not known');
  });
});

describe('the ceiling', () => {
  const env = { OPENFUNNEL_DAILY_CREDITS: '100' };

  test('is told by the balance and by a submit, before it is hit', async () => {
    const { client, submit } = await bank(env);
    expect((await call(client, 'get_credit_balance', {})).data.daily_ceiling).toEqual({
      credits: 100,
      left: 100,
      frees: [],
    });
    expect((await submit()).text).toContain('60 of 100 credits are left to submit');
    const { data, text } = await call(client, 'get_credit_balance', {});
    expect(data.daily_ceiling).toMatchObject({ credits: 100, left: 60, frees: [{ credits: 40 }] });
    expect(text).toContain('60 of 100 credits are left to submit');
    expect(text).toContain(`40 at ${data.daily_ceiling.frees[0].at}`);
  });

  test('is told where the user is asked for a yes', async () => {
    const { submit } = await bank({ ...env, OPENFUNNEL_CONFIRM_ABOVE: '10' });
    const { data } = await submit();
    expect(data.error.message).toContain('100 of 100 credits are left to submit');
  });

  test('its refusal says when how much becomes free, and from when the search fits', async () => {
    const { submit, ledger, again } = await bank(env);
    await submit({ limit: 30 });
    age(ledger, 20);
    const client = await again();
    const other = (limit: number) => call(client, 'submit_lookalikes_bulk', { query: 'other', limit });
    expect((await other(60)).isError).toBe(false);
    const [first, second] = records(ledger).filter(({ type }) => type === 'intent');
    const free = (record: Record<string, unknown> | undefined) =>
      new Date(Date.parse(String(record?.at)) + 86_400_000).toISOString();
    const { data } = await other(35);
    expect(data.error.code).toBe('forbidden');
    expect(data.error.message).toContain(`Free again: 30 at ${free(first)}, 60 at ${free(second)}.`);
    expect(data.error.message).toContain(`A limit of 35 fits from ${free(first)} on.`);
    expect((await other(90)).data.error.message).toContain(`fits from ${free(second)} on`);
    expect((await other(101)).data.error.message).toContain('A limit of 101 never fits');
  });

  test('where there is none, nothing is said of it', async () => {
    const { client, submit } = await bank();
    expect((await submit()).text).not.toContain('ceiling');
    const { data, text } = await call(client, 'get_credit_balance', {});
    expect(data.daily_ceiling).toBeNull();
    expect(text).not.toContain('ceiling');
  });
});

test('what is open about billing is a sentence', async () => {
  const { client } = await bank();
  expect((await call(client, 'get_credit_balance', {})).text).toContain(
    'A job that has just ended may not be in this balance yet',
  );
});

test('the balance says what jobs that ended cost, by their manifests, in both halves', async () => {
  const { url } = await upstream(({ path }, res) => {
    if (path.endsWith('/balance'))
      return json(res, { total_credits: 200, credits_used: 37.5, credits_left: 162.5 });
    json(res, pageOf([[{ name: 'A', domain: 'a.example' }]], null, { job_id: 'j' }));
  });
  const client = await connect({ OPENFUNNEL_BASE_URL: url, OPENFUNNEL_API_KEY: 'of_test_key' });
  expect((await call(client, 'get_credit_balance', {})).data.jobs).toEqual([]);
  await call(client, 'wait_and_collect', { job_id: 'j' });
  const { data, text } = await call(client, 'get_credit_balance', {});
  expect(data.jobs).toEqual([{ job_id: 'j', credits: 1 }]);
  expect(text).toContain('j 1');
});
