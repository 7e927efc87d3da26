import { describe, expect, test } from 'vitest';
import { companyOf } from '../../src/companies/company.ts';
import { groupsOf } from '../../src/companies/groups.ts';
import { KnownList } from '../../src/companies/known.ts';
import { MAYBE_PAIRS, SITE_PAIRS } from './company-pairs.ts';

describe('pairs with a label', () => {
  test.each(SITE_PAIRS)('%j and %j are one company: %s', (one, two, same) => {
    const keys = [
      companyOf({ name: 'First Bakery', domain: one }).keys,
      companyOf({ name: 'Second Garage', domain: two }).keys,
    ];
    expect(groupsOf(keys)[1] === 0).toBe(same);
  });

  test.each(MAYBE_PAIRS)(
    '%j on a list, %j in a row: may be it is %s',
    ([known, site], [name, domain], maybe) => {
      const list = new KnownList([{ keys: companyOf({ domain: site }).keys, name: known }]);
      const found = list.mayHave(companyOf({ name, domain }));
      expect([found !== null, found?.entry.name ?? null]).toEqual([maybe, maybe ? known : null]);
      if (maybe) expect(found?.why).not.toBe('');
    },
  );
});
