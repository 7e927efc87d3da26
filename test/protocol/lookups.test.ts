import { expect, test } from 'vitest';
import { inventedLookup } from '../../src/sandbox/lookup-answers.ts';
import { call, connect } from '../harness.ts';

interface Match {
  name: string;
  score: number | null;
  location_country_code: string | null;
}

test('a domain that OpenFunnel does not know: what a submit would do with it, what to do instead, and no question for a website', async () => {
  const client = await connect({}, ['--sandbox']);
  const { text, data } = await call(client, 'lookup_companies', { companies: ['unknown-firm.com'] });
  expect(data.results[0]).toMatchObject({
    status: 'not_found',
    use: null,
    why: expect.stringContaining('domain'),
  });
  for (const said of [text, data.next_step]) {
    expect(said).toContain('skipped beside other seeds and find nothing alone');
    expect(said).toContain('a short query');
    expect(said).not.toContain('Ask for the website');
  }
});

test('names that several companies have are asked about, each match with what tells it apart', async () => {
  const client = await connect({}, ['--sandbox']);
  const { text, data } = await call(client, 'lookup_companies', { companies: ['Beacon', 'Nobody unknown'] });
  const [several, nobody] = data.results;
  expect(several).toMatchObject({
    status: 'ambiguous',
    use: null,
    why: expect.stringMatching(/matches have this name/),
  });
  expect(several.matches.length).toBeGreaterThan(3);
  for (const { domain, country, employees } of several.matches)
    expect(domain ?? country ?? employees).not.toBeNull();
  expect(nobody).toMatchObject({ status: 'not_found', use: null });
  expect(data.next_step).toMatch(/which match is meant.*website of the 1 not found/);
  expect(data.next_step).not.toContain('seed_domains');
  expect(text).toContain(several.why);
});

test('the sandbox answers as recorded look-ups do: several candidates, scores that only order, places or none', () => {
  const companies = ['Beacon', 'Liveworks', 'Point Hill Pros', 'Zephyr', 'Ordex', 'Palm', 'Kelvin Foods'].map(
    (name) => ({ name }),
  );
  const answer = inventedLookup({ companies }) as { results: Array<{ matches: Match[] }> };
  const all = answer.results.map(({ matches }) => matches);
  for (const matches of all) {
    expect(matches.length).toBeGreaterThan(4);
    expect(matches.length).toBeLessThanOrEqual(10);
    const scores = matches.map(({ score }) => score ?? 0);
    expect(scores).toEqual([...scores].sort((a, b) => b - a));
    expect(Math.min(...scores)).toBeGreaterThan(1);
  }
  const codes = new Set(
    all.flat().map(({ location_country_code: code }) => (code === null ? 0 : code.length)),
  );
  expect([...codes].sort()).toEqual([0, 3]);
  const missing = all.filter(
    (matches, index) => !matches.some(({ name }) => name === companies[index]?.name),
  );
  expect(missing.length).toBeLessThan(all.length / 2);
  expect(inventedLookup({ companies })).toEqual(answer);
});
