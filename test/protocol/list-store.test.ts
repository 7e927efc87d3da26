import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import initSqlJs, { type Database } from 'sql.js';
import { describe, expect, test } from 'vitest';
import { cleanRecord } from '../../src/lib/text.ts';
import { inMemory } from '../../src/lists/list-store.ts';
import { companyFrom, fieldsOf } from '../../src/lists/selecting/fields.ts';
import type { Row } from '../../src/openfunnel/wire.ts';
import { checkImage } from '../../src/sql/image.ts';
import { listsOver } from '../lists.ts';
import { scaled } from '../scale.ts';
import { anyText, HOSTILE_TEXT } from '../untrusted-text.ts';
import { temporaryFolder } from '../upstream.ts';

const ROWS: Row[] = Array.from({ length: 250 }, (_, index) => ({
  name: `Company ${index}`,
  domain: index % 7 === 0 ? '' : `company${index}.example`,
  linkedin_url: `https://www.linkedin.com/company/company-${index}`,
  hq_country: ['Germany', 'India', null][index % 3],
  employee_count: index,
  industries: ['Software', 'Banking'],
  description: 'x'.repeat(index),
  brand_new_field: { deep: [index, null] },
}));
const signal = new AbortController().signal;
const COUNT = { sql: 'SELECT count(*) FROM companies' };

/** Lists in a folder of their own, with one job, and the path of its file. */
function over(rows: readonly Row[] = ROWS, folder = temporaryFolder()) {
  const played = listsOver(folder, {
    j: { rows, request: { seed_domains: ['company1.example'], limit: 100 } },
  });
  return { ...played, folder, directory: join(folder, 'lists'), path: join(folder, 'lists', 'job-j.sqlite') };
}

describe('a kept list', () => {
  test('is one file with mode 0600 in a folder with mode 0700, whose checksum fits', async () => {
    const { ask, path, directory } = over();
    expect((await ask(['j'], COUNT)).rows).toEqual([[250]]);
    expect(readdirSync(directory)).toEqual(['job-j.sqlite']);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(statSync(directory).mode & 0o777).toBe(0o700);
    expect(() => checkImage(readFileSync(path))).not.toThrow();
  });

  test('is found by its id whatever its case, and asked without a request', async () => {
    const { ask, lists, asked } = over();
    await ask(['j'], COUNT);
    const requests = asked.length;
    expect((await lists.get('J', { signal })).about).toMatchObject({
      job_id: 'j',
      companies: 250,
      whole: true,
    });
    expect((await ask(['J'], COUNT)).rows).toEqual([[250]]);
    expect(asked).toHaveLength(requests);
  });

  test('tells its doubts at every later reading as at the first', async () => {
    const rows = ROWS.slice(0, 30);
    const folder = temporaryFolder();
    const job = { rows, over: { manifest: { count: 'thirty' } } };
    const first = await listsOver(folder, { j: job }).lists.get('j', { signal });
    expect([first.about.whole, first.about.doubts.length]).toEqual([true, 1]);
    const later = await listsOver(folder, { j: job }).lists.kept('j', signal);
    expect(later?.about).toEqual(first.about);
    expect(later?.notices.slice(1)).toEqual(first.notices);
  });

  test('of which the disk takes nothing is asked from memory, and says so', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'lists'), 'a file where the folder would be');
    const { ask, lists } = over(ROWS, folder);
    expect((await lists.get('j', { signal })).notices.join()).toMatch(
      /could not be stored .* can't be written/,
    );
    expect((await ask(['j'], COUNT)).rows).toEqual([[250]]);
  });
});

