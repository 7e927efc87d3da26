import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { KnownLists } from '../../src/disk/known-lists.ts';
import { systemClock } from '../../src/lib/clock.ts';
import type { ImportMode } from '../../src/lists/import/import-terms.ts';
import { importCompanies } from '../../src/lists/import/known-import.ts';
import { temporaryFolder } from '../upstream.ts';

function lab() {
  const root = temporaryFolder();
  const exports = join(root, 'exports');
  mkdirSync(exports);
  const directory = join(root, 'known');
  const known = new KnownLists({ directory, clock: systemClock });
  const { signal } = new AbortController();
  const run = (from: Parameters<typeof importCompanies>[2]['from'], mode: ImportMode = 'add') =>
    importCompanies(known, exports, { list: 'crm', mode, from }, signal);
  return {
    directory,
    run,
    file(content: string | Buffer, name = 'crm.csv', columns = {}, mode?: ImportMode) {
      writeFileSync(join(exports, name), content);
      return run({ file: name, columns }, mode);
    },
    async keys(): Promise<string[]> {
      return (await known.find('crm'))?.entries.flatMap(({ keys }) => keys) ?? [];
    },
  };
}

const rows = (count: number, end = '\n') =>
  Array.from({ length: count }, (_, at) => `Company ${at},c${at}.com${end}`).join('');

describe('files as programs write them', () => {
  test.each<[string, string | Buffer, number]>([
    ['a header in CRLF over rows in LF', `Name,Domain\r\n${rows(60)}`, 60],
    ['a header in LF over rows in CRLF', `Name,Domain\n${rows(60, '\r\n')}`, 60],
    ['sep= in CRLF over rows in LF', `sep=,\r\nName,Domain\n${rows(60)}`, 60],
    ['lines that end in CR alone', `Name,Domain\r${rows(60, '\r')}`, 60],
    ['UTF-16 without a mark', Buffer.from(`Name,Domain\n${rows(3)}`, 'utf16le'), 3],
    [
      'UTF-16, the other way round, without a mark',
      Buffer.from(`Name,Domain\n${rows(3)}`, 'utf16le').swap16(),
      3,
    ],
    ['decimal commas', 'Name;Umsatz;Domain\nA;1,5;c0.com\nB;2,5;c1.com\nC;3,25;c2.com\n', 3],
    ['a row of empty cells first', `,\n,\nName,Domain\n${rows(4)}`, 4],
    ['an empty first column, and blank lines', `\n,,\n,Name,Domain\n${rows(4).replace(/^/gm, ',')}`, 4],
    ['a title above', `Accounts with Owners\n\nName,Domain\n${rows(4)}`, 4],
    ['the header again in the middle', `Name,Domain\n${rows(2)}Name,Domain\nX,c2.com\n`, 3],
    ['two lines of header', `Name,Domain\nFirma,Domäne\n${rows(4)}`, 4],
    ['no header', 'c0.com,Germany\nc1.com,France\n', 2],
  ])('%s', async (_, content, count) => {
    const { file, keys } = lab();
    const imported = await file(content);
    expect(await keys()).toEqual(Array.from({ length: count }, (_, at) => `c${at}.com`));
    expect([imported.read, imported.used]).toEqual([count, count]);
  });

  test('Windows-1252 is told behind the first 64 kB as well, and UTF-8 with a few faults stays UTF-8', async () => {
    const { file, keys } = lab();
    const text = `Name,Domain\n${rows(5_000)}Müller,müller.de\n`;
    expect(await file(Buffer.from(text, 'latin1'))).toMatchObject({ encoding: 'windows-1252', used: 5_001 });
    expect(await keys()).toContain('xn--mller-kva.de');
    const faulty = Buffer.concat([
      Buffer.from('Name,Domain\nMüller Söhne,a.com\nx'),
      Buffer.from([0xe4]),
      Buffer.from(',b.com\n'),
    ]);
    expect(await file(faulty)).toMatchObject({ encoding: null, faulty: true, used: 2 });
  });

  test.each([
    ['German', 'Firmenname;Internetadresse\nA;a.com\n'],
    ['French', 'Raison sociale;Site web\nA;a.com\n'],
    ['Spanish', 'Razón social;Página web\nA;a.com\n'],
  ])('headers in %s', async (_, text) => {
    const { file, keys } = lab();
    expect((await file(text)).columns.map(({ taken_as }) => taken_as).sort()).toEqual(['name', 'website']);
    expect(await keys()).toEqual(['a.com']);
  });

  test('tells where the header is, what was above it, and takes columns named by the caller below a title', async () => {
    const { file, keys } = lab();
    const text = 'Accounts with Owners\nSeite,Kunde von\na.com,x\n';
    expect(await file(text, 'a.csv', { domain: 'Seite' })).toMatchObject({
      header: { line: 2, above: 1, title: 'Accounts with Owners', lines: 1 },
    });
    expect(await keys()).toEqual(['a.com']);
  });
});

