import { beforeAll, describe, expect, test } from 'vitest';
import { prepareCondition } from '../../src/sql/statement/dialect.ts';
import { sqlTables } from '../sql-tables.ts';

let tables: Awaited<ReturnType<typeof sqlTables>>;
beforeAll(async () => {
  tables = await sqlTables();
});

async function rows(sql: string) {
  const asked = await tables.ask(sql);
  if (!('rows' in asked)) throw new Error(JSON.stringify(asked));
  return asked.rows;
}
async function flat(sql: string) {
  return (await rows(sql)).flat();
}
async function why(sql: string): Promise<string> {
  const asked = await tables.ask(sql);
  return 'refused' in asked
    ? asked.refused
    : 'error' in asked
      ? asked.error
      : `answered ${JSON.stringify(asked.rows)}`;
}

describe('a misspelled name is an error that names the near column', () => {
  test.each([
    ['SELECT count(*) FROM companies WHERE "employee_count" > 29', /employee_count.*mean employees/],
    ['SELECT "company_name", row FROM companies', /company_name.*mean name/],
    ['SELECT "industry", count(*) FROM companies GROUP BY "industry"', /industry.*mean industries/],
    ['SELECT name FROM companies GROUP BY "industry"', /industry.*mean industries/],
    ['SELECT name FROM companies ORDER BY "nam"', /nam.*mean name/],
    ['SELECT name FROM companies WHERE EXISTS (SELECT 1 WHERE "employes" > 3)', /employes.*mean employees/],
    ['SELECT [employes] FROM companies', /employes.*mean employees/],
    ['SELECT `employes` FROM companies', /employes.*mean employees/],
    ['SELECT name FROM companies WHERE country_code = "DEU"', /single quotes: 'DEU'/],
    ['SELECT extra ->> "n" FROM companies', /single quotes: 'n'/],
    ['SELECT name FROM "company"', /tables are companies/],
    ['SELECT lenght(name) FROM companies', /mean length/],
    ['SELECT name FROM companies WHERE name = ‘Acme’', /Curly quotes/],
    ["SELECT name FROM companies WHERE 'employees' > 29", /without quotes/],
    ["SELECT count(*) FROM companies GROUP BY 'country'", /without quotes/],
    ['SELECT count(*) FROM companies WHERE also_in IS NOT NULL', /never NULL.*also_in <> '\[\]'/],
    ['SELECT count(*) FROM companies WHERE known_in IS NULL', /known_in = '\[\]'/],
    ["SELECT count(*) FROM companies WHERE known_in <> ''", /known_in <> '\[\]'/],
    [
      "SELECT count(*) FROM companies c WHERE c.industries <> 'Banking'",
      /json_each\(industries\).*'Banking'/,
    ],
    ["SELECT count(*) FROM companies WHERE industries NOT IN ('Banking')", /json_each/],
    ['SELECT nmae FROM companies', /mean name/],
    ['SELECT count(*) FROM companies WHERE emplyoees > 5', /mean employees/],
    ['SELECT c.name + c.city FROM companies c', /joined with \|\|/],
    ["SELECT group_concat(name SEPARATOR '; ') FROM companies", /group_concat\(x, '; '\)/],
    ['SELECT name FROM companies ORDER BY RAND()', /random\(\)/],
  ])('%s', async (sql, said) => expect(await why(sql)).toMatch(said));

  test('quoted names that are there work, whatever their quotes', async () => {
    const sql = (quote: string, end: string) =>
      `SELECT ${quote}name${end} AS ${quote}Its name${end} FROM ${quote}companies${end} c WHERE c.${quote}row${end} = 4 AND ${quote}job_id${end} = 'j0'`;
    for (const [quote, end] of ['""', '``', '[]'].map((pair) => [pair[0] ?? '', pair[1] ?? ''])) {
      const asked = await tables.ask(sql(quote ?? '', end ?? ''));
      expect(asked).toMatchObject({ columns: ['Its name'], rows: [['Acme Inc']] });
    }
  });
});

