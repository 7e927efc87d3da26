import { expect, test } from 'vitest';
import { call, connect } from '../harness.ts';
import { market, submit } from '../market.ts';

// A group of countries is told as what is sent for it.

test('a submit says which countries a group was sent as, and sends these', async () => {
  const api = await market();
  const client = await connect(api.env);
  const { text, data } = await submit(client, { locations: ['DACH', 'EU', 'USA'] });
  for (const half of [text, data.notices.join()])
    expect(half).toContain('"DACH" is 3 countries: AUT, CHE, DEU.');
  const sent = ['AUT', 'CHE', 'DEU', 'EU', 'USA'];
  expect(data.request.locations).toEqual(sent);
  expect(JSON.parse(api.requests.find(({ method }) => method === 'POST')?.body ?? '').locations).toEqual(
    sent,
  );
  expect(text).not.toContain('"EU" is');
  // The same countries by name are the same search.
  const again = await submit(client, { locations: ['USA', 'EU', 'Germany', 'Austria', 'Switzerland'] });
  expect(again.data.already_submitted).toBe(true);
});

test('who is asked for a yes is told the countries too', async () => {
  const api = await market();
  const client = await connect({ ...api.env, OPENFUNNEL_CONFIRM_ABOVE: '10' });
  const { data } = await submit(client, { locations: ['the Nordics'] });
  expect(data.error.message).toMatch(/"the Nordics" is 8 countries: ALA, DNK/);
});

test('what is neither country nor group is refused', async () => {
  const api = await market();
  const { data } = await call(await connect(api.env), 'submit_lookalikes_bulk', {
    query: 'x',
    locations: ['the wild west'],
  });
  expect(data.error.message).toContain('not a country or a group');
  expect(api.submits).toBe(0);
});

test('a group is sent in codes of ISO 3166-1 alone, and says who is left out', async () => {
  const api = await market();
  const client = await connect(api.env);
  const { text, data } = await submit(client, { locations: ['Europe'] });
  expect(data.request.locations).not.toContain('XKX');
  expect(data.request.locations).toContain('GBR');
  for (const half of [text, data.notices.join()]) expect(half).toContain('Kosovo is not among them');
});
