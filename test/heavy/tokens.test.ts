import { expect, test } from 'vitest';
import { runScript } from '../npm-script.ts';

test('the table that tokens are estimated by is what its script makes', async () => {
  const { code, stderr } = await runScript('tokens', { args: ['--check'] });
  expect(code, stderr).toBe(0);
});
