import { describe, expect, test } from 'vitest';
import { ConfigError, HELP, readConfig } from '../../src/config/config.ts';

const LINUX = { platform: 'linux', home: '/home/ada' } as const;
const read = (env: Record<string, string> = {}, args: string[] = []) => readConfig(args, env, LINUX);

test('without a word in the environment', () => {
  expect(read()).toEqual({
    mode: 'serve',
    apiKey: undefined,
    baseUrl: new URL('https://api.openfunnel.dev/'),
    sandbox: false,
    fromForm: false,
    sandboxSpeed: 1,
    sandboxPort: 8787,
    stateDirectory: '/home/ada/.local/state/openfunnel-lookalikes-mcp',
    usualStateDirectory: '/home/ada/.local/state/openfunnel-lookalikes-mcp',
    temporary: null,
    exportDirectory: '/home/ada/openfunnel-exports',
    keepRows: true,
    coreTools: false,
    confirmAbove: 500,
    dailyCredits: null,
    httpProxy: '',
    httpsProxy: '',
    noProxy: '',
    problems: [],
  });
});

test.each([
  ['serve', []],
  ['help', ['--help']],
  ['help', ['-h']],
  ['version', ['--version']],
  ['version', ['-v']],
  ['serve', ['--sandbox']],
  ['serve-sandbox', ['--serve-sandbox']],
  ['serve-sandbox', ['--serve-sandbox', '9000']],
] as const)('mode %s: %j', (mode, args) => {
  expect(read({}, [...args]).mode).toBe(mode);
  expect(read({}, [...args]).sandbox).toBe((args as readonly string[]).includes('--sandbox'));
});

test('the port that the sandbox is served at', () => {
  expect(read({}, ['--serve-sandbox', '9000']).sandboxPort).toBe(9000);
});

test('the help names every variable that is read', () => {
  for (const name of Object.keys(GOOD)) expect(HELP).toContain(name);
  expect(HELP).toContain('HTTPS_PROXY, HTTP_PROXY, NO_PROXY');
});

/** Values that are understood, and what is made of them. */
const GOOD: Record<
  string,
  ReadonlyArray<readonly [string, ReturnType<typeof readConfig>[keyof ReturnType<typeof readConfig>]]>
> = {
  OPENFUNNEL_API_KEY: [
    [' of_key \n', 'of_key'],
    ['', undefined],
    [`\${user_config.api_key}`, undefined],
  ],
  OPENFUNNEL_BASE_URL: [
    ['https://eu.example/of', new URL('https://eu.example/of/')],
    ['http://127.0.0.1:8787', new URL('http://127.0.0.1:8787/')],
    ['http://[::1]:1', new URL('http://[::1]:1/')],
    ['http://localhost', new URL('http://localhost/')],
    [' ', new URL('https://api.openfunnel.dev/')],
  ],
  OPENFUNNEL_SANDBOX: [
    ['1', true],
    [' TRUE ', true],
    ['on', true],
    ['0', false],
    ['no', false],
    ['', false],
  ],
  OPENFUNNEL_SANDBOX_SPEED: [
    ['10', 10],
    ['0.5', 0.5],
    ['', 1],
  ],
  OPENFUNNEL_STATE_DIR: [
    ['/var/lib/of', '/var/lib/of'],
    ['~/of', '/home/ada/of'],
    ['~', '/home/ada'],
  ],
  OPENFUNNEL_EXPORT_DIR: [
    ['/data', '/data'],
    [' ', '/home/ada/openfunnel-exports'],
  ],
  OPENFUNNEL_CONFIRM_ABOVE: [
    ['0', 0],
    ['1000', 1000],
    ['500.0', 500],
    ['OFF', null],
    ['', 500],
  ],
  OPENFUNNEL_DAILY_CREDITS: [
    ['2000', 2000],
    ['off', null],
    ['', null],
  ],
  OPENFUNNEL_KEEP_ROWS: [
    ['off', false],
    ['0', false],
    ['1', true],
    ['', true],
  ],
};
const SETTINGS = {
  OPENFUNNEL_API_KEY: 'apiKey',
  OPENFUNNEL_BASE_URL: 'baseUrl',
  OPENFUNNEL_SANDBOX: 'sandbox',
  OPENFUNNEL_SANDBOX_SPEED: 'sandboxSpeed',
  OPENFUNNEL_STATE_DIR: 'stateDirectory',
  OPENFUNNEL_EXPORT_DIR: 'exportDirectory',
  OPENFUNNEL_CONFIRM_ABOVE: 'confirmAbove',
  OPENFUNNEL_DAILY_CREDITS: 'dailyCredits',
  OPENFUNNEL_KEEP_ROWS: 'keepRows',
} as const;

test.each(
  Object.entries(GOOD).flatMap(([name, cases]) =>
    cases.map(([value, expected]) => [name, value, expected] as const),
  ),
)('%s=%j', (name, value, expected) => {
  expect(read({ [name]: value })[SETTINGS[name as keyof typeof SETTINGS]]).toEqual(expected);
});

