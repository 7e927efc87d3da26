import { ElicitRequestSchema, ErrorCode, McpError } from '@modelcontextprotocol/sdk/types.js';
import { describe, expect, test } from 'vitest';
import { finished, rows } from '../finished-jobs.ts';
import { call, connect } from '../harness.ts';
import { codeOf, market, submit, withResolvers } from '../market.ts';

describe('a yes to a large submit', () => {
  /** The server, with a client whose user answers the form. */
  async function withForm(
    env: Record<string, string>,
    answer: { action: 'accept' | 'decline' | 'cancel'; content?: Record<string, boolean> },
  ) {
    const asked: string[] = [];
    const client = await connect(env, [], {
      capabilities: { elicitation: {} },
      prepare: (made) =>
        made.setRequestHandler(ElicitRequestSchema, ({ params }) => {
          asked.push(params.message);
          return answer;
        }),
    });
    return { client, asked };
  }

  test('a large submit is refused until confirm_credits equals the limit', async () => {
    const { env, submits } = await finished([rows(3)]);
    const client = await connect(env);
    const refused = await call(client, 'submit_lookalikes_bulk', { query: 'x', limit: 600 });
    expect(refused).toMatchObject({
      isError: true,
      data: { error: { code: 'invalid_input', submitted: 'no' } },
    });
    expect(refused.text).toContain('confirm_credits: 600');
    expect(refused.text).toContain('962.5 credits are left');
    expect(
      (await call(client, 'submit_lookalikes_bulk', { query: 'x', limit: 600, confirm_credits: 500 }))
        .isError,
    ).toBe(true);
    expect(submits()).toBe(0);
    expect(
      (await call(client, 'submit_lookalikes_bulk', { query: 'x', limit: 600, confirm_credits: 600 }))
        .isError,
    ).toBe(false);
    expect((await call(client, 'submit_lookalikes_bulk', { query: 'x', limit: 500 })).isError).toBe(false);
    expect(submits()).toBe(2);
  });

  test('a yes to fewer credits than a small search can cost is refused with both ways on', async () => {
    const { env, submits } = await finished([rows(3)]);
    for (const each of [env, { ...env, OPENFUNNEL_CONFIRM_ABOVE: 'off' }]) {
      const client = await connect(each);
      const refused = await call(client, 'submit_lookalikes_bulk', { query: 'x', confirm_credits: 10 });
      expect(refused.data).toMatchObject({ error: { code: 'invalid_input', submitted: 'no' } });
      for (const said of ['limit: 10,', '100 credits']) expect(refused.text).toContain(said);
    }
    expect(submits()).toBe(0);
    const client = await connect(env);
    const args = { query: 'x', limit: 10, confirm_credits: 10 };
    expect((await call(client, 'submit_lookalikes_bulk', args)).isError).toBe(false);
    expect(submits()).toBe(1);
  });

  test('a client with forms is asked; decline and cancel submit nothing', async () => {
    const { env, submits } = await finished([rows(3)]);
    for (const action of ['decline', 'cancel'] as const) {
      const { client, asked } = await withForm(env, { action });
      const said = await call(client, 'submit_lookalikes_bulk', {
        query: 'x',
        limit: 600,
        confirm_credits: 600,
      });
      expect(said).toMatchObject({ isError: true, data: { error: { submitted: 'no' } } });
      expect(asked[0]).toMatch(/600 companies.*600 credits.*962\.5/);
    }
    const unticked = await withForm(env, { action: 'accept', content: { confirm: false } });
    expect((await call(unticked.client, 'submit_lookalikes_bulk', { query: 'x', limit: 600 })).isError).toBe(
      true,
    );
    expect(submits()).toBe(0);
    const { client } = await withForm(env, { action: 'accept', content: { confirm: true } });
    expect((await call(client, 'submit_lookalikes_bulk', { query: 'x', limit: 600 })).isError).toBe(false);
    expect(submits()).toBe(1);
  });

  test('the threshold: 0 asks always, off never; the balance keeps fractions', async () => {
    const { env, submits } = await finished([rows(3)]);
    const always = await connect({ ...env, OPENFUNNEL_CONFIRM_ABOVE: '0' });
    expect((await call(always, 'submit_lookalikes_bulk', { query: 'x', limit: 1 })).isError).toBe(true);
    const never = await connect({ ...env, OPENFUNNEL_CONFIRM_ABOVE: 'off' });
    expect((await call(never, 'submit_lookalikes_bulk', { query: 'x', limit: 10_000 })).isError).toBe(false);
    expect(submits()).toBe(1);
    expect((await call(never, 'get_credit_balance', {})).data).toMatchObject({
      total_credits: 1000,
      credits_used: 37.5,
      credits_left: 962.5,
    });
  });
});

