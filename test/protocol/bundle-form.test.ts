import { expect, test } from 'vitest';
import { FORM_FIELDS } from '../../src/config/form.ts';
import { call, connect } from '../harness.ts';
import { json, upstream } from '../upstream.ts';

// The settings as Claude Desktop's form for the bundle gives them: every field is there, an empty one is ''.

const EMPTY = Object.fromEntries(Object.keys(FORM_FIELDS).map((variable) => [variable, '']));

test('an empty key means the sandbox, and each result says how to leave it', async () => {
  const { OPENFUNNEL_EXPORT_DIR: _folder, ...fields } = EMPTY;
  const client = await connect({ ...fields, OPENFUNNEL_SANDBOX: 'false' }, ['--form']);
  const { isError, text, data } = await call(client, 'get_credit_balance', {});
  expect(isError).toBe(false);
  for (const said of [text, data.notices.join('\n')]) {
    expect(said).toContain('SANDBOX');
    expect(said).toContain('“OpenFunnel API key” (Settings → Extensions → OpenFunnel Lookalikes)');
  }
});

test('without the form, an empty key is asked for', async () => {
  const client = await connect({ OPENFUNNEL_API_KEY: '' });
  const { data } = await call(client, 'get_credit_balance', {});
  expect(data.error.code).toBe('missing_api_key');
});

test.each([
  ['OPENFUNNEL_API_KEY', 'of_...', 'OpenFunnel API key'],
  ['OPENFUNNEL_EXPORT_DIR', 'lists', 'Folder for exported lists'],
  ['OPENFUNNEL_CONFIRM_ABOVE', 'many', 'Ask me above this many credits'],
])('a wrong %s is told by the title of its field, not by its variable', async (variable, value, title) => {
  const client = await connect({ OPENFUNNEL_API_KEY: 'of_abcdefgh', [variable]: value }, ['--form']);
  const { isError, text, data } = await call(client, 'get_credit_balance', {});
  expect(isError).toBe(true);
  expect(data.error.code).toBe('invalid_configuration');
  for (const said of [text, data.error.message]) {
    expect(said).toContain(`“${title}”`);
    expect(said).toContain('Settings → Extensions → OpenFunnel Lookalikes');
    expect(said).not.toMatch(/(?<!\$)OPENFUNNEL_|"env"/);
  }
});

test('a refused key is named by its field’s title, in both halves', async () => {
  const { url } = await upstream((_request, res) => json(res, { detail: 'no' }, 401));
  const client = await connect({ OPENFUNNEL_API_KEY: 'of_abcdefgh', OPENFUNNEL_BASE_URL: url }, ['--form']);
  const { text, data } = await call(client, 'get_credit_balance', {});
  expect(data.error).toMatchObject({
    code: 'unauthorized',
    message: expect.stringContaining('“OpenFunnel API key”'),
  });
  expect(text).toContain(data.error.message);
});