test.each([
  ['OPENFUNNEL_API_KEY', 'of_a of_b'],
  ['OPENFUNNEL_API_KEY', 'of_schlüssel'],
  ['OPENFUNNEL_API_KEY', 'x'.repeat(501)],
  ['OPENFUNNEL_BASE_URL', 'api.openfunnel.dev'],
  ['OPENFUNNEL_BASE_URL', 'http://api.openfunnel.dev'],
  ['OPENFUNNEL_BASE_URL', 'http://127.0.0.1.evil.example'],
  ['OPENFUNNEL_BASE_URL', 'https://user:secret@api.openfunnel.dev'],
  ['OPENFUNNEL_BASE_URL', 'https://api.openfunnel.dev/?key=secret'],
  ['OPENFUNNEL_BASE_URL', 'https://api.openfunnel.dev/#secret'],
  ['OPENFUNNEL_BASE_URL', 'ftp://127.0.0.1/'],
  ['OPENFUNNEL_SANDBOX', 'maybe'],
  ['OPENFUNNEL_SANDBOX_SPEED', '0'],
  ['OPENFUNNEL_SANDBOX_SPEED', '-1'],
  ['OPENFUNNEL_SANDBOX_SPEED', 'fast'],
  ['OPENFUNNEL_SANDBOX_SPEED', 'Infinity'],
  ['OPENFUNNEL_STATE_DIR', 'state'],
  ['OPENFUNNEL_STATE_DIR', './state'],
  ['OPENFUNNEL_STATE_DIR', '/a\0b'],
  ['OPENFUNNEL_EXPORT_DIR', 'exports'],
  ['OPENFUNNEL_CONFIRM_ABOVE', '-1'],
  ['OPENFUNNEL_CONFIRM_ABOVE', '1e3'],
  ['OPENFUNNEL_CONFIRM_ABOVE', 'never'],
  ['OPENFUNNEL_DAILY_CREDITS', '12.5'],
  ['OPENFUNNEL_DAILY_CREDITS', 'lots'],
  ['OPENFUNNEL_KEEP_ROWS', 'some'],
  ['HTTP_PROXY', 'socks5://127.0.0.1:1080'],
  ['HTTPS_PROXY', 'http://'],
])('%s=%j is told in one line that names it and does not repeat it', (name, value) => {
  const { problems } = read({ [name]: value });
  expect(problems).toEqual([{ variable: name, says: expect.stringContaining(name) }]);
  const message = problems[0]?.says ?? '';
  expect(message).not.toContain('\n');
  if (value.length > 8) expect(message).not.toContain(value);
});

test.each([
  [['--sandbx'], '--sandbx'],
  [['--serve-sandbox', '70000'], 'port'],
  [['--serve-sandbox', '80', '90'], 'unknown argument'],
  [['of_key_in_the_wrong_place'], 'unknown argument'],
])('the arguments %j are refused', (args, named) => {
  expect(() => read({}, args)).toThrow(ConfigError);
  expect(() => read({}, args)).toThrow(named);
  if (args[0]?.startsWith('of_')) expect(() => read({}, args)).not.toThrow(args[0]);
});

describe('folders by platform', () => {
  test.each([
    ['linux', {}, '/home/ada/.local/state/openfunnel-lookalikes-mcp'],
    ['linux', { XDG_STATE_HOME: '/x' }, '/x/openfunnel-lookalikes-mcp'],
    ['linux', { XDG_STATE_HOME: 'relative' }, '/home/ada/.local/state/openfunnel-lookalikes-mcp'],
    ['darwin', {}, '/home/ada/Library/Application Support/openfunnel-lookalikes-mcp'],
    ['win32', {}, '/home/ada/AppData/Local/openfunnel-lookalikes-mcp'],
    ['win32', { LOCALAPPDATA: '/l' }, '/l/openfunnel-lookalikes-mcp'],
    ['freebsd', {}, '/home/ada/.local/state/openfunnel-lookalikes-mcp'],
  ] as const)('%s with %j', (platform, env, expected) => {
    expect(readConfig([], env, { platform, home: '/home/ada' }).stateDirectory).toBe(expected);
  });
});

describe('proxies', () => {
  test.each([
    [{ HTTPS_PROXY: 'http://proxy:3128' }, { httpsProxy: 'http://proxy:3128', httpProxy: '' }],
    [{ https_proxy: 'proxy:3128' }, { httpsProxy: 'http://proxy:3128' }],
    [{ https_proxy: 'http://lower', HTTPS_PROXY: 'http://upper' }, { httpsProxy: 'http://lower' }],
    [{ ALL_PROXY: 'http://all' }, { httpsProxy: 'http://all', httpProxy: 'http://all' }],
    [
      { ALL_PROXY: 'http://all', HTTP_PROXY: 'http://own' },
      { httpsProxy: 'http://all', httpProxy: 'http://own' },
    ],
    [{ ALL_PROXY: 'socks5://127.0.0.1:1080' }, { httpsProxy: '', httpProxy: '' }],
    [{ no_proxy: 'a', NO_PROXY: 'b' }, { noProxy: 'a' }],
    [{ NO_PROXY: 'localhost,.corp' }, { noProxy: 'localhost,.corp' }],
  ])('%j', (env, expected) => {
    expect(read(env as Record<string, string>)).toMatchObject(expected);
  });
});
