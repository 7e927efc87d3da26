import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { brokenBlocks, codeBlocks, deadLinks, shownCalls } from '../../.build/documents/check.ts';
import { freshDocuments } from '../../.build/documents/generate.ts';
import { BLOCKS } from '../../.build/install.ts';
import { modelTools } from '../../.build/model-tools.ts';
import { ROOT } from '../../.build/package/project.ts';
import { HELP } from '../../src/config/config.ts';
import { ERROR_CODES } from '../../src/openfunnel/errors.ts';

const DOCUMENTS = execFileSync('git', ['ls-files', '*.md', '.github/*.md'], { cwd: ROOT, encoding: 'utf8' })
  .split('\n')
  .filter((path) => path !== '' && !path.startsWith('test/snapshots/'));

describe('documents', () => {
  it.each(Object.entries(freshDocuments()))(
    '%s: what is generated is fresh (npm run documents)',
    (path, text) => {
      expect(readFileSync(join(ROOT, path), 'utf8')).toBe(text);
    },
  );

  it.each(DOCUMENTS)('%s: no dead link, and every code block parses', (path) => {
    expect([...deadLinks(path), ...brokenBlocks(path)]).toEqual([]);
  });

  it('the README has at most 350 lines, and a block for each client', () => {
    const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');
    expect(readme.split('\n').length).toBeLessThanOrEqual(351);
    const codes = codeBlocks(readme).map(({ code }) => code.trim());
    for (const { client, text } of BLOCKS) expect(codes, client).toContain(text);
  });

  it.each(DOCUMENTS)('%s: every call that it shows is one that a tool takes', (path) => {
    const ajv = new Ajv2020({ strict: false });
    const schemas = new Map(modelTools().map(({ name, inputSchema }) => [name, inputSchema as object]));
    for (const { tool, args } of shownCalls(readFileSync(join(ROOT, path), 'utf8'))) {
      const schema = schemas.get(tool) as { properties?: object } | undefined;
      expect(schema, tool).toBeDefined();
      expect(Object.keys(schema?.properties ?? {}), tool).toEqual(expect.arrayContaining(Object.keys(args)));
      expect(ajv.validate(schema ?? {}, args), `${tool} ${JSON.stringify(args)}: ${ajv.errorsText()}`).toBe(
        true,
      );
    }
  });

  it('every tool stands in README and CHANGELOG, every error code in TROUBLESHOOTING, every variable in both help and README', () => {
    const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');
    const troubles = readFileSync(join(ROOT, '.github/TROUBLESHOOTING.md'), 'utf8');
    const changes = readFileSync(join(ROOT, '.github/CHANGELOG.md'), 'utf8');
    for (const document of [readme, changes])
      expect(
        modelTools()
          .map(({ name }) => name)
          .filter((name) => !document.includes(`\`${name}\``)),
      ).toEqual([]);
    expect(ERROR_CODES.filter((code) => !troubles.includes(`| \`${code}\` |`))).toEqual([]);
    const variables = (text: string) => new Set(text.match(/OPENFUNNEL_[A-Z_]+/g));
    expect([...variables(HELP)].filter((name) => !variables(readme).has(name))).toEqual([]);
    expect([...variables(readme)].filter((name) => !variables(HELP).has(name))).toEqual([]);
  });

  it('the check sees what is wrong', () => {
    expect(codeBlocks('a\n```json\n{\n```\n')).toEqual([{ language: 'json', code: '{\n', line: 2 }]);
  });
});