describe('what upstream sent', () => {
  const name = fc.oneof(
    fc.constantFrom(...['name', 'domain', 'linkedin_url', 'industries', 'description', 'tagline']),
    fc.constantFrom(...['employee_count', 'revenue_usd', 'hq_country', 'headquarters', 'company_size']),
    fc.constantFrom(...['row', 'extra', 'job_id', 'company', '__proto__', 'constructor', 'Name']),
    anyText(),
  );
  const site = fc.constantFrom('a.example', 'https://www.b.example/x', 'a.example; b.example', 'fb.com/acme');
  const size = fc.constantFrom('11-50', '1,001+', ' 50 ', '007', '1e3', 1e300, -1, 0.5, 2 ** 53, -0);
  const deep = fc.integer({ min: 1, max: 300 }).map((depth) => {
    let value: unknown = 'bottom';
    for (let at = 0; at < depth; at += 1) value = at % 2 ? [value] : { value };
    return value;
  });
  const value = fc.oneof(
    HOSTILE_TEXT,
    fc.jsonValue(),
    site,
    size,
    fc.array(anyText(), { maxLength: 3 }),
    deep,
  );
  const row = fc.dictionary(name, value, { noNullPrototype: true });
  const rows = fc.array(row, { maxLength: 12 });

  test('comes back cleaned and otherwise the same, with the facts that the rules make of it', async () => {
    const folder = temporaryFolder();
    let number = 0;
    await fc.assert(
      fc.asyncProperty(rows, async (any) => {
        number += 1;
        const { ask } = listsOver(join(folder, String(number)), { j: { rows: any, pageSize: 12 } });
        const { columns, rows: back } = await ask(['j'], {
          sql: 'SELECT * FROM companies ORDER BY row',
          maxText: 1_000_000,
        });
        expect(back).toHaveLength(any.length);
        for (const [at, sent] of any.entries()) {
          // Through JSON, which has no negative zero.
          const clean = JSON.parse(JSON.stringify(cleanRecord(sent, 32_000))) as Row;
          const expected = fieldsOf(clean);
          const company = companyFrom(columns, back[at] ?? []);
          expect(JSON.parse(String(back[at]?.at(-1)))).toEqual(without(clean));
          // A row of an earlier row's company has the key of that one.
          for (const [field, fact] of Object.entries(expected))
            if (field !== 'company_key' || company.same_as === null)
              expect([field, company[field]]).toEqual([field, fact]);
        }
      }),
      { numRuns: scaled(25) },
    );
  });

  test('gives the same list by the same rules, however often it is made anew', async () => {
    const folder = temporaryFolder();
    let number = 0;
    await fc.assert(
      fc.asyncProperty(rows, async (any) => {
        number += 1;
        const { ask, path, asked } = over(any, join(folder, String(number)));
        const all = { sql: 'SELECT * FROM companies ORDER BY row', maxText: 1_000_000 };
        const { rows: before } = await ask(['j'], all);
        const requests = asked.length;
        const dump = await tablesOf(path);
        await rewrite(path, (db) => db.run("UPDATE about SET rules = 0; UPDATE derived SET country = 'x'"));
        expect((await ask(['j'], all)).rows).toEqual(before);
        expect(await tablesOf(path)).toEqual(dump);
        expect(asked).toHaveLength(requests);
      }),
      { numRuns: scaled(15) },
    );
  });
});

describe('a list that was made by other rules', () => {
  test('is made anew from what upstream sent, as a whole and without a request', async () => {
    const { ask, lists, path, directory, asked } = over();
    const countries = { sql: 'SELECT country, count(*), sum(is_seed) FROM companies GROUP BY 1 ORDER BY 1' };
    const before = (await ask(['j'], countries)).rows;
    const requests = asked.length;
    // Rules that knew fewer columns.
    await rewrite(path, (db) =>
      db.run(`UPDATE about SET rules = 0; DROP VIEW companies; DROP TABLE derived;
        CREATE TABLE derived ("row" INTEGER PRIMARY KEY, land TEXT);
        CREATE VIEW companies AS SELECT "row", name FROM upstream_rows`),
    );
    // The very first question is answered by the rules of now.
    expect((await ask(['j'], countries)).rows).toEqual(before);
    expect(() => checkImage(readFileSync(path))).not.toThrow();
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readdirSync(directory)).toEqual(['job-j.sqlite']);
    expect((await lists.get('j', { signal })).about.doubts).toEqual([]);
    expect(asked).toHaveLength(requests);
  });

  test('is asked from memory where it cannot be replaced', async () => {
    const { lists, store, path, ask } = over();
    const before = (await ask(['j'], { sql: 'SELECT * FROM companies' })).rows;
    await rewrite(path, (db) => db.run("UPDATE about SET rules = 0; UPDATE derived SET country = 'x'"));
    store.put = async (id, image) => ({ at: inMemory(id, image), failure: 'the disk is full' });
    const list = await lists.kept('j', signal);
    expect(list?.at.source).toHaveProperty('bytes');
    expect((await ask(['j'], { sql: 'SELECT * FROM companies' })).rows).toEqual(before);
  });
});

