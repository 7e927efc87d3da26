import {
  appendFileSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type Clock, systemClock } from '../../src/lib/clock.ts';
import { call, connect } from '../harness.ts';
import { age, codeOf, lost, market, records, submit } from '../market.ts';
import { temporaryFolder } from '../upstream.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** A clock that a test sets forward and back. */
function settable(): Clock & { by: number } {
  const clock = { ...systemClock, by: 0, now: () => Date.now() + clock.by };
  return clock;
}

describe('that a job is not found proves nothing', () => {
  test('a list that is kept answers its search, whatever upstream has forgotten', async () => {
    const api = await market();
    const clock = settable();
    const client = await connect(api.env, [], { clock });
    await submit(client);
    api.state = { 'job-1': 'completed' };
    const whole = await call(client, 'wait_and_collect', { job_id: 'job-1' });
    expect(whole.data.complete).toBe(true);
    api.state = { 'job-1': 'unknown' };
    clock.by = HOUR;
    const asked = api.requests.length;
    const again = await submit(client);
    expect(again.data).toMatchObject({ job_id: 'job-1', already_submitted: true, already_running: false });
    expect(again.text).toContain('stored on this machine');
    expect([api.submits, api.requests.length]).toEqual([1, asked]);
    clock.by = 25 * HOUR;
    expect((await submit(await connect(api.env, [], { clock }))).data.job_id).toBe('job-2');
  });

  test('a completed job whose list is not kept counts for its day', async () => {
    const api = await market();
    const env = { ...api.env, OPENFUNNEL_KEEP_ROWS: 'off' };
    const client = await connect(env);
    await submit(client);
    api.state = { 'job-1': 'completed' };
    await call(client, 'get_bulk_status', { job_id: 'job-1' });
    api.state = { 'job-1': 'unknown' };
    age(api.ledger, 20);
    const again = await submit(await connect(env));
    expect(again.data).toMatchObject({ job_id: 'job-1', already_submitted: true, already_running: false });
    expect(again.text).toMatch(/has no such job, which proves nothing.*allow_duplicate: true/s);
    expect(api.submits).toBe(1);
  });

  test('one look at a running job that is not found: it is as last seen, and its search is not sent again', async () => {
    const api = await market();
    const client = await connect(api.env);
    await submit(client);
    const job = { job_id: 'job-1' };
    expect((await call(client, 'get_bulk_status', job)).data.status).toBe('running');
    api.state = { 'job-1': 'unknown' };
    expect((await submit(client)).data).toMatchObject({ job_id: 'job-1', already_running: true });
    expect((await call(client, 'get_bulk_status', job)).data).toMatchObject({
      status: 'running',
      terminal: false,
    });
    api.state = { 'job-1': 'completed' };
    expect((await call(client, 'get_bulk_status', job)).data.status).toBe('completed');
    expect(api.submits).toBe(1);
  });

  /** The job that answers the search at each of these times (hours, minutes), upstream's word on the first being given. */
  test.each<[string, Array<[hours: number, minutes: number, state: string, job: string]>]>([
    [
      'over a whole day, but only then',
      [
        [0, 1, 'unknown', 'job-1'],
        [23, 59, 'unknown', 'job-1'],
        [24, 1, 'unknown', 'job-2'],
      ],
    ],
    [
      'over minutes, a day later',
      [
        [25, 0, 'unknown', 'job-1'],
        [25, 4, 'unknown', 'job-1'],
        [25, 6, 'unknown', 'job-2'],
      ],
    ],
    [
      'and found in between',
      [
        [25, 0, 'unknown', 'job-1'],
        [25, 3, 'running', 'job-1'],
        [25, 9, 'unknown', 'job-1'],
        [48, 0, 'unknown', 'job-1'],
        [49, 10, 'unknown', 'job-2'],
      ],
    ],
    [
      'never, where it runs for days',
      [
        [49, 0, 'running', 'job-1'],
        [200, 0, 'running', 'job-1'],
      ],
    ],
  ])('a job counts as gone where it is not found %s', async (_, looks) => {
    const api = await market();
    const clock = settable();
    const client = await connect(api.env, [], { clock });
    await submit(client);
    for (const [hours, minutes, state, job] of looks) {
      clock.by = hours * HOUR + minutes * MINUTE;
      api.state = { 'job-1': state };
      expect((await submit(client)).data.job_id, `${hours}:${minutes}`).toBe(job);
    }
  });

  test('a cancel that finds no job says that it may start, and be billed', async () => {
    const api = await market();
    const client = await connect(api.env);
    await submit(client);
    api.state = { 'job-1': 'unknown' };
    const refused = await call(client, 'cancel_bulk_job', { job_id: 'job-1' });
    expect(refused).toMatchObject({ isError: true, data: { error: { code: 'not_found', retryable: true } } });
    expect(refused.text).toMatch(/NOT cancelled.*may start.*billed.*cancel_bulk_job again/s);
    api.state = { another: 'unknown' };
    expect((await call(client, 'cancel_bulk_job', { job_id: 'another' })).text).not.toContain('may start');
    api.state = { 'job-1': 'cancelled' };
    expect((await call(client, 'cancel_bulk_job', { job_id: 'job-1' })).data.status).toBe('cancelled');
  });
});