test.each(['?', '?1', ':country', '@country', '$1'])(
  'an unbound parameter is an error: %s',
  async (parameter) => {
    expect(await why(`SELECT count(*) FROM companies WHERE country_code = ${parameter}`)).toMatch(
      /write the value itself/,
    );
  },
);

describe('numbers compare as numbers', () => {
  test.each([
    ["employees > '100'", 48],
    ["row <= '3'", 6],
    ["'3' >= row", 6],
    ["revenue_usd > '5000'", 72],
    ["employees = '100'", 0],
    ["employees BETWEEN '10' AND '30'", 6],
    ["row IN ('1', '2')", 4],
    ["employees::text > '5'", 8],
  ])('%s', async (condition, count) =>
    expect(await flat(`SELECT count(*) FROM companies WHERE ${condition}`)).toEqual([count]),
  );

  test.each([
    "employees < '1,000'",
    "'50 people' >= employees",
    "in_eu <> 'false'",
    "employees NOT IN ('11-50')",
    "row BETWEEN 1 AND '1k'",
    "employees <> ''",
  ])('a text that is no number is an error beside one: %s', async (condition) =>
    expect(await why(`SELECT count(*) FROM companies WHERE ${condition}`)).toMatch(
      /the column holds numbers/,
    ),
  );

  test('the name of a number may be given to a text', async () => {
    const named = "SELECT CASE WHEN employees > 100 THEN 'big' ELSE 'small' END AS score FROM companies";
    expect(await flat(`SELECT count(*) FROM (${named}) WHERE score = 'big'`)).toEqual([48]);
  });

  const COUNTED =
    'SELECT city, count(*) AS n, upper(name) AS t, max(row) AS employees FROM companies GROUP BY city';
  const NUMBERED = "SELECT row, name, lower(row) AS digits FROM companies WHERE job_id = 'j0'";
  test.each([
    ["SELECT country FROM companies GROUP BY country HAVING count(*) > '5'", 'count(*)'],
    [`SELECT city FROM (${COUNTED}) WHERE n > '5'`, 'n'],
    [`SELECT count(*) FROM (${COUNTED}) c WHERE c.t <> '7' AND '5' > c.n`, 'c.n'],
    [`SELECT city FROM (${COUNTED}) WHERE employees = '40'`, 'employees'],
    ["SELECT city, count(*) > '5' FROM companies GROUP BY city", 'count(*)'],
  ])('a number in quotes beside a number without a type is told: %s', async (sql, other) => {
    expect(await tables.ask(sql)).toMatchObject({
      hints: expect.arrayContaining([expect.stringContaining(` in quotes is a text, so ${other} is`)]),
    });
  });
  test.each([
    `SELECT row FROM (${NUMBERED}) WHERE digits = '12'`,
    `SELECT count(*) FROM (SELECT row AS n FROM (${NUMBERED})) WHERE n > '9'`,
    `SELECT row FROM (SELECT *, name || '' AS called FROM (${NUMBERED})) WHERE called <> '12'`,
    `WITH c AS (${COUNTED}) SELECT city FROM c WHERE t <> '5' ORDER BY random()`,
    "SELECT row FROM companies WHERE employees > '100' AND employees IS NOT NULL",
  ])('a number in quotes beside a text, or what has a type, is not: %s', async (sql) => {
    expect(await tables.ask(sql)).toMatchObject({ hints: [] });
  });
});

