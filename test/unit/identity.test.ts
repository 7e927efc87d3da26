import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { groupsOf } from '../../src/companies/groups.ts';
import { linkedinSlug, normalDomain } from '../../src/companies/identity.ts';
import { keysOf } from '../../src/companies/keys.ts';
import { realPages } from '../real-rows.ts';
import { anyText } from '../untrusted-text.ts';

describe('normalDomain', () => {
  test.each([
    ['acme.com', 'acme.com'],
    ['  HTTPS://WWW.Acme.COM./path?q#f ', 'acme.com'],
    ['//acme.com', 'acme.com'],
    ['http://user:pw@acme.com:8080/x', 'acme.com'],
    ['acme.com:443', 'acme.com'],
    ['www.acme.co.uk', 'acme.co.uk'],
    ['www.com', 'www.com'],
    ['www.www.acme.com', 'acme.com'],
    ['bücher.example', 'xn--bcher-kva.example'],
    ['XN--BCHER-KVA.example', 'xn--bcher-kva.example'],
    ['例え.テスト', 'xn--r8jz45g.xn--zckzah'],
    ['blog.acme.com', 'blog.acme.com'],
  ])('reads %j as %j', (text, domain) => expect(normalDomain(text)).toBe(domain));

  test.each([
    '',
    ' ',
    'n/a',
    'N.A.',
    'none',
    'localhost',
    'Acme Inc.',
    'joe@acme.com',
    '10.0.0.1',
    '.com',
    'acme..com',
    `${'a'.repeat(64)}.com`,
    null,
    7,
    'a'.repeat(5000),
  ])('finds none in %j', (text) => expect(normalDomain(text)).toBeNull());

  test('is the same of its own result, and never throws', () => {
    const url = fc
      .tuple(fc.constantFrom('http', 'https', 'HTTPS'), fc.domain(), anyText({ maxLength: 30 }))
      .map(([scheme, host, path]) => `${scheme}://${host}/${path}`);
    fc.assert(
      fc.property(fc.oneof(fc.string(), url, fc.domain()), (text) => {
        const domain = normalDomain(text);
        if (domain !== null) expect(normalDomain(domain)).toBe(domain);
      }),
    );
  });
});

describe('linkedinSlug', () => {
  test.each([
    ['https://www.linkedin.com/company/Acme-Inc/', 'acme-inc'],
    ['linkedin.com/company/acme/about/?x=1', 'acme'],
    ['http://uk.linkedin.com/school/acme', 'acme'],
    ['https://www.linkedin.com/company/caf%C3%A9', 'café'],
    ['https://www.linkedin.com/company/café', 'café'],
    ['https://www.linkedin.com/sales/company/123', '123'],
    ['https://www.linkedin.com/company/50%', '50%'],
  ])('reads %j as %j', (text, slug) => expect(linkedinSlug(text)).toBe(slug));

  test.each(['https://www.linkedin.com/in/somebody', 'https://evil.com/company/acme', 'acme', '', null])(
    'finds none in %j',
    (text) => expect(linkedinSlug(text)).toBeNull(),
  );
});

describe('identity', () => {
  test('has the domain as its first key, else the LinkedIn page, else none', () => {
    const linkedin_url = 'https://www.linkedin.com/company/acme';
    expect(keysOf({ domain: 'Acme.com', linkedin_url })).toEqual(['acme.com', 'linkedin:acme']);
    expect(keysOf({ domain: '', linkedin_url })).toEqual(['linkedin:acme']);
    expect(keysOf({ name: 'Acme' })).toEqual([]);
  });

  test('takes companies for the same by domain or slug, and those without either for none', () => {
    const rows = [
      { domain: 'acme.com' },
      { domain: 'www.acme.com', linkedin_url: 'https://linkedin.com/company/acme-uk' },
      { linkedin_url: 'https://linkedin.com/company/ACME-UK' },
      { linkedin_url: 'https://linkedin.com/company/acme-uk' },
      { name: 'A' },
      { name: 'A' },
    ];
    expect([...groupsOf(rows.map(keysOf))]).toEqual([0, 0, 0, 0, 4, 5]);
  });

  test.skipIf(!realPages)('knows every recorded row by a domain or a slug', () => {
    const rows = realPages?.flat() ?? [];
    expect(rows.filter((row) => keysOf(row).length === 0)).toHaveLength(0);
    expect(rows.filter((row) => row.domain !== '' && normalDomain(row.domain) === null)).toHaveLength(0);
  });
});
