import { appendFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { countTokens } from 'gpt-tokenizer/encoding/o200k_base';
import { afterAll, expect, test } from 'vitest';
import { systemClock } from '../../src/lib/clock.ts';
import { estimateTokens } from '../../src/lib/tokens.ts';
import type { Send } from '../../src/openfunnel/http.ts';
import { Ledger } from '../../src/spending/ledger.ts';
import { inMemory } from '../in-memory.ts';
import { temporaryFolder } from '../upstream.ts';

const folder = temporaryFolder(afterAll);

const bank: Send = async ({ url }) => {
  if (!url.pathname.endsWith('/balance')) throw new Error('nothing else is asked of upstream');
  const balance = { total_credits: 500, credits_used: 320, credits_left: 180 };
  return { status: 200, retryAfter: undefined, body: JSON.stringify(balance) };
};
const { call, ledger } = await inMemory(folder, bank);

test('a hundred jobs of the longest searches stay within the budget, and what was left out is said', async () => {
  for (let job = 0; job < 100; job += 1) {
    const seeds = Array.from({ length: 10 }, (_, seed) => `xn--a-long-seed-${seed}-zq8x7.example`);
    const request = { query: 'Ünïcödé 東京 '.repeat(80), seed_domains: seeds, limit: 9_999 };
    await ledger.record({ type: 'submit', job_id: `job-${job}`, request, status: 'running' });
  }
  const result = await call('list_bulk_jobs', { limit: 100 });
  expect(countTokens(JSON.stringify(result))).toBeLessThan(24_000);
  const shown = result.structuredContent.jobs.length;
  expect(shown).toBeGreaterThan(20);
  expect(result.structuredContent.jobs[0].job_id).toBe('job-99');
  expect(result.structuredContent.notices.join()).toContain(`${100 - shown} of these jobs were left out`);
});

test('a submit whose answer was lost is spoken of, with when and what', async () => {
  const request = { query: 'lost search', limit: 70 };
  await ledger.record({ type: 'intent', intent: 'one', request, credits_left: 200 });
  await ledger.record({ type: 'lost', intent: 'one', request });
  const { structuredContent, content } = await call('list_bulk_jobs', { limit: 1 });
  expect(structuredContent.notices.join()).toMatch(/lost search, limit 70\) was lost: a job MAY exist/);
  expect(content[0]?.text).toContain('lost search');
  expect(content[0]?.text).toContain('200 credits and is 180 now, 20 less');
  expect(structuredContent.jobs).toHaveLength(1);
});

test('of jobs seen to end at once the one submitted last is told first', async () => {
  const clock = { ...systemClock, now: () => Date.UTC(2026, 0, 1) };
  const one = await inMemory(join(folder, 'at-once'), bank, systemClock, { ledgerClock: clock });
  const ids = ['a', 'b', 'c', 'd'];
  for (const job_id of ids)
    await one.ledger.record({
      type: 'submit',
      job_id,
      request: { query: job_id, limit: 9 },
      status: 'pending',
    });
  for (const job_id of ['c', 'a', 'd', 'b'])
    await one.ledger.record({ type: 'status', job_id, status: 'completed', processed: 9, credits: 9 });
  const { structuredContent } = await one.call('get_credit_balance', {});
  expect(structuredContent.jobs).toEqual(['d', 'c', 'b'].map((job_id) => ({ job_id, credits: 9 })));
});

test('what others append, tear or replace in the file is seen, each record once', async () => {
  const directory = temporaryFolder();
  const open = () =>
    new Ledger({
      directory,
      account: 'a',
      clock: systemClock,
    });
  const [ours, theirs] = [open(), open()];
  const submitted = (job_id: string) =>
    theirs.record({ type: 'submit', job_id, request: { query: 'é', limit: 1 }, status: 'pending' });
  const ids = async () => (await ours.view()).jobs.map(({ job_id }) => job_id).sort();
  expect(await ids()).toEqual([]);
  await submitted('one');
  expect(await ids()).toEqual(['one']);
  await theirs.noteStatus('one', { status: 'completed', processed: 1, manifest: null });
  expect(await ours.find('one')).toMatchObject({ status: 'completed', terminal: true });
  appendFileSync(join(directory, 'jobs.jsonl'), '\n{"type":"submit","account":"a","job_');
  expect(await ids()).toEqual(['one']);
  expect((await ours.view()).damage).toMatchObject({ count: 1, places: [{ lines: [4] }] });
  await submitted('two');
  expect(await ids()).toEqual(['one', 'two']);
  expect(await ids()).toEqual(['one', 'two']);
  expect((await ours.view()).damage).toMatchObject({ count: 1, places: [{ lines: [4] }] });
  rmSync(join(directory, 'jobs.jsonl'));
  expect(await ids()).toEqual([]);
  await submitted('three');
  expect(await ids()).toEqual(['three']);
});

test('no script costs more than its estimate says', () => {
  const scripts = [
    'የኢትዮጵያ ኩባንያዎች ',
    'QX7ZK9JW3V ABCDEFGH ',
    '東京都港区の会社 ',
    'শিল্প ',
    'бизнес для людей ',
    'شركة ',
    'Müller & Söhne ',
  ];
  for (const script of scripts) {
    const text = script.repeat(200);
    expect(estimateTokens(text), script).toBeGreaterThanOrEqual(countTokens(text));
  }
});
