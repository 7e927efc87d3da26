import { expect, test } from 'vitest';
import { call, connect } from '../harness.ts';
import { cursorOf, json, upstream } from '../upstream.ts';

const PAGES = 4;
const LONG = 'eyJvZmZzZXQiOjEwMH0+/='.repeat(30);

/** Of each kind of cursor: what upstream gives for the page with that number, and what it then takes for it. */
const KINDS: Array<[string, (number: number) => unknown, (number: number) => string]> = [
  ['names of pages', (number) => `page_000${number}`, (number) => `page_000${number}`],
  ['numbers', (number) => number, String],
  ['objects', (number) => ({ offset: number }), (number) => `{"offset":${number}}`],
  ['opaque text', (number) => `${LONG}${number}`, (number) => `${LONG}${number}`],
  [
    'addresses',
    (number) => `https://api.test/api/v1/account/x/job-1?limit=100&cursor=a%2B${number}`,
    (number) => `a+${number}`,
  ],
];

test.each(KINDS)(
  'a list is whole where cursors are %s, and each of its pages can be asked for',
  async (_, given, taken) => {
    const { url, requests } = await upstream(({ path }, res) => {
      const cursor = cursorOf(path);
      const number = cursor === null ? 0 : [1, 2, 3].find((each) => taken(each) === cursor);
      if (number === undefined) return json(res, { detail: 'no such page' }, 404);
      json(res, {
        job_id: 'job-1',
        status: 'completed',
        manifest: { count: 2 * PAGES, pages: PAGES, page_size: 2, credits_consumed: 2 * PAGES },
        rows: [1, 2].map((row) => ({ name: `Company ${number}-${row}`, domain: `c${number}-${row}.com` })),
        page: `page_000${number}`,
        next_cursor: number + 1 < PAGES ? given(number + 1) : null,
        count: 2,
      });
    });
    const client = await connect({ OPENFUNNEL_API_KEY: 'of_x', OPENFUNNEL_BASE_URL: url });
    const job = { job_id: 'job-1' };
    const first = await call(client, 'get_bulk_page', job);
    const second = await call(client, 'get_bulk_page', { ...job, cursor: first.data.next_cursor });
    expect(second.text).toContain('Company 1-1');
    const third = await call(client, 'get_bulk_page', { ...job, cursor: second.data.next_cursor });
    expect(third.text).toMatch(/^\W*5\W+Company 2-1/m);
    const whole = await call(client, 'wait_and_collect', job);
    expect(whole.data).toMatchObject({ complete: true });
    expect(whole.text).toContain('8');
    expect(requests.every(({ path }) => !path.includes('undefined'))).toBe(true);
  },
);
