import { appendFileSync, chmodSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import type { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { describe, expect, test } from 'vitest';
import { systemClock } from '../../src/lib/clock.ts';
import { call, connect } from '../harness.ts';
import {
  type Answer,
  age,
  codeOf,
  lost,
  market,
  records,
  SEARCH,
  submit,
  taken,
  withResolvers,
} from '../market.ts';
import { scaled } from '../scale.ts';
import { json } from '../upstream.ts';

describe('a trace of every submit', () => {
  test('the intent is in the ledger before the POST, and its outcome after', async () => {
    const api = await market();
    let before: Array<Record<string, unknown>> = [];
    api.answer = (res, n) => {
      before = records(api.ledger);
      taken(res, n);
    };
    await submit(await connect(api.env), { label: 'Q3 list' });
    expect(before).toMatchObject([{ type: 'intent', request: SEARCH, label: 'Q3 list' }]);
    expect(records(api.ledger)[1]).toMatchObject({
      type: 'submit',
      job_id: 'job-1',
      intent: before[0]?.intent,
    });
    expect(api.requests.at(-1)?.body).toBe(JSON.stringify(SEARCH));
  });

  test('a query of signs that nobody sees is refused, and nothing is sent', async () => {
    const api = await market();
    const client = await connect(api.env);
    for (const query of ['\u200b', '\u2060\u200b\ufeff', ' \u00ad '])
      expect(codeOf(await call(client, 'submit_lookalikes_bulk', { query, limit: 10 }))).toBe(
        'invalid_input',
      );
    expect(api.submits).toBe(0);
  });

  test('an answer that was lost counts like a running job, in any process, for a day', async () => {
    const api = await market(lost);
    const client = await connect(api.env);
    expect(codeOf(await submit(client))).toBe('submit_outcome_unknown');
    expect(codeOf(await submit(client))).toBe('submit_outcome_unknown');
    const other = await connect(api.env);
    const told = await submit(other);
    expect(told).toMatchObject({
      isError: true,
      data: { error: { submitted: 'unknown', retryable: false } },
    });
    expect(told.text).toContain('allow_duplicate: true');
    expect(api.submits).toBe(1);
    expect((await call(other, 'list_bulk_jobs', {})).text).toContain('a job MAY exist');
    expect((await submit(other, { limit: 41 })).data.error.code).toBe('submit_outcome_unknown');
    expect(api.submits).toBe(2);
    api.answer = taken;
    expect(codeOf(await submit(other, { allow_duplicate: true }))).toBe('ok');
    expect((await submit(client)).data).toMatchObject({
      job_id: 'job-3',
      already_submitted: true,
      max_credits: 0,
    });
    expect(api.submits).toBe(3);
  });

  test('an intent whose process was killed is unknown too, and expires after a day', async () => {
    const api = await market();
    await submit(await connect(api.env));
    const [intent] = records(api.ledger);
    writeFileSync(api.ledger, `\n${JSON.stringify(intent)}`);
    age(api.ledger, 0.5);
    const client = await connect(api.env);
    expect(codeOf(await submit(client))).toBe('submit_outcome_unknown');
    expect((await call(client, 'list_bulk_jobs', {})).text).toContain('was never noted');
    age(api.ledger, 23.6);
    expect(codeOf(await submit(await connect(api.env)))).toBe('ok');
    expect(api.submits).toBe(2);
  });

  test('a call that was cancelled while its POST was out is noted all the same', async () => {
    let answer = () => {};
    const sent = withResolvers();
    const api = await market((res, n) => {
      answer = () => taken(res, n);
      sent.resolve();
    });
    const client = await connect(api.env);
    const controller = new AbortController();
    const given = call(client, 'submit_lookalikes_bulk', SEARCH, { signal: controller.signal });
    await sent.promise;
    controller.abort();
    await expect(given).rejects.toThrow();
    answer();
    expect((await submit(client)).data).toMatchObject({ job_id: 'job-1', already_submitted: true });
    expect(api.submits).toBe(1);
  });

  test('what was refused may be sent again', async () => {
    const api = await market((res) => json(res, { detail: 'no' }, 422));
    const client = await connect(api.env);
    expect(codeOf(await submit(client))).toBe('invalid_input');
    api.answer = taken;
    expect(codeOf(await submit(client))).toBe('ok');
    expect(records(api.ledger).map(({ type }) => type)).toEqual(['intent', 'refused', 'intent', 'submit']);
  });

  test.each([404, 409])('a submit refused by HTTP %i speaks of the submit, and of no job', async (status) => {
    const api = await market((res) => json(res, {}, status));
    const refused = await submit(await connect(api.env));
    for (const half of [refused.text, refused.data.error.message]) {
      expect(half).toContain('refused the submit');
      expect(half).toContain('Nothing was submitted and nothing is billed');
      expect(half).not.toMatch(/job_id|cursor|get_bulk_status/);
    }
    expect(refused.data.error).toMatchObject({ http_status: status, submitted: 'no', retryable: false });
  });

  test('records of older versions count', async () => {
    const api = await market();
    const old = { account: 'x', at: new Date().toISOString(), request: SEARCH };
    appendFileSync(
      api.ledger,
      ['{"type":"of the future","x":1}', { ...old, type: 'lost' }]
        .map((line) => `\n${typeof line === 'string' ? line : JSON.stringify(line)}`)
        .join(''),
    );
    const client = await connect(api.env);
    expect(codeOf(await submit(client))).toBe('submit_outcome_unknown');
    appendFileSync(
      api.ledger,
      `\n${JSON.stringify({ ...old, type: 'submit', job_id: 'old-1', status: 'pending' })}`,
    );
    expect((await submit(client)).data).toMatchObject({ job_id: 'old-1', already_running: true });
    expect(api.submits).toBe(0);
  });

  test.each([
    ['a byte order mark', '\ufeff{"job_id":"j-77","status":"pending"}', 'ok'],
    ['another name', '{"jobId":"j-77","state":"queued"}', 'submit_outcome_unknown'],
    ['deeper down', '{"data":{"job":{"id":"j-77"}},"ok":true}', 'submit_outcome_unknown'],
    ['cut short', '{"job_id": "j-77", "sta', 'submit_outcome_unknown'],
    ['wrapped', ')]}\',\n{"job_id":"j-77"}', 'submit_outcome_unknown'],
  ])('the id in an answer with %s is kept', async (_, body, code) => {
    const api = await market((res) => res.end(body));
    const client = await connect(api.env);
    const first = await submit(client);
    expect(codeOf(first)).toBe(code);
    expect(first.text).toContain('j-77');
    expect(first.data.job_id).toBe('j-77');
    expect((await call(client, 'list_bulk_jobs', {})).data.jobs[0].job_id).toBe('j-77');
    expect((await submit(client)).data).toMatchObject({ job_id: 'j-77', already_running: true });
    api.state = { 'j-77': 'unknown' };
    // An id of an odd answer that upstream does not know may have been something else.
    expect(codeOf(await submit(await connect(api.env)))).toBe(
      code === 'ok' ? 'ok' : 'submit_outcome_unknown',
    );
    expect(api.submits).toBe(1);
  });
});

describe('the same search', () => {
  test.each([
    [{ query: ' spend \n  management ' }],
    [{ search_type: 'semantic' }],
    [{ label: 'another label' }],
  ])('however it is written: %j', async (args) => {
    const api = await market();
    const client = await connect(api.env);
    await submit(client);
    expect((await submit(client, args)).data).toMatchObject({
      job_id: 'job-1',
      already_submitted: true,
      already_running: true,
    });
    expect(api.submits).toBe(1);
  });

  test('a completed job answers it for a day; nothing is billed', async () => {
    const api = await market();
    await submit(await connect(api.env));
    api.state = { 'job-1': 'completed' };
    const client = await connect(api.env);
    const again = await submit(client);
    expect(again.data).toMatchObject({ job_id: 'job-1', already_submitted: true, already_running: false });
    expect(again.text).toMatch(/ALREADY SUBMITTED.*Nothing is billed/s);
    age(api.ledger, 25);
    expect((await submit(await connect(api.env))).data).toMatchObject({
      job_id: 'job-2',
      already_submitted: false,
    });
  });

  test.each(['failed', 'cancelled', 'cancelling'])('a job that is %s does not count', async (status) => {
    const api = await market();
    const client = await connect(api.env);
    await submit(client);
    api.state = { 'job-1': status };
    expect((await submit(client)).data).toMatchObject({ job_id: 'job-2', already_submitted: false });
  });

  test('a job that upstream does not know counts for a day, whatever upstream has forgotten', async () => {
    const api = await market();
    const client = await connect(api.env);
    await submit(client);
    api.state = { 'job-1': 'unknown' };
    expect((await submit(client)).data).toMatchObject({ job_id: 'job-1', already_submitted: true });
    const job = { job_id: 'job-1' };
    expect((await call(client, 'get_bulk_status', job)).data).toMatchObject({
      status: 'pending',
      terminal: false,
    });
    expect((await call(client, 'wait_and_collect', { ...job, max_wait_seconds: 0 })).data.terminal).toBe(
      false,
    );
    age(api.ledger, 1);
    const later = await connect(api.env);
    expect(codeOf(await call(later, 'get_bulk_status', job))).toBe('not_found');
    const again = await submit(later);
    expect(again.data).toMatchObject({ job_id: 'job-1', already_submitted: true });
    expect(again.text).toContain('has no such job, which proves nothing');
    expect(api.submits).toBe(1);
  });

  test('two servers at the same time, again and again: one POST each', async () => {
    const api = await market((res, n) => {
      api.held.push(() => taken(res, n));
      if (api.held.length > 1) return;
      setTimeout(() => {
        for (const send of api.held.splice(0)) send();
      }, 30);
    });
    const servers = await Promise.all([connect(api.env), connect(api.env)]);
    const pairs = scaled(3);
    for (let pair = 1; pair <= pairs; pair += 1) {
      const both = await Promise.all(servers.map((server) => submit(server, { query: `search ${pair}` })));
      expect(both.map(({ data }) => data.job_id)).toEqual([`job-${pair}`, `job-${pair}`]);
      expect(both.filter(({ data }) => data.already_submitted)).toHaveLength(1);
    }
    expect(api.submits).toBe(pairs);
  });

  test('the first of two is refused: the second is sent; its answer is lost: the second is told', async () => {
    const api = await market();
    const servers = await Promise.all([connect(api.env), connect(api.env)]);
    const slowly =
      (answer: Answer): Answer =>
      (res, n) =>
        void setTimeout(() => answer(res, n), 100);
    api.answer = slowly((res, n) => (n === 1 ? json(res, { detail: 'no' }, 429) : taken(res, n)));
    const refused = await Promise.all(servers.map((server) => submit(server)));
    expect(refused.map(codeOf).sort()).toEqual(['ok', 'rate_limited']);
    api.answer = slowly(lost);
    const unknown = await Promise.all(servers.map((server) => submit(server, { query: 'other' })));
    expect(unknown.map(codeOf)).toEqual(['submit_outcome_unknown', 'submit_outcome_unknown']);
    expect(api.submits).toBe(3);
  });

  test('jobs of another key count and are marked; jobs from elsewhere are noted', async () => {
    const api = await market();
    await submit(await connect({ ...api.env, OPENFUNNEL_API_KEY: 'of_the_key_before' }));
    const client = await connect(api.env);
    const same = await submit(client);
    expect(same.data).toMatchObject({ job_id: 'job-1', already_submitted: true });
    expect(same.text).toContain('another API key');
    api.state = { 'job-1': 'unknown' };
    expect((await submit(client)).data.job_id).toBe('job-1');
    expect(api.submits).toBe(1);
    await call(client, 'get_bulk_status', { job_id: 'from-the-dashboard' });
    const { data } = await call(await connect(api.env), 'list_bulk_jobs', {});
    expect(data.jobs).toMatchObject([
      { job_id: 'from-the-dashboard', from_elsewhere: true, submitted_at: null, requested_limit: null },
      { job_id: 'job-1', other_key: true },
    ]);
  });

  test('a label is shown and searched', async () => {
    const api = await market();
    const client = await connect(api.env);
    await submit(client, { label: 'Nordic  fintechs\nQ3' });
    await submit(client, { query: 'bikes' });
    const found = await call(client, 'list_bulk_jobs', { search: 'FINTECHS nordic' });
    expect(found.data.jobs).toMatchObject([{ job_id: 'job-1', label: 'Nordic fintechs Q3' }]);
    expect(found.text).toContain('Nordic fintechs Q3');
    expect((await call(client, 'list_bulk_jobs', { search: 'bikes' })).data.jobs).toHaveLength(1);
  });
});

describe('the ceiling', () => {
  test('the limits of a day’s submits never exceed it, also with two servers at once', async () => {
    const api = await market();
    const env = { ...api.env, OPENFUNNEL_DAILY_CREDITS: '100' };
    const servers = await Promise.all([connect(env), connect(env)]);
    const both = await Promise.all(
      servers.map((server, index) => submit(server, { query: `search ${index}`, limit: 60 })),
    );
    expect(both.map(codeOf).sort()).toEqual(['forbidden', 'ok']);
    const refused = both.find(({ isError }) => isError);
    expect(refused?.text).toMatch(/40 of 100 credits are left.*OPENFUNNEL_DAILY_CREDITS/s);
    const [one] = servers as [Client, Client];
    expect(codeOf(await submit(one, { query: 'fits', limit: 40 }))).toBe('ok');
    expect(codeOf(await submit(one, { query: 'any', limit: 1 }))).toBe('forbidden');
    expect(api.submits).toBe(2);
    age(api.ledger, 24.1);
    expect(codeOf(await submit(await connect(env), { query: 'tomorrow', limit: 100 }))).toBe('ok');
  });

  test('lost answers count, refusals do not, and reuse costs nothing', async () => {
    const api = await market((res) => json(res, { detail: 'no' }, 402));
    const client = await connect({ ...api.env, OPENFUNNEL_DAILY_CREDITS: '100' });
    expect(codeOf(await submit(client, { limit: 100 }))).toBe('insufficient_credits');
    api.answer = lost;
    expect(codeOf(await submit(client, { limit: 60 }))).toBe('submit_outcome_unknown');
    expect((await submit(client, { limit: 41 })).text).toContain('40 of 100 credits are left');
    api.answer = taken;
    expect(codeOf(await submit(client, { limit: 40 }))).toBe('ok');
    expect((await submit(client, { limit: 40 })).data.already_submitted).toBe(true);
  });

  test('where the ledger can’t be kept, a ceiling that is set lets nothing through', async () => {
    const api = await market();
    mkdirSync(api.ledger);
    expect(codeOf(await submit(await connect(api.env)))).toBe('ok');
    const client = await connect({ ...api.env, OPENFUNNEL_DAILY_CREDITS: '100' });
    expect((await submit(client)).text).toContain('OPENFUNNEL_STATE_DIR');
    expect(api.submits).toBe(1);
  });
});

describe('a ledger that can’t be written', () => {
  test('submits go on with a notice, and the process remembers them', async () => {
    const api = await market();
    mkdirSync(api.ledger);
    const client = await connect(api.env);
    expect((await submit(client)).text).toContain('NOT recorded');
    expect((await submit(client)).data).toMatchObject({ job_id: 'job-1', already_submitted: true });
    api.answer = lost;
    expect(codeOf(await submit(client, { query: 'other' }))).toBe('submit_outcome_unknown');
    expect(codeOf(await submit(client, { query: 'other' }))).toBe('submit_outcome_unknown');
    expect(api.submits).toBe(2);
    const listed = await call(client, 'list_bulk_jobs', {});
    expect(listed.data.jobs).toMatchObject([{ job_id: 'job-1' }]);
    expect(listed.text).toContain('could not be read');
  });

  test('two calls at once are one submit', async () => {
    const api = await market();
    mkdirSync(api.ledger);
    const client = await connect(api.env);
    const both = await Promise.all([submit(client), submit(client)]);
    expect(both.map(({ data }) => data.job_id)).toEqual(['job-1', 'job-1']);
    expect(api.submits).toBe(1);
  });

  test('the wish to send it again is one submit, however often its call is repeated meanwhile', async () => {
    const held = withResolvers();
    const api = await market();
    const client = await connect(api.env);
    await submit(client);
    api.answer = (res, count) => void held.promise.then(() => taken(res, count));
    const again = () => submit(client, { allow_duplicate: true });
    const calls = [again(), again()];
    while (api.submits < 2) await systemClock.sleep(10);
    calls.push(again());
    await systemClock.sleep(200);
    held.resolve();
    const answers = await Promise.all(calls);
    expect(answers.map(({ data }) => data.job_id)).toEqual(['job-2', 'job-2', 'job-2']);
    expect(answers.filter(({ data }) => data.already_submitted)).toHaveLength(2);
    expect(api.submits).toBe(2);
  });

  test('the permissions of a folder that was there stay', async () => {
    const api = await market();
    chmodSync(api.folder, 0o1777);
    await submit(await connect(api.env));
    expect(statSync(api.folder).mode & 0o7777).toBe(0o1777);
    expect(statSync(api.ledger).mode & 0o777).toBe(0o600);
  });
});
