import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { KnownLists, type ListEntry } from '../../src/disk/known-lists.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { type ImportMode, listName } from '../../src/lists/import/import-terms.ts';
import { type Imported, importCompanies } from '../../src/lists/import/known-import.ts';
import { temporaryFolder } from '../upstream.ts';

function lab() {
  const root = temporaryFolder();
  const exports = join(root, 'exports');
  mkdirSync(exports);
  const lists = [1, 2].map(() => new KnownLists({ directory: join(root, 'known'), clock: systemClock }));
  const [known = lists[0] as KnownLists, other = known] = lists;
  const signal = new AbortController().signal;
  const run = (from: Parameters<typeof importCompanies>[2]['from'], mode: ImportMode = 'add', by = known) =>
    importCompanies(by, exports, { list: 'crm', mode, from }, signal);
  return {
    exports,
    known,
    other,
    run,
    file: (name: string, content: string | Buffer, columns = {}, mode?: ImportMode): Promise<Imported> => {
      writeFileSync(join(exports, name), content);
      return run({ file: name, columns }, mode);
    },
    async entries(): Promise<ListEntry[]> {
      return (await known.find('crm'))?.entries ?? [];
    },
  };
}

describe('columns', () => {
  test.each<[string, string, ListEntry]>([
    [
      'HubSpot',
      'Record ID,Company name,Company Domain Name,LinkedIn Company Page\n1,"Acme, Inc.",acme.com,https://www.linkedin.com/company/acme/',
      { keys: ['acme.com', 'linkedin:acme'], name: 'Acme, Inc.' },
    ],
    [
      'Salesforce',
      '"Account Name","Website","Phone"\n"Acme","http://www.acme.com/en","1"',
      { keys: ['acme.com'], name: 'Acme' },
    ],
    [
      'Apollo people',
      'First Name,Last Name,Title,Company,Company Name for Emails,Email,Person Linkedin Url,Website,Company Linkedin Url\nA,B,CEO,Acme Inc,Acme,a@acme.io,http://www.linkedin.com/in/ab,https://acme.com,http://www.linkedin.com/company/acme',
      { keys: ['acme.com', 'linkedin:acme'], name: 'Acme Inc' },
    ],
    ['Clay', 'Name,Domain,LinkedIn URL\nAcme,acme.com,', { keys: ['acme.com'], name: 'Acme' }],
    ['contacts', 'Name;E-Mail\nAnn;ann@acme.com', { keys: ['acme.com'], name: 'Ann' }],
    [
      'our own export',
      "\ufeffname,domain,headquarters,linkedin_url\r\n'=Acme,acme.com,X,https://www.linkedin.com/company/acme\r\n",
      { keys: ['acme.com', 'linkedin:acme'], name: '=Acme' },
    ],
    [
      'a website that is a profile',
      'Company,Website\nAcme,https://www.facebook.com/acme',
      { keys: ['facebook.com/acme'], name: 'Acme' },
    ],
    ['no header at all', 'acme.com,Acme\n', { keys: ['acme.com'], name: null }],
    [
      'a line that names the sign',
      'sep=;\nDomain;Name\nacme.com;"A;B"\n',
      { keys: ['acme.com'], name: 'A;B' },
    ],
    ['tabs', 'Domain\tName\nacme.com\t"A, B"\n', { keys: ['acme.com'], name: 'A, B' }],
    [
      'headers that are SQL',
      `"'); DROP TABLE companies;--",Domain\nx,acme.com\n`,
      { keys: ['acme.com'], name: null },
    ],
  ])('are found in an export of %s', async (_, text, entry) => {
    const { file, entries } = lab();
    await file('list.csv', text);
    expect(await entries()).toEqual([entry]);
  });

  test('are reported, can be named, and unknown ones are answered with the existing ones', async () => {
    const { file } = lab();
    const table = 'Kunde,Seite\nAcme,acme.com\nB,\n,\n';
    await expect(file('a.csv', table)).resolves.toMatchObject({
      name_only: 1,
      columns: [
        { column: 'Kunde', taken_as: 'name' },
        { column: 'Seite', taken_as: 'domain' },
      ],
    });
    expect(await file('a.csv', table, { domain: 'seite', name: 'Kunde' })).toMatchObject({
      columns: [
        { column: 'Seite', taken_as: 'domain' },
        { column: 'Kunde', taken_as: 'name' },
      ],
      read: 2,
      blank: 1,
      unusable: new Map(),
    });
    await expect(file('a.csv', table, { domain: 'Nope' })).rejects.toThrow(
      /no column "Nope".*"Kunde", "Seite"/,
    );
    await expect(file('b.csv', 'x,y\n1,2\n')).rejects.toThrow(/No column was found.*"x", "y"/);
  });
});