describe('a clock that was ahead and is right again', () => {
  test.each([1, 24, 25, 24 * 40])('by %d hours: the search and the ceiling still count', async (hours) => {
    const api = await market();
    const env = { ...api.env, OPENFUNNEL_DAILY_CREDITS: '100' };
    const clock = settable();
    clock.by = hours * HOUR;
    const before = await connect(env, [], { clock });
    await submit(before);
    expect(codeOf(await submit(before, { query: 'other', limit: 60 }))).toBe('ok');
    for (const client of [before, await connect(env, [], { clock })]) {
      clock.by = 0;
      expect((await submit(client)).data).toMatchObject({ job_id: 'job-1', already_submitted: true });
      const over = await submit(client, { query: 'a third', limit: 1 });
      expect(codeOf(over)).toBe('forbidden');
      expect(over.text).toContain('are dated in the future');
    }
    expect(api.submits).toBe(2);
  });

  test('an answer that was lost then is still unknown', async () => {
    const api = await market((res) => res.destroy());
    const clock = settable();
    clock.by = 25 * HOUR;
    expect(codeOf(await submit(await connect(api.env, [], { clock })))).toBe('submit_outcome_unknown');
    expect(codeOf(await submit(await connect(api.env)))).toBe('submit_outcome_unknown');
    expect(api.submits).toBe(1);
  });
});

describe('a clock that was behind and is right again', () => {
  test.each([30, 24 * 400])('by %d hours: the search and the ceiling still count', async (hours) => {
    const api = await market();
    const env = { ...api.env, OPENFUNNEL_DAILY_CREDITS: '100' };
    const clock = settable();
    clock.by = -hours * HOUR;
    const before = await connect(env, [], { clock });
    await submit(before);
    api.answer = lost;
    await submit(before, { query: 'other', limit: 20 });
    api.state['job-1'] = 'completed';
    clock.by = 0;
    for (const client of [before, await connect(env, [], { clock })]) {
      expect((await submit(client)).data).toMatchObject({ job_id: 'job-1', already_submitted: true });
      expect(codeOf(await submit(client, { query: 'other', limit: 20 }))).toBe('submit_outcome_unknown');
      expect(codeOf(await submit(client, { query: 'a third', limit: 41 }))).toBe('forbidden');
    }
    expect(api.submits).toBe(2);
  });
});