describe('columns', () => {
  test.each<[string, string, string, string[]]>([
    ['several of a kind', 'c.csv', 'Name,Website,Website 2\nA,a.com,a.io\n', ['a.com', 'a.io']],
    [
      'one of websites whose header is not known, beside a name',
      'c.csv',
      'Name,Wo\nA,a.com\nB,https://b.com\n',
      ['a.com', 'b.com'],
    ],
    [
      'no links into one program',
      'c.csv',
      'Name,Record\nA,https://crm.com/1\nB,https://crm.com/2\nC,https://crm.com/3\n',
      [],
    ],
    ['French', 'c.csv', 'Société;Adresse du site\nA;a.com\n', ['a.com']],
    ['Spanish', 'c.csv', 'Cliente;URL del sitio web\nA;a.com\n', ['a.com']],
    [
      'fields that an object holds together',
      'c.json',
      '{"results":[{"id":1,"properties":{"name":"A","domain":"a.com"},"owner":{"website":"b.com"}}]}',
      ['a.com'],
    ],
  ])('%s', async (_, name, content, expected) => {
    const { file, keys } = lab();
    await file(content, name);
    expect(await keys()).toEqual(expected);
  });
});

test('a file that names no company takes no list away', async () => {
  const { file, run, keys } = lab();
  await run({ companies: ['a.com'] });
  for (const content of ['\ufeff', 'Name,Website\n', 'Name,Website\n,n/a\n'])
    await expect(file(content, 'c.csv', {}, 'replace')).rejects.toThrow(/left as it was|No column/);
  expect(await keys()).toEqual(['a.com']);
  await run({ companies: [] }, 'replace');
  expect(await keys()).toEqual([]);
});

describe('cells as people fill them', () => {
  test.each<[string, string, string[]]>([
    ['Domains', 'a.com; a.io', ['a.com', 'a.io']],
    ['Domains', '"a.com, a.io"', ['a.com', 'a.io']],
    ['Website', 'a.com / +49 30 1234', ['a.com']],
    ['Website', 'http://https://a.com', ['a.com']],
    ['Website', '"=HYPERLINK(""https://a.com"";""A"")"', ['a.com']],
    ['Website', 'info@a.com', ['a.com']],
    ['Website', 'http:/a.com', ['a.com']],
    ['Website', 'http:a.com', ['a.com']],
    ['Website', '"http;//a.com"', ['a.com']],
    ['Website', 'http:\\\\a.com\\x', ['a.com']],
    ['Company', '"=HYPERLINK(""https://a.com"",""A"")"', ['a.com']],
    ['LinkedIn', 'linkedin.com/company/a ; linkedin.com/company/b', ['linkedin:a', 'linkedin:b']],
    ['Website', 'https://www.facebook.com/Acme/', ['facebook.com/acme']],
    ['Company', 'delta.com', ['delta.com']],
    ['E-Mail', 'ann@comcast.com', ['comcast.com']],
    ['E-Mail', 'ann@bol.com', ['bol.com']],
    ['E-Mail', 'ann@comcast.net', []],
    ['E-Mail', 'ann@gmail.com', []],
    ['Website', 'N/A', []],
    ['Website', '-', []],
    ['Company', '#N/A', []],
    ['Website', 'facebook.com', ['facebook.com']],
  ])('%s: %s', async (header, cell, expected) => {
    const { file, keys } = lab();
    const imported = await file(`${header},Note\n${cell},x\n`);
    expect(await keys()).toEqual(expected);
    expect([imported.read, imported.used]).toEqual([1, expected.length > 0 ? 1 : 0]);
  });

  test('reads a list of domains in JSON', async () => {
    const { file, keys } = lab();
    await file('[{"name":"A","domains":["a.com","a.io"]}]', 'a.json');
    expect(await keys()).toEqual(['a.com', 'a.io']);
  });

  test('names what could not be used, with lines that count those inside of cells', async () => {
    const { file } = lab();
    const imported = await file('Domain,Email,Note\na.com,,"two\nlines"\n,x@gmail.com,\n\n,,only a note\n');
    expect(imported).toMatchObject({
      read: 3,
      used: 1,
      blank: 1,
      unusable: new Map([
        ['freemail', { rows: 1, examples: [{ line: 4, text: 'x@gmail.com' }] }],
        ['empty', { rows: 1, examples: [{ line: 6, text: 'only a note' }] }],
      ]),
    });
  });
});

describe('one company', () => {
  test('is joined from its domain, its LinkedIn page and a file that has both, and any of these removes it', async () => {
    const page = 'https://www.linkedin.com/company/acme';
    for (const gone of ['acme.com', page, 'acme.io']) {
      const { run, file, keys } = lab();
      await run({ companies: [page, 'acme.com'] });
      expect(await file(`Name,Domains,LinkedIn\nAcme,acme.com;acme.io,${page}\n`)).toMatchObject({
        companies_in_list: 1,
        joined: 1,
      });
      expect(await run({ companies: [gone] }, 'remove')).toMatchObject({ removed: 1, companies_in_list: 0 });
      expect(await keys()).toEqual([]);
    }
  });

  test('is kept in a damaged list: nothing is added to it, and replace writes it anew', async () => {
    const { run, directory, keys } = lab();
    await run({ companies: ['a.com', 'b.com'] });
    writeFileSync(join(directory, 'list-crm.1.known'), '[["a.com"],nu');
    await expect(run({ companies: ['c.com'] })).rejects.toThrow(/damaged.*replace/);
    await run({ companies: ['c.com'] }, 'replace');
    expect(await keys()).toEqual(['c.com']);
  });
});
