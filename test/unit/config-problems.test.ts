import { expect, test } from 'vitest';
import { ConfigError, readConfig } from '../../src/config/config.ts';

const HOME = '/home/ada';
const read = (env: Record<string, string>, args: string[] = [], home: string | null = HOME) =>
  readConfig(args, env, { platform: 'linux', home, temporary: '/tmp/openfunnel-1' });
const SECRET = 'of_s3cr3tS3cr3t';

test.each([
  ['OPENFUNNEL_API_KEY', 'of_...'],
  ['OPENFUNNEL_API_KEY', 'of_…'],
  ['OPENFUNNEL_API_KEY', '...'],
  ['OPENFUNNEL_API_KEY', '$' + '{OPENFUNNEL_API_KEY}'],
  ['OPENFUNNEL_API_KEY', '$' + '{input:openfunnel-key}'],
  ['OPENFUNNEL_API_KEY', '$OPENFUNNEL_API_KEY'],
  ['OPENFUNNEL_API_KEY', '%OPENFUNNEL_API_KEY%'],
  ['OPENFUNNEL_API_KEY', '{{api_key}}'],
  ['OPENFUNNEL_API_KEY', '<your key>'],
  ['OPENFUNNEL_API_KEY', '<KEY>'],
  ['OPENFUNNEL_API_KEY', 'YOUR_API_KEY'],
  ['OPENFUNNEL_API_KEY', 'of_your_key_here'],
  ['OPENFUNNEL_API_KEY', 'your-api-key'],
  ['OPENFUNNEL_API_KEY', 'of_xxxxxxxx'],
  ['OPENFUNNEL_API_KEY', 'changeme'],
])('%s=%s is named as a placeholder', (variable, value) => {
  expect(read({ [variable]: value }).problems).toEqual([
    { variable, says: expect.stringContaining('placeholder') },
  ]);
});

test.each(['of_abc123', 'of_x', 'of_secret', 'of_sandbox', 'of_test_key', '"of_abc123"', ' of_abc '])(
  '%j is taken for a key',
  (value) => {
    const { problems, apiKey } = read({ OPENFUNNEL_API_KEY: value });
    expect(problems).toEqual([]);
    expect(apiKey).toMatch(/^of_\w+$/);
  },
);

test.each([
  ['OPENFUNNEL_API_KEY', `Bearer ${SECRET}`],
  ['OPENFUNNEL_BASE_URL', 'api.openfunnel.dev'],
  ['OPENFUNNEL_BASE_URL', 'http://api.openfunnel.dev'],
  ['OPENFUNNEL_BASE_URL', `https://u:${SECRET}@api.openfunnel.dev`],
  ['OPENFUNNEL_BASE_URL', '$' + '{BASE}'],
  ['OPENFUNNEL_STATE_DIR', 'relative/folder'],
  ['OPENFUNNEL_STATE_DIR', '$' + '{HOME}/state'],
  ['OPENFUNNEL_STATE_DIR', '/x/$' + '{USER}'],
  ['OPENFUNNEL_EXPORT_DIR', './exports'],
  ['OPENFUNNEL_EXPORT_DIR', '%USERPROFILE%\\exports'],
  ['OPENFUNNEL_SANDBOX', 'maybe'],
  ['OPENFUNNEL_SANDBOX_SPEED', 'fast'],
  ['OPENFUNNEL_CONFIRM_ABOVE', SECRET],
  ['OPENFUNNEL_DAILY_CREDITS', '-5'],
  ['OPENFUNNEL_KEEP_ROWS', '2'],
  ['HTTPS_PROXY', `socks5://u:${SECRET}@127.0.0.1:1080`],
  ['HTTP_PROXY', '::'],
])('%s=%s is a problem, told without its value', (variable, value) => {
  const { problems } = read({ [variable]: value });
  expect(problems).toEqual([{ variable, says: expect.stringContaining(variable) }]);
  expect(problems[0]?.says).not.toContain(SECRET);
  expect(problems[0]?.says).not.toContain('\n');
});

test('every problem is found, and the default is used instead', () => {
  const config = read({
    OPENFUNNEL_STATE_DIR: 'x',
    OPENFUNNEL_BASE_URL: 'x',
    OPENFUNNEL_CONFIRM_ABOVE: 'x',
    HTTPS_PROXY: 'socks5://127.0.0.1:1',
  });
  expect(config.problems.map(({ variable }) => variable).sort()).toEqual([
    'HTTPS_PROXY',
    'OPENFUNNEL_BASE_URL',
    'OPENFUNNEL_CONFIRM_ABOVE',
    'OPENFUNNEL_STATE_DIR',
  ]);
  expect(config).toMatchObject({
    stateDirectory: '/home/ada/.local/state/openfunnel-lookalikes-mcp',
    confirmAbove: 500,
    httpsProxy: '',
  });
  expect(config.baseUrl.href).toBe('https://api.openfunnel.dev/');
});

test('what the Claude Desktop bundle leaves empty is not set', () => {
  const { problems, apiKey } = read({ OPENFUNNEL_API_KEY: '$' + '{user_config.api_key}' });
  expect([problems, apiKey]).toEqual([[], undefined]);
});

test('unknown arguments are refused, and never repeated where they could be the key', () => {
  for (const args of [['--sandbx'], [SECRET], ['--serve-sandbox', '99999']]) {
    expect(() => read({}, args)).toThrow(ConfigError);
    expect(() => read({}, args)).not.toThrow(SECRET);
  }
  expect(read({ OPENFUNNEL_STATE_DIR: 'x' }, ['--version']).mode).toBe('version');
});

test('the ledger is found where the environment moves it, and a chosen folder is used alone', () => {
  const usual = `${HOME}/.local/state/openfunnel-lookalikes-mcp`;
  expect(read({})).toMatchObject({ stateDirectory: usual, usualStateDirectory: usual });
  expect(read({ XDG_STATE_HOME: '/xdg' })).toMatchObject({
    stateDirectory: '/xdg/openfunnel-lookalikes-mcp',
    usualStateDirectory: usual,
  });
  expect(read({ XDG_STATE_HOME: 'relative' }).stateDirectory).toBe(usual);
  expect(read({ XDG_STATE_HOME: '/xdg', OPENFUNNEL_STATE_DIR: '/mine' })).toMatchObject({
    stateDirectory: '/mine',
    usualStateDirectory: null,
  });
  const windows = (env: Record<string, string>) =>
    readConfig([], env, { platform: 'win32', home: '/Users/ada' }).stateDirectory;
  expect(windows({})).toBe('/Users/ada/AppData/Local/openfunnel-lookalikes-mcp');
  expect(windows({ LOCALAPPDATA: '/elsewhere' })).toBe('/elsewhere/openfunnel-lookalikes-mcp');
  expect(read({ OPENFUNNEL_STATE_DIR: '~/state' }).stateDirectory).toBe(`${HOME}/state`);
});

test('without a home everything is below a folder of the user’s own, and nothing where the client starts it', () => {
  const config = read({}, [], null);
  expect(config.temporary).toBe('/tmp/openfunnel-1');
  for (const path of [config.stateDirectory, config.exportDirectory])
    expect(path.startsWith('/tmp/openfunnel-1/')).toBe(true);
  const chosen = read({ OPENFUNNEL_STATE_DIR: '/a', OPENFUNNEL_EXPORT_DIR: '/b' }, [], null);
  expect(chosen.temporary).toBeNull();
  expect(read({ OPENFUNNEL_STATE_DIR: '~/x' }, [], null).problems).toHaveLength(1);
});
