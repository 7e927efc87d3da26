import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import {
  brokenBlocks,
  codeBlocks,
  deadLinks,
  deadPageLinks,
  shownCalls,
} from '../../.build/documents/check.ts';
import { DOCUMENTS, freshDocuments } from '../../.build/documents/generate.ts';
import { NUMBERS, withNumbers } from '../../.build/documents/numbers.ts';
import { onPackagePage } from '../../.build/documents/package-page.ts';
import { blocksOf } from '../../.build/install.ts';
import { modelTools } from '../../.build/model-tools.ts';
import { PROJECT, ROOT } from '../../.build/package/project.ts';
import { ownerOf, type Publication, recordedPublication } from '../../.build/package/publication.ts';
import { HELP } from '../../src/config/config.ts';
import { ERROR_CODES } from '../../src/lib/errors.ts';

const RECORDED = recordedPublication();
/** As it may be before there is an owner, with one, and once it is released. */
const PUBLICATIONS: ReadonlyArray<[string, Publication]> = [
  ['without an owner', { owner: null, released: false }],
  ['with an owner', { owner: ownerOf('somebody'), released: false }],
  ['released', { owner: ownerOf('somebody'), released: true }],
];

describe('documents', () => {
  test.each(Object.entries(freshDocuments(RECORDED)))(
    '%s: what is generated is fresh (npm run documents)',
    (path, text) => {
      expect(readFileSync(join(ROOT, path), 'utf8')).toBe(text);
    },
  );

  test.each(DOCUMENTS)('%s: no dead link, and every code block parses', (path) => {
    expect([...deadLinks(path), ...brokenBlocks(path)]).toEqual([]);
  });

  test.each(PUBLICATIONS)(
    'on the package page, %s, every link of the README leads somewhere',
    (_when, publication) => {
      const { owner } = publication;
      const page = onPackagePage(freshDocuments(publication)['README.md'] ?? '', owner);
      expect(deadPageLinks(page, owner)).toEqual([]);
      expect(page.includes('/blob/v')).toBe(owner !== null);
    },
  );

  test('finds links that lead nowhere on the package page', () => {
    const owner = ownerOf('somebody');
    const page = '# A\n\n[a](#a) [b](#b) [c](LICENSE) `[d](e)`\n\n![f](.github/none.png)\n';
    expect(deadPageLinks(page, owner)).toEqual([
      '#b names no heading',
      'LICENSE is relative',
      '.github/none.png is relative',
    ]);
    expect(deadPageLinks(onPackagePage(page, owner), owner)).toEqual([
      '#b names no heading',
      `https://raw.githubusercontent.com/somebody/${PROJECT.name}/v${PROJECT.version}/.github/none.png leads nowhere`,
    ]);
  });

  test.each(PUBLICATIONS)(
    '%s, npx, npm pages and buttons are shown only where they lead to this package',
    (_when, publication) => {
      const all = Object.values(freshDocuments(publication)).join('\n');
      const foreign = new RegExp(
        `npx (?:-y )?${PROJECT.name}|"${PROJECT.name}[@"]|npmjs\\.com|img\\.shields\\.io`,
      );
      expect(foreign.test(all)).toBe(publication.released);
      expect(all).not.toMatch(
        new RegExp(`npx (?:-y )?${PROJECT.name}(?!@${PROJECT.version.replaceAll('.', '\\.')})`),
      );
      expect(all.includes('github.com/somebody/')).toBe(publication.released);
    },
  );

  test('each number with a single source occurs in a document, and is corrected where it is wrong', () => {
    const all = Object.values(freshDocuments(RECORDED)).join('\n');
    for (const { what, said } of NUMBERS)
      for (const pattern of said) expect(all, `${what}: ${pattern}`).toMatch(pattern);
    expect(withNumbers('Node.js 18.0.0 or newer, up\nto 5 companies, the first nine tools')).toBe(
      'Node.js 20.18.1 or newer, up\nto 10,000 companies, the first eight tools',
    );
    expect(withNumbers('measured on Node 20.20.2, 250 companies')).toBe(
      'measured on Node 20.20.2, 250 companies',
    );
  });

  test.each(DOCUMENTS.filter((path) => path.endsWith('SKILL.md')))(
    '%s: names only tools that there are',
    (path) => {
      const text = readFileSync(join(ROOT, path), 'utf8');
      const names = new Set(modelTools().map(({ name }) => name));
      const parameters = new Set(
        modelTools().flatMap(({ inputSchema }) => Object.keys(inputSchema.properties ?? {})),
      );
      const fields = new Set(
        modelTools().flatMap(({ outputSchema }) => Object.keys(outputSchema.properties ?? {})),
      );
      const named = [...text.matchAll(/`([a-z]+(?:_[a-z]+)+)`/g)].map((match) => match[1] ?? '');
      expect(named.filter((name) => !names.has(name) && !parameters.has(name) && !fields.has(name))).toEqual(
        [],
      );
      for (const name of ['submit_lookalikes_bulk', 'mark_companies', 'export_bulk_results'])
        expect(named).toContain(name);
    },
  );

  test.each(PUBLICATIONS)(
    '%s, the README has at most 300 lines, and a block for each client',
    (_when, publication) => {
      const readme = freshDocuments(publication)['README.md'] ?? '';
      expect(readme.split('\n').length).toBeLessThanOrEqual(301);
      const codes = codeBlocks(readme).map(({ code }) => code.trim());
      for (const { client, text } of blocksOf(publication)) expect(codes, client).toContain(text);
    },
  );

  test.each(DOCUMENTS)('%s: every call that it shows is one that a tool takes', (path) => {
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

  test('every tool is in README and CHANGELOG, every error code in TROUBLESHOOTING, every variable in both help and README', () => {
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

  test('the check sees what is wrong', () => {
    expect(codeBlocks('a\n```json\n{\n```\n')).toEqual([{ language: 'json', code: '{\n', line: 2 }]);
  });
});