describe('importCompanies', () => {
  test('adds, replaces and removes by identity, and an empty replacement deletes the list', async () => {
    const { run, entries, known } = lab();
    const texts = (...companies: string[]) => ({ companies });
    expect(
      await run(
        texts('https://www.Acme.com/x', 'acme.com', 'Beta Inc', 'joe@gmail.com', 'joe@gamma.io', '  '),
      ),
    ).toMatchObject({
      read: 6,
      added: 3,
      repeated: 1,
      name_only: 1,
      companies_in_list: 3,
      unusable: new Map([
        ['freemail', { rows: 1, examples: [{ line: 4, text: 'joe@gmail.com' }] }],
        ['empty', { rows: 1, examples: [{ line: 6, text: '' }] }],
      ]),
    });
    expect(await run(texts('ACME.com', 'linkedin.com/company/delta'))).toMatchObject({
      added: 1,
      already_there: 1,
      companies_in_list: 4,
    });
    expect(await run(texts('acme.com', 'nobody.com', 'beta'), 'remove')).toMatchObject({
      removed: 2,
      not_there: 1,
      companies_in_list: 2,
    });
    expect(await run(texts('new.com'), 'replace')).toMatchObject({ companies_in_list: 1 });
    expect(await entries()).toEqual([{ keys: ['new.com'], name: null }]);
    expect(await run(texts(), 'replace')).toMatchObject({ companies_in_list: 0 });
    expect((await known.checked()).names).toEqual([]);
    expect(await run(texts('again.com'))).toMatchObject({ companies_in_list: 1 });
  });

  test('loses nothing when several servers add at once', async () => {
    const { run, known, other, entries } = lab();
    await Promise.all(
      Array.from({ length: 36 }, (_, index) =>
        run({ companies: [`c${index}.com`] }, 'add', index % 2 ? known : other),
      ),
    );
    expect(await entries()).toHaveLength(36);
  });

  test('reads UTF-16 and older encodings, JSON and JSONL', async () => {
    const { file, entries } = lab();
    const table = 'Name,Domain\nMüller,müller.de\n';
    await file('le.csv', Buffer.from(`\ufeff${table}`, 'utf16le'), {}, 'replace');
    const [first] = await entries();
    expect(first).toEqual({ keys: ['xn--mller-kva.de'], name: 'Müller' });
    await file('be.csv', Buffer.from(`\ufeff${table}`, 'utf16le').swap16(), {}, 'replace');
    expect(await entries()).toEqual([first]);
    expect(await file('old.csv', Buffer.from(table, 'latin1'), {}, 'replace')).toMatchObject({
      encoding: 'windows-1252',
    });
    expect(await entries()).toEqual([first]);
    await file(
      'a.json',
      JSON.stringify({ companies: [{ name: 'A', domain: null }, { domain: 'b.com' }, 'c.com', 4] }),
      {},
      'replace',
    );
    expect(await entries()).toEqual([
      { keys: [], name: 'A' },
      { keys: ['b.com'], name: null },
      { keys: ['c.com'], name: null },
    ]);
    await file('a.jsonl', '{"Website":"a.com"}\n\n{"Website":"b.com"}', {}, 'replace');
    expect((await entries()).map(({ keys }) => keys[0])).toEqual(['a.com', 'b.com']);
  });

  test.each([
    ['a.csv', '[{"name":"A","domain":"a.com"},{"name":"B","domain":"b.com"}]'],
    ['a.csv', '{"name":"A","domain":"a.com"}\r\n{"name":"B","domain":"b.com"}\r\n'],
    ['a.json', '{"name":"A","domain":"a.com"}\n{"name":"B","domain":"b.com"}\n'],
    ['a.jsonl', '[\n  {"name":"A","domain":"a.com"},\n  {"name":"B","domain":"b.com"}\n]'],
  ])('reads JSON by what it is, as %s: %s', async (name, content) => {
    const { file, entries } = lab();
    await file(name, content);
    expect(await entries()).toEqual([
      { keys: ['a.com'], name: 'A' },
      { keys: ['b.com'], name: 'B' },
    ]);
  });

  test.each([
    [{ website: { url: 'https://www.acme.com/en', label: 'Website' } }, { keys: ['acme.com'], name: null }],
    [
      {
        name: [{ value: 'Acme', locale: 'en' }],
        domains: [{ domain: 'acme.com', root_domain: 'acme.com' }, 'acme.io'],
      },
      { keys: ['acme.com', 'acme.io'], name: 'Acme' },
    ],
    [
      { name: 'Acme', website: { primary: 'acme.com' } },
      { keys: ['acme.com'], name: 'Acme' },
    ],
    [
      { company: { name: 'Acme' }, domain: { href: 'http://acme.com' } },
      { keys: ['acme.com'], name: 'Acme' },
    ],
    [
      { properties: { name: 'Acme' }, company: null, domain: 'acme.com' },
      { keys: ['acme.com'], name: 'Acme' },
    ],
  ])('reads what a field of JSON holds as an object: %j', async (company, entry) => {
    const { file, entries } = lab();
    await file('a.json', JSON.stringify([company]));
    expect(await entries()).toEqual([entry]);
  });

  test.each<[string, string, string | Buffer, RegExp]>([
    [
      'a quote that is never closed',
      'a.csv',
      `Domain\na.com\n"b.com\n${'c.com\n'.repeat(50)}`,
      /opened in the row after row 2.*never closed/,
    ],
    ['a cell of 10 MB', 'a.csv', `Domain\na.com\n${'x'.repeat(10_000_000)}\n`, /longer than 1 MB/],
    ['a workbook', 'a.csv', Buffer.from('PK\u0003\u0004xx'), /workbook/],
    ['what is no text', 'a.csv', Buffer.from([1, 0, 0, 2, 0, 0, 0, 9]), /not a text file/],
    [
      'UTF-32',
      'a.csv',
      Buffer.from(
        [...'\ufeffDomain\na.com\n'].flatMap((sign) => [
          sign.charCodeAt(0) & 255,
          sign.charCodeAt(0) >> 8,
          0,
          0,
        ]),
      ),
      /not a text file/,
    ],
    ['an empty file', 'a.csv', '', /is empty/],
    ['another kind of file', 'a.pdf', 'x', /no CSV, TSV, JSON or JSONL/],
    ['a workbook by its name', 'a.xlsx', 'x', /workbook.*Save As/],
    ['a web page', 'a.csv', '<!DOCTYPE html><table>', /web page/],
    ['JSON that is none', 'a.json', '{"a"', /not JSON as a whole/],
    ['JSON without a list', 'a.json', '{"a":1}', /holds no list/],
    ['a line that is no JSON', 'a.jsonl', '"a.com"\n{', /Line 2 is not JSON/],
  ])('answers %s by name, with nothing half-imported', async (_, name, content, message) => {
    const { file, entries, run } = lab();
    await run({ companies: ['kept.com'] });
    await expect(file(name, content)).rejects.toMatchObject({
      code: 'invalid_input',
      message: expect.stringMatching(message),
    });
    expect(await entries()).toEqual([{ keys: ['kept.com'], name: null }]);
  });

  test('reads nothing outside the export folder', async () => {
    const { exports, known, run } = lab();
    const outside = join(exports, '..', 'outside.csv');
    writeFileSync(outside, 'Domain\nsecret.com\n');
    symlinkSync(outside, join(exports, 'link.csv'));
    mkdirSync(join(exports, 'folder.csv'));
    if (process.platform !== 'win32') execFileSync('mkfifo', [join(exports, 'pipe.csv')]);
    for (const name of [
      '../outside.csv',
      outside,
      'link.csv',
      'folder.csv',
      'pipe.csv',
      '..',
      '',
      'a\0.csv',
      'a\\b.csv',
    ])
      await expect(run({ file: name, columns: {} })).rejects.toMatchObject({ code: 'invalid_input' });
    expect((await known.checked()).names).toEqual([]);
  });
});

test.each([
  ['CRM', 'crm'],
  [' Kunden Österreich ', 'kunden osterreich'],
  ['a/b', 'a-b'],
  ['---', null],
  ['顧客', null],
])('a list called %j is kept as %j', (given, name) => expect(listName(given)).toBe(name));
