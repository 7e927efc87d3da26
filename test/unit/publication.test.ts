import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { projectPackageJson } from '../../.build/package/package-json.ts';
import { PROJECT, ROOT } from '../../.build/package/project.ts';
import {
  orderOf,
  ownerOf,
  type Publication,
  recordedPublication,
  UsageError,
} from '../../.build/package/publication.ts';

/** What is recorded before anybody is going to publish. */
const NOBODY: Publication = { owner: null, released: false };

test.each([
  'YOUR_GITHUB_ACCOUNT',
  'your-github-account',
  '',
  '-a',
  'a-',
  'a--b',
  'a b',
  'a/b',
  'é',
  'a'.repeat(40),
])('%j is refused as an owner, in one sentence', (account) => {
  expect(() => orderOf(['--owner', account], NOBODY)).toThrow(UsageError);
  expect(() => orderOf([`--owner=${account}`], NOBODY)).toThrow(/^--owner must be [^\n.]*\.$/);
});

test.each(['somebody', 'Some-Body', 'a', '0', 'a'.repeat(39)])('%j is an owner', (account) => {
  expect(orderOf(['--owner', account], NOBODY).publication.owner).toMatchObject({
    mcpName: `io.github.${account}/${PROJECT.name}`,
    repository: `https://github.com/${account}/${PROJECT.name}`,
  });
});

test.each([[['--ownr', 'x']], [['x']], [['--owner']], [['--released']]])(
  '%j is refused in one sentence',
  (args) => {
    expect(() => orderOf(args, NOBODY)).toThrow(UsageError);
    expect(() => orderOf(args, NOBODY)).toThrow(/^[^\n]+\.$/);
  },
);

test('what is recorded holds until the arguments say otherwise', () => {
  const recorded = { owner: ownerOf('somebody'), released: true };
  expect(orderOf([], recorded).publication).toEqual(recorded);
  expect(orderOf(['--owner', 'else'], recorded).publication).toEqual({
    owner: ownerOf('else'),
    released: true,
  });
});

test('the command says what is wrong in one line, writes nothing and ends with exit code 2', async () => {
  const args = ['--import', 'tsx', '.build/package.ts', '--owner', 'YOUR_GITHUB_ACCOUNT'];
  const ended = await promisify(execFile)(process.execPath, args, { cwd: ROOT }).catch((error) => error);
  expect(ended).toMatchObject({
    code: 2,
    stdout: '',
    stderr: expect.stringMatching(/^--owner must be .*\n$/),
  });
});

test('package.json records the publication, and is as it should be', () => {
  const owner = ownerOf('somebody');
  const before = JSON.parse(projectPackageJson({ owner: null, released: false }));
  expect(before).toMatchObject({ private: true, name: PROJECT.name });
  expect(before).not.toHaveProperty('mcpName');
  const after = JSON.parse(projectPackageJson({ owner, released: true }));
  expect(after).not.toHaveProperty('private');
  expect(after).toMatchObject({
    mcpName: owner.mcpName,
    repository: { type: 'git', url: `git+${owner.repository}.git` },
  });
  expect(JSON.parse(projectPackageJson(recordedPublication()))).toEqual({ ...PROJECT });
});