describe('letters are those of people', () => {
  test.each([
    ["name LIKE '%müller%'", 'MÜLLER Maschinenbau GmbH'],
    ["name LIKE '%mu\u0308ller%'", 'MÜLLER Maschinenbau GmbH'],
    ["lower(name) LIKE '%müller%'", 'MÜLLER Maschinenbau GmbH'],
    ["name ILIKE 'M_LLER%'", 'MÜLLER Maschinenbau GmbH'],
    ["lower(name) LIKE '%générale%'", 'ÉLECTRICITÉ GÉNÉRALE SA'],
    ["name LIKE '%яндекс%'", 'ЯНДЕКС ООО'],
    ["upper(name) = 'ÜBERMUT AG'", 'Übermut AG'],
    ["city = 'Zu\u0308rich' AND row = 1", 'MÜLLER Maschinenbau GmbH'],
    ["name = 'übermut ag' COLLATE NOCASE", 'Übermut AG'],
    ["name COLLATE NOCASE = 'STRASSE & CO'", 'Straße & Co'],
    ["'ÜBERMUT AG' = (name COLLATE NOCASE)", 'Übermut AG'],
    ["name COLLATE NOCASE IN ('x', 'ÜBERMUT' || ' AG')", 'Übermut AG'],
    ["name COLLATE NOCASE BETWEEN 'ÜBERM' AND 'ÜBERMUT AG'", 'Übermut AG'],
    ["name REGEXP '(?i)^électricité .*a$'", 'ÉLECTRICITÉ GÉNÉRALE SA'],
    ["name RLIKE 'ЯНД'", 'ЯНДЕКС ООО'],
  ])('%s', async (condition, name) => {
    expect(
      await flat(`SELECT name FROM companies WHERE job_id = 'j0' AND row <= 8 AND ${condition}`),
    ).toEqual([name]);
  });

  test('what has an order inside is not put into another one', async () => {
    const ranked = (order: string) =>
      rows(
        `SELECT name, row_number() OVER (ORDER BY name) AS place FROM companies WHERE job_id = 'j0' AND row <= 8 ORDER BY ${order}`,
      );
    expect((await ranked('place')).map(([, place]) => place)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(await ranked('2')).toEqual(await ranked('name'));
  });

  const ORDERED = ['Acme Inc', 'acme inc', 'ÉLECTRICITÉ GÉNÉRALE SA', 'MÜLLER Maschinenbau GmbH'];
  const REST = ['Straße & Co', 'Übermut AG', 'umbrella', 'ЯНДЕКС ООО'];
  const FIRST = "FROM companies WHERE job_id = 'j0' AND row <= 8";
  test.each([
    `SELECT name ${FIRST} ORDER BY name`,
    `SELECT name ${FIRST} ORDER BY name COLLATE NOCASE`,
    `SELECT name AS company ${FIRST} ORDER BY company`,
    `SELECT name AS company, row ${FIRST} ORDER BY 1, 2`,
    `SELECT DISTINCT c.name ${FIRST.replace('companies', 'companies c')} ORDER BY c.name`,
    `SELECT name ${FIRST} UNION SELECT name ${FIRST} ORDER BY name`,
    `SELECT name ${FIRST} UNION SELECT name ${FIRST} ORDER BY 1`,
    `SELECT value FROM (SELECT json_group_array(name ORDER BY name) AS all_names ${FIRST}), json_each(all_names)`,
  ])('%s', async (sql) => {
    const names = await rows(sql);
    expect(names.map(([name]) => name)).toEqual([...ORDERED, ...REST]);
  });

  test('groups without regard to case show a name as it stands', async () => {
    expect(
      await rows(`SELECT name, count(*) ${FIRST} AND name LIKE 'acme%' GROUP BY name COLLATE NOCASE`),
    ).toEqual([[expect.stringMatching(/^acme inc$/i), 2]]);
    expect(await flat(`SELECT count(DISTINCT name COLLATE NOCASE) ${FIRST}`)).toEqual([7]);
  });

  test('numbers keep their order, and a name given with AS what it stands for', async () => {
    expect(await flat('SELECT row FROM companies ORDER BY row DESC, name LIMIT 3')).toEqual([40, 40, 39]);
    expect(
      await flat('SELECT max(city) name FROM companies WHERE row < 4 GROUP BY country ORDER BY name'),
    ).toEqual(['Paris', 'Zürich', 'Москва']);
    expect(await flat('SELECT employees AS name FROM companies WHERE employees < 30 ORDER BY name')).toEqual([
      10, 10, 20, 20,
    ]);
  });
});

describe('a place by another name than its column has is told', () => {
  test.each([
    ["country IN ('Germany', 'UK')", 30, ["'UK' fits no row: country has it as 'United Kingdom'."]],
    ["c.country <> 'Deutschland' AND country IS NOT 'russia'", 80, [/'Germany'/, /'Russia'/]],
    ["country_code NOT IN ('DE', 'Narnia', 'fra')", 80, [/'DE'.*'DEU'/, /'fra'.*'FRA'/]],
    ["country = 'germany' COLLATE NOCASE OR country LIKE 'GERMANY' OR country ILIKE 'germany'", 30, []],
    ["country LIKE 'ger%' OR country LIKE 'brd'", 30, [/'brd'.*'Germany'/]],
    ["CASE country WHEN 'Germany' THEN 1 WHEN 'USA' THEN 1 ELSE 0 END", 30, [/'USA'.*'United States'/]],
    [
      "CASE country WHEN 'Germany' THEN CASE name WHEN 'UK' THEN 0 ELSE 1 END WHEN 'USA' THEN 1 ELSE 0 END",
      30,
      ["'USA' fits no row: country has it as 'United States'."],
    ],
    ["name = 'UK' OR country = 'Germany'", 30, []],
    ["country IN (SELECT 'UK')", 0, []],
    ["(SELECT country_code AS country) = 'DEU' OR country = 'DEU'", 30, []],
  ])('%s', async (condition, count, said) => {
    const asked = await tables.ask(`SELECT count(*) FROM companies c WHERE ${condition}`);
    expect(asked).toMatchObject({
      rows: [[count]],
      notices: said.map((each) => expect.stringMatching(each)),
    });
  });

  test('and is an error in a condition by which companies are marked', () => {
    expect(prepareCondition("country NOT IN ('UK')")).toMatchObject({
      refused: expect.stringContaining("country has it as 'United Kingdom'"),
    });
    expect(prepareCondition("country NOT IN ('United Kingdom')")).not.toHaveProperty('refused');
  });
});

describe('the schema can be asked', () => {
  test.each([
    "SELECT name FROM sqlite_master WHERE type IN ('table', 'view')",
    'SELECT name FROM sqlite_schema',
    "SELECT name FROM main.sqlite_master WHERE type='table' AND name NOT LIKE 'sqlite_%'",
    'SELECT m.name FROM "sqlite_temp_master" AS m',
    'SELECT name FROM pragma_table_list',
  ])('%s', async (sql) => expect(await flat(sql)).toEqual(['companies']));

  test('the text of a table has its columns with their types', async () => {
    expect(await flat("SELECT sql FROM sqlite_master WHERE name = 'companies'")).toEqual([
      expect.stringMatching(
        /^CREATE TABLE companies \(job_id.* name TEXT, .*employees INTEGER, revenue_usd REAL/,
      ),
    ]);
    expect((await rows('SELECT * FROM sqlite_schema'))[0]).toHaveLength(5);
  });

  test.each([
    'PRAGMA table_info(companies)',
    "PRAGMA table_info('companies');",
    'PRAGMA main.table_info("companies")',
  ])('%s', async (sql) => expect((await rows(sql)).map(([, name]) => name)).toContain('employees'));
  test('PRAGMA table_list counts the columns', async () => {
    expect(await rows('PRAGMA table_list')).toEqual([['main', 'companies', 'table', 13, 0, 0]]);
  });
  test.each([
    'SELECT * FROM information_schema.columns',
    'SELECT * FROM pg_catalog.pg_tables',
    'SHOW TABLES',
    'DESCRIBE companies',
  ])('%s names what to ask', async (sql) => expect(await why(sql)).toMatch(/sqlite_master/));
  test.each([
    'PRAGMA query_only = OFF',
    'PRAGMA table_info(companies); DROP TABLE marks',
    'SELECT * FROM pragma_database_list',
    'SELECT * FROM "pragma_module_list"',
  ])('%s is refused', async (sql) => expect(await tables.ask(sql)).toHaveProperty('refused'));
});

describe('other dialects are met half-way', () => {
  test.each([
    ['SELECT DISTINCT row FROM companies ORDER BY row LIMIT 1 OFFSET 2', [3]],
    ["SELECT '12'::int + 1", [13]],
    ['SELECT (1 + 1)::text || round(2.55, 1)::varchar(10)', ['22.5']],
    ["SELECT '7'::double precision / 2", [3.5]],
    ["SELECT CASE WHEN 1 THEN '5' END::int::text || 'x'", ['5x']],
    ["SELECT '2024-05-06T10:00:00'::date", ['2024-05-06']],
    ["SELECT CAST('abc' AS STRING)", ['abc']],
    [
      "SELECT string_agg(name, '; ' ORDER BY name) FROM companies WHERE row IN (4, 6) AND job_id = 'j1'",
      ['Acme Inc; Übermut AG'],
    ],
    ['```sql\n-- all of them\nSELECT count(*) FROM companies; -- done\n```', [80]],
    ['```SELECT 1;```', [1]],
    ['/* how many */ SELECT count(*) FROM [companies] ; ;', [80]],
  ])('%s', async (sql, values) => expect(await flat(sql)).toEqual(values));

  test.each([
    ["SELECT DATE_TRUNC('month', name) FROM companies", /strftime/],
    ['SELECT ARRAY[name] FROM companies', /json_group_array/],
    ['SELECT array_agg(name) FROM companies', /json_group_array/],
    ["SELECT name FROM companies WHERE country_code = ANY('{DEU}')", /IN \(/],
    ['SELECT DISTINCT ON (country) name FROM companies', /GROUP BY/],
    ["SELECT name FROM companies WHERE name ~* 'x'", /REGEXP/],
    ["SELECT now() - INTERVAL '1 day'", /date\('now'/],
    ['SELECT TOP 5 PERCENT name FROM companies', /LIMIT/],
    ['SELECT DISTINCT TOP (2) row FROM companies ORDER BY row', /LIMIT/],
    ['SELECT row FROM (SELECT TOP 1 row FROM companies ORDER BY row DESC) x', /LIMIT/],
    ['SELECT row FROM companies FETCH FIRST ROW ONLY', /LIMIT/],
    ['SELECT row FROM companies ORDER BY row OFFSET 2 ROWS FETCH NEXT 1 ROW ONLY', /LIMIT/],
    ['SELECT row FROM companies ORDER BY row OFFSET 38', /LIMIT/],
    ['SELECT row FROM companies ORDER BY row OFFSET 2 LIMIT 1', /LIMIT/],
    ['SELECT row FROM companies ORDER BY row LIMIT 1 OFFSET 2 ROWS', /LIMIT/],
    ['SELECT * EXCEPT (extra) FROM companies', /name the columns/],
    ["SELECT CAST('2024-05-06' AS DATE)", /date\(x\)/],
    ["SELECT string_agg(DISTINCT name, '; ') FROM companies", /group_concat\(DISTINCT x\)/],
    ['SELECT name FROM companies WHERE name COLLATE "de_DE" = \'x\'', /NOCASE/],
    ["SELECT name FROM companies WHERE name REGEXP '(?=x)'", /look-ahead/],
  ])('%s names the word of SQLite', async (sql, word) => expect(await why(sql)).toMatch(word));
});

test.each([
  ['SELECT name FROM companies WHERE employees = NULL', /IS NULL/],
  ['SELECT name FROM companies WHERE 10 < employees < 50', /BETWEEN/],
  ["SELECT name FROM companies WHERE country = 'Germany' OR 'France'", /IN \(/],
  ["SELECT name + ', ' + city FROM companies", /\|\|/],
])('what SQLite would run with another meaning is an error: %s', async (sql, said) =>
  expect(await why(sql)).toMatch(said),
);

describe('what an answer does not say by itself', () => {
  const hints = async (sql: string) => {
    const asked = await tables.ask(sql);
    if (!('hints' in asked)) throw new Error(JSON.stringify(asked));
    return asked.hints.join('\n');
  };
  test.each([
    ['SELECT count(*) FROM companies WHERE employees > 100', /^16 rows are left out, .* employees \(16\)/],
    ["SELECT name FROM companies WHERE verdict <> 'drop'", /^78 rows are left out, .* verdict \(78\)/],
    [
      "SELECT c.name FROM companies c WHERE c.employees > 100 AND job_id = 'j0'",
      /^8 rows are .* employees \(8\)/,
    ],
    [
      'SELECT count(is_big) / count(*) AS share FROM (SELECT CASE WHEN row > 20 THEN 1 END AS is_big FROM companies)',
      /^share is a division .*0\.5/,
    ],
    // A whole number that the division has cut to 0 all the same.
    [
      'SELECT count(is_big) / count(*) * 100 AS percent FROM (SELECT CASE WHEN row > 20 THEN 1 END AS is_big FROM companies)',
      /^percent is a division .* really 50\./,
    ],
    [
      'SELECT country FROM companies GROUP BY country HAVING count(verdict) / count(*) < 0.05',
      /^A condition /,
    ],
    ['SELECT count(*) FROM companies WHERE row / 7 < 0.5', /^A condition .* drops the fraction/],
    ['SELECT name FROM companies ORDER BY row % 9 / 5, row DESC LIMIT 3', /^A condition or order/],
    [
      "SELECT count(*) FROM companies c WHERE c.country IN ('Germany', 'Narnia') OR verdict = 'kept'",
      /^No row of companies c has c\.country 'Narnia' or verdict 'kept'\.$/m,
    ],
    [
      "SELECT name FROM companies WHERE job_id NOT IN ('j0', 'J1')",
      /^No row of companies has job_id 'J1'\.$/,
    ],
    [
      "SELECT name FROM companies WHERE country = 'Narnia' AND row > 3",
      /^Searched 80 rows of companies; none of them matches \[country = 'Narnia'\]\.$/,
    ],
    [
      "SELECT count(*) FROM companies WHERE country = 'Germany' AND city = 'Paris'",
      /all together none\. Without \[country = 'Germany'\] there would be 10\.$/,
    ],
    [
      'SELECT country FROM companies WHERE row > 3 GROUP BY country HAVING count(*) > 500',
      /74 of them match the conditions/,
    ],
    [
      'SELECT name FROM companies WHERE row BETWEEN 90 AND 95',
      /none of them matches \[row BETWEEN 90 AND 95\]/,
    ],
  ])('%s', async (sql, said) => expect(await hints(sql)).toMatch(said));

  test.each([
    'SELECT count(*) FROM companies',
    'SELECT row / 10 * 10 AS size, count(*) FROM companies GROUP BY 1',
    'SELECT row / 10 AS size, count(*) FROM companies WHERE row / 2 >= 5 GROUP BY row / 10 ORDER BY size',
    "SELECT name FROM companies WHERE '1/2' = name OR row * 1.0 / 7 < 0.5",
    'SELECT 1.0 * count(verdict) / count(*) FROM companies',
    'SELECT name FROM companies WHERE employees > 100 OR employees IS NULL',
    "SELECT name FROM companies WHERE country LIKE '%many' OR country IN ('Germany', 'France')",
    'SELECT sum(in_eu * 0) FROM companies WHERE row > 3',
    "SELECT employees * 2 AS twice FROM companies WHERE twice > 1000 AND job_id = 'j0' OR row = 1",
  ])('nothing to say of %s', async (sql) => expect(await hints(sql)).toBe(''));
});