describe('a ledger of which lines can’t be read', () => {
  const zeros = (length: number) => '\0'.repeat(length);
  /** What becomes of a ledger with an intent and a submit. */
  const damages: Array<[string, (text: string) => string]> = [
    ['both lines are zeros', (text) => text.replace(/[^\n]/g, '\0')],
    ['all of it is zeros', (text) => zeros(text.length)],
    ['one sign of each line is another', (text) => text.replaceAll('"account"', '"account#')],
    ['the intent is torn, the submit is gone', (text) => text.slice(0, 80)],
    ['an array instead', () => '\n[]'],
    ['numbers instead', () => '\n1\n2'],
    ['records of a later version', () => '\n{"type":"intent.v2","request":{}}'],
    ['fields of another type', (text) => text.replaceAll('"limit":40', '"limit":"40"')],
    ['times that are none', (text) => text.replaceAll('"at":"20', '"at":"x')],
  ];

  test.each(damages)('%s: nothing is sent before the user wants it', async (_, damage) => {
    const api = await market();
    await submit(await connect(api.env));
    writeFileSync(api.ledger, damage(readFileSync(api.ledger, 'utf8')));
    const client = await connect(api.env);
    for (const args of [{}, { query: 'another search' }]) {
      const asks = await submit(client, args);
      expect(asks).toMatchObject({
        isError: true,
        data: { error: { submitted: 'unknown', retryable: false } },
      });
      expect(asks.text).toMatch(
        /^ERROR.*Nothing was sent by this call.*ledger.*can't be read.*allow_duplicate: true/s,
      );
    }
    expect(api.submits).toBe(1);
    expect((await call(client, 'list_bulk_jobs', {})).text).toMatch(/Jobs may be missing.*can't be read/);
    expect((await submit(client, { allow_duplicate: true })).data.job_id).toBe('job-2');
    // From then on it is known again.
    expect((await submit(client)).data).toMatchObject({ job_id: 'job-2', already_submitted: true });
    const ceiling = await connect({ ...api.env, OPENFUNNEL_DAILY_CREDITS: '1000' });
    expect(codeOf(await submit(ceiling, { query: 'third', allow_duplicate: true }))).toBe('forbidden');
    expect(api.submits).toBe(2);
  });

  test.each([
    ['zeros', zeros(4096)],
    ['zeros and what comes after them', `${zeros(200)}us":"pending"}`],
    ['a torn record', '\n{"type":"status","job_id":"jo'],
  ])('a search that was flushed is found in front of %s', async (_, tail) => {
    const api = await market();
    await submit(await connect(api.env));
    appendFileSync(api.ledger, tail);
    const client = await connect(api.env);
    expect((await submit(client)).data).toMatchObject({ job_id: 'job-1', already_submitted: true });
    expect(codeOf(await submit(client, { query: 'other' }))).toBe('submit_outcome_unknown');
    expect(api.submits).toBe(1);
  });

  test.each([0, 0.1])(
    'cut to %d of its size while a server runs: nothing is sent by it unasked',
    async (part) => {
      const api = await market();
      const client = await connect(api.env);
      await submit(client);
      truncateSync(api.ledger, Math.floor(statSync(api.ledger).size * part));
      expect(await submit(client)).toMatchObject({
        isError: true,
        data: { error: { submitted: 'unknown' } },
      });
      expect(api.submits).toBe(1);
      expect((await submit(client, { allow_duplicate: true })).data.job_id).toBe('job-2');
      expect((await submit(client)).data).toMatchObject({ job_id: 'job-2', already_submitted: true });
    },
  );

  test('a last record that was cut short is told of, before and after the next one', async () => {
    const api = await market();
    const client = await connect(api.env);
    await submit(client);
    await call(client, 'get_bulk_status', { job_id: 'job-1' });
    truncateSync(api.ledger, statSync(api.ledger).size - 1);
    for (const server of [client, await connect(api.env)]) {
      const { notices } = (await call(server, 'list_bulk_jobs', {})).data;
      expect(notices.join(' ')).toMatch(/Jobs may be missing.*can't be read/);
      expect(codeOf(await submit(server, { query: 'other' }))).toBe('submit_outcome_unknown');
    }
    expect(api.submits).toBe(1);
  });

  test('lines that were written days ago ask nothing any more', async () => {
    const api = await market();
    writeFileSync(api.ledger, '\n[]');
    const client = await connect(api.env);
    await submit(client, { allow_duplicate: true });
    age(api.ledger, 49);
    expect(codeOf(await submit(await connect(api.env), { query: 'other' }))).toBe('ok');
    expect(records(api.ledger)).toHaveLength(5);
  });
});

test.each<[string, RegExp, (path: string) => void]>([
  // More than is taken into memory.
  ['too large', /too large/, (path) => truncateSync(path, 300 * 1024 * 1024)],
  [
    'behind a link',
    /ELOOP/,
    (path) => {
      renameSync(path, `${path}.moved`);
      symlinkSync(`${path}.moved`, path);
    },
  ],
])('a ledger that is %s: nothing is sent before the user wants it', async (_, why, hide) => {
  const api = await market();
  await submit(await connect(api.env));
  hide(api.ledger);
  const client = await connect(api.env);
  const asks = await submit(client);
  expect(codeOf(asks)).toBe('submit_outcome_unknown');
  expect(asks.text).toMatch(/Nothing was sent by this call: the ledger of submits.*allow_duplicate/s);
  expect(asks.text).toMatch(why);
  expect(api.submits).toBe(1);
  expect((await submit(client, { allow_duplicate: true })).data.job_id).toBe('job-2');
  await submit(await connect(api.env));
  expect(api.submits).toBe(2);
  expect((await call(client, 'list_bulk_jobs', {})).text).toMatch(/can't be read|could not be read/);
});

describe('a ledger that is gone', () => {
  test.each<[string, (path: string) => void]>([
    ['deleted', (path) => rmSync(path)],
    ['emptied', (path) => truncateSync(path)],
  ])('%s, with a list of a submit on the disk: nothing is sent before the user wants it', async (_, lose) => {
    const api = await market();
    const before = await connect(api.env);
    await submit(before);
    api.state['job-1'] = 'completed';
    await call(before, 'wait_and_collect', { job_id: 'job-1' });
    lose(api.ledger);
    for (const args of [{}, { query: 'another search' }]) {
      const client = await connect(api.env);
      // What is looked at is in the ledger again, but not that it was submitted.
      if ('query' in args) await call(client, 'get_bulk_status', { job_id: 'job-1' });
      const asks = await submit(client, args);
      expect(asks.data.error).toMatchObject({ submitted: 'unknown', retryable: false });
      expect(asks.text).toMatch(/Nothing was sent by this call.*job-1.*ledger.*allow_duplicate: true/s);
    }
    expect(api.submits).toBe(1);
    const client = await connect(api.env);
    expect((await call(client, 'list_bulk_jobs', {})).text).toMatch(
      /may be missing.*job-1.*OpenFunnel dashboard/,
    );
    expect((await submit(client, { query: 'another search', allow_duplicate: true })).data.job_id).toBe(
      'job-2',
    );
    expect(codeOf(await submit(client, { query: 'a third search' }))).toBe('ok');
    // The list that is kept still answers its own search.
    const same = await submit(client);
    expect(same.text).toMatch(/Nothing was sent by this call: the list of job job-1.*allow_duplicate: true/s);
    expect(api.submits).toBe(3);
    expect(codeOf(await submit(client, { allow_duplicate: true }))).toBe('ok');
    expect((await submit(client)).data.already_submitted).toBe(true);
  });

  /** An upstream whose one job was submitted from here and collected, of which the ledger knows nothing any more. */
  const lostAfter = async (status: string) => {
    const api = await market();
    const before = await connect(api.env);
    await submit(before);
    api.state['job-1'] = status;
    await call(before, 'wait_and_collect', { job_id: 'job-1' });
    rmSync(api.ledger);
    return api;
  };

  test('the daily ceiling counts what kept lists tell of, and says that there may be more', async () => {
    const api = await lostAfter('completed');
    const client = await connect({ ...api.env, OPENFUNNEL_DAILY_CREDITS: '100' });
    const other = { query: 'other', allow_duplicate: true };
    expect(codeOf(await submit(client, { ...other, limit: 61 }))).toBe('forbidden');
    const fits = await submit(client, { ...other, limit: 50 });
    expect(fits.text).toContain('10 of 100 credits are left');
    expect(fits.data.notices.join(' ')).toContain('ledger of submits was lost');
    const balance = await call(client, 'get_credit_balance', {});
    expect(balance.data).toMatchObject({ daily_ceiling: { left: 10 } });
    expect(balance.data.notices.join(' ')).toContain('ledger of submits was lost');
    expect(api.submits).toBe(2);
  });

  test('an older copy in its place lacks what was submitted since', async () => {
    const api = await market();
    const before = await connect(api.env);
    await submit(before, { query: 'old' });
    const backup = readFileSync(api.ledger);
    api.state['job-2'] = 'completed';
    await submit(before);
    await call(before, 'wait_and_collect', { job_id: 'job-2' });
    await submit(before, { query: 'of which no list is kept' });
    writeFileSync(api.ledger, backup);
    const client = await connect(api.env);
    const again = { query: 'of which no list is kept' };
    expect(codeOf(await submit(client, again))).toBe('submit_outcome_unknown');
    expect(api.submits).toBe(3);
    expect(codeOf(await submit(client, { ...again, allow_duplicate: true }))).toBe('ok');
    expect(codeOf(await submit(client, { query: 'a third search' }))).toBe('ok');
  });

  test('the list of a cancelled job tells of the loss, and is no answer to its search', async () => {
    const api = await lostAfter('cancelled');
    const client = await connect(api.env);
    const asks = await submit(client);
    expect(asks.text).toMatch(/Nothing was sent by this call.*job-1.*allow_duplicate: true/s);
    expect(asks.text).not.toContain('answers the same search');
    expect(codeOf(await submit(client, { query: 'other', allow_duplicate: true }))).toBe('ok');
    expect((await submit(client)).data.already_submitted).toBe(false);
  });

  test('a list that can’t be read may be that of the same search', async () => {
    const api = await lostAfter('completed');
    const [name = ''] = readdirSync(join(api.folder, 'lists'));
    writeFileSync(join(api.folder, 'lists', name), 'damaged');
    const asks = await submit(await connect(api.env), { query: 'other' });
    expect(codeOf(asks)).toBe('submit_outcome_unknown');
    expect(asks.text).toMatch(/stored list of job job-1 could not be read.*allow_duplicate: true/s);
    expect(api.submits).toBe(1);
  });

  test('a list of a job that was submitted elsewhere asks nothing', async () => {
    const api = await market();
    api.state.elsewhere = 'completed';
    const client = await connect(api.env);
    await call(client, 'wait_and_collect', { job_id: 'elsewhere' });
    expect((await submit(client)).data.job_id).toBe('job-1');
  });
});

test('the sandbox and the real service share nothing on the disk', async () => {
  const api = await market();
  const env = { ...api.env, OPENFUNNEL_EXPORT_DIR: temporaryFolder() };
  const real = await connect(env);
  const list = { list: 'crm', mode: 'replace' };
  await call(real, 'import_known_companies', { ...list, companies: ['acme.com', 'beta.com'] });
  await submit(real);
  const before = readdirSync(api.folder).sort();
  const sandbox = await connect({ ...env, OPENFUNNEL_SANDBOX_SPEED: '100000' }, ['--sandbox']);
  const made = await call(sandbox, 'submit_lookalikes_bulk', { query: 'bikes', limit: 5 });
  const job = { job_id: made.data.job_id };
  await call(sandbox, 'wait_and_collect', job);
  await call(sandbox, 'mark_companies', { ...job, marks: [{ rows: [1], verdict: 'drop' }] });
  await call(sandbox, 'import_known_companies', { ...list, companies: ['other.com'] });
  await call(sandbox, 'delete_job_data', { job_ids: ['all'] });
  expect(readdirSync(api.folder).sort()).toEqual([...before, 'sandbox'].sort());
  expect((await call(sandbox, 'list_bulk_jobs', {})).data.jobs).toMatchObject([job]);
  expect((await call(real, 'list_bulk_jobs', {})).data.jobs).toMatchObject([{ job_id: 'job-1' }]);
  const added = await call(real, 'import_known_companies', {
    list: 'crm',
    mode: 'add',
    companies: ['acme.com'],
  });
  expect(added.data).toMatchObject({ companies_in_list: 2, already_there: 1 });
});