describe('the answer of a form', () => {
  const LARGE = { limit: 600 };
  /** A client whose user's form is answered by `answer`. */
  const asked = async (api: { env: Record<string, string> }, answer: () => unknown) =>
    connect(api.env, [], {
      capabilities: { elicitation: {} },
      prepare: (client) => client.setRequestHandler(ElicitRequestSchema, answer as never),
    });

  test.each([
    ['no content', { action: 'accept' }, 'forbidden'],
    ['an empty form', { action: 'accept', content: {} }, 'forbidden'],
    ['confirm "false"', { action: 'accept', content: { confirm: 'false' } }, 'forbidden'],
    ['confirm "no"', { action: 'accept', content: { confirm: 'no' } }, 'forbidden'],
    ['confirm 0', { action: 'accept', content: { confirm: 0 } }, 'forbidden'],
    ['an unknown action', { action: 'later', content: { confirm: true } }, 'forbidden'],
    ['cancel', { action: 'cancel', content: { confirm: true } }, 'forbidden'],
    ['decline', { action: 'decline' }, 'forbidden'],
    ['confirm true', { action: 'accept', content: { confirm: true } }, 'ok'],
    ['confirm "true"', { action: 'accept', content: { confirm: 'true' } }, 'ok'],
  ])('%s', async (_, answer, code) => {
    const api = await market();
    const client = await asked(api, () => answer);
    expect(codeOf(await submit(client, { ...LARGE, confirm_credits: 600 }))).toBe(code);
    expect(api.submits).toBe(code === 'ok' ? 1 : 0);
  });

  test('confirm_credits counts only for clients that have no forms', async () => {
    const api = await market();
    const failing = await asked(api, () => {
      throw new McpError(ErrorCode.InternalError, 'the window was closed');
    });
    expect(codeOf(await submit(failing, { ...LARGE, confirm_credits: 600 }))).toBe('forbidden');
    const none = await asked(api, () => {
      throw new McpError(ErrorCode.MethodNotFound, 'no forms');
    });
    expect(codeOf(await submit(none, LARGE))).toBe('invalid_input');
    expect(codeOf(await submit(none, { ...LARGE, confirm_credits: 600 }))).toBe('ok');
    const otherMode = await connect(api.env, [], { capabilities: { elicitation: { url: {} } } });
    expect(codeOf(await submit(otherMode, { query: 'x', ...LARGE, confirm_credits: 600 }))).toBe('ok');
    expect(api.submits).toBe(2);
  });

  test('a repeated search while a form is open says so, and continues with its answer', async () => {
    const api = await market();
    let answer: (given: unknown) => void = () => {};
    const shown = withResolvers();
    const client = await asked(api, () => {
      shown.resolve();
      return new Promise((resolve) => {
        answer = resolve;
      });
    });
    const first = submit(client, LARGE);
    await shown.promise;
    const second = await submit(client, LARGE);
    expect(second).toMatchObject({ isError: true, data: { error: { code: 'conflict', submitted: 'no' } } });
    expect(second.text).toContain('A form in the client is already asking');
    answer({ action: 'accept', content: { confirm: true } });
    expect(codeOf(await first)).toBe('ok');
    expect((await submit(client, LARGE)).data.already_submitted).toBe(true);
    expect(api.submits).toBe(1);
  });
});