describe('a damaged file', () => {
  test('with any bit turned, cut or lengthened, is found by its checksum and its job read anew', async () => {
    const { ask, path, directory, damaged, asked } = over(ROWS.slice(0, 30));
    const all = { sql: 'SELECT * FROM companies ORDER BY row' };
    const { rows: expected } = await ask(['j'], all);
    const whole = readFileSync(path);
    await fc.assert(
      fc.asyncProperty(
        fc.nat(whole.length - 1),
        fc.nat(7),
        fc.constantFrom('turn', 'cut', 'cut to a page', 'add', 'add a page', 'empty'),
        async (at, bit, how) => {
          const bytes = Buffer.from(whole);
          if (how === 'turn') bytes[at] = (bytes[at] ?? 0) ^ (1 << bit);
          const added = Buffer.alloc(how === 'add a page' ? 4_096 : how === 'add' ? bit + 1 : 0);
          const end = { cut: at, 'cut to a page': at - (at % 4_096), empty: 0 }[how as 'cut'] ?? whole.length;
          writeFileSync(path, Buffer.concat([bytes.subarray(0, end), added]));
          const [faults, requests] = [damaged.length, asked.length];
          expect((await ask(['j'], all)).rows).toEqual(expected);
          expect([damaged.length, asked.length > requests]).toEqual([faults + 1, true]);
          expect(damaged.at(-1)).toMatch(/^j: it is damaged: /);
          expect(readFileSync(path).length).toBe(whole.length);
        },
      ),
      { numRuns: scaled(60) },
    );
    expect(readdirSync(directory).filter((name) => name.includes('.damaged-')).length).toBeGreaterThan(1);
  });

  test.each([
    ['of another job', (db: Database) => db.run("UPDATE about SET job_id = 'other'"), /of another job/],
    [
      'without what it says of itself',
      (db: Database) => db.run('DELETE FROM about'),
      /does not say what it is/,
    ],
    ['without its tables', (db: Database) => db.run('DROP TABLE about'), /can not be read as a list/],
    ['of another program', (db: Database) => db.run('PRAGMA application_id = 7'), /no list of this server/],
  ])('that is the list %s is set aside as well', async (_, change, why) => {
    const { ask, path, damaged } = over(ROWS.slice(0, 30));
    await ask(['j'], COUNT);
    await rewrite(path, change);
    expect((await ask(['j'], COUNT)).rows).toEqual([[30]]);
    expect(damaged).toHaveLength(1);
    expect(damaged[0]).toMatch(why);
  });

  test('that goes away while it is asked is read anew', async () => {
    const { lists, path, store } = over(ROWS.slice(0, 30));
    const list = await lists.get('j', { signal });
    await store.forget(['j']);
    expect(existsSync(path)).toBe(false);
    const [answer] = await lists.ask([list], [{ ...COUNT, maxRows: 1 }], { signal });
    expect(answer?.rows).toEqual([[30]]);
    expect(existsSync(path)).toBe(true);
  });
});

test('of two that keep the same job one file stays, and it is whole', async () => {
  const folder = temporaryFolder();
  const two = [over(ROWS, folder), over(ROWS, folder)];
  const counted = await Promise.all(two.map(({ ask }) => ask(['j'], COUNT)));
  expect(counted.map(({ rows }) => rows)).toEqual([[[250]], [[250]]]);
  expect(readdirSync(join(folder, 'lists'))).toEqual(['job-j.sqlite']);
  expect(() => checkImage(readFileSync(join(folder, 'lists', 'job-j.sqlite')))).not.toThrow();
});

test('forgetting deletes the list, what was set aside and temporary files, and says how much space that freed', async () => {
  const { ask, store, lists, path, directory } = over();
  await ask(['j'], COUNT);
  const { size } = statSync(path);
  await store.setAside('j', 'test');
  await ask(['j'], COUNT);
  writeFileSync(join(directory, '.job-j.away-9-0000000a.tmp'), 'half of one');
  writeFileSync(join(directory, 'job-jj.sqlite'), 'of another job');
  writeFileSync(join(directory, 'notes.txt'), 'of the user');
  expect(await lists.forget(['J', 'other'])).toEqual({ forgotten: ['j'], bytes: 2 * size + 11 });
  expect(readdirSync(directory).sort()).toEqual(['job-jj.sqlite', 'notes.txt']);
  expect((await lists.forget('all')).forgotten).toEqual(['jj']);
  expect(readdirSync(directory)).toEqual(['notes.txt']);
});

test('temporary files of killed processes go with the next list that is kept, those of others at work do not', async () => {
  const { ask, directory } = over();
  mkdirSync(directory, { recursive: true });
  const [old, young] = ['.job-x.away-9-00000001.tmp', '.job-x.away-9-00000002.tmp'] as const;
  for (const name of [old, young]) writeFileSync(join(directory, name), 'x');
  const longAgo = new Date(Date.now() - 2 * 24 * 60 * 60 * 1000);
  utimesSync(join(directory, old), longAgo, longAgo);
  await ask(['j'], COUNT);
  expect(readdirSync(directory).sort()).toEqual([young, 'job-j.sqlite']);
});

/** A row's fields for which the file has no column. */
function without(row: Row): Row {
  const columns =
    'name domain linkedin_url headquarters hq_city hq_region hq_country employee_count funding_stage revenue_usd linkedin_follower_count industries match_reason tagline description'.split(
      ' ',
    );
  return Object.fromEntries(Object.entries(row).filter(([name]) => !columns.includes(name)));
}

const engine = initSqlJs();

/** Opens a file, changes it, and puts it back with a checksum that fits: as another version of the server would write it. */
async function rewrite(path: string, change: (db: Database) => unknown): Promise<void> {
  const { Database } = await engine;
  const db = new Database(readFileSync(path));
  change(db);
  const bytes = Buffer.from(db.export());
  db.close();
  bytes.writeUInt32BE(0, 60);
  bytes.writeUInt32BE(crc32(bytes), 60);
  writeFileSync(path, bytes);
}

/** All tables of a file. */
async function tablesOf(path: string): Promise<unknown> {
  const { Database } = await engine;
  const db = new Database(readFileSync(path));
  const tables = ['about', 'pages', 'upstream_rows', 'derived'].map((name) =>
    db.exec(`SELECT * FROM ${name}`),
  );
  db.close();
  return tables;
}
