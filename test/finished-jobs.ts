import type { Rows } from './real-rows.ts';
import { cursorOf, json, pageOf, temporaryFolder, upstream } from './upstream.ts';

export const KEY = 'of_test_key';

/** An upstream that accepts submits and has one finished job of `pages` by every other id. */
export async function finished(pages: Rows[], over: Record<string, unknown> = {}) {
  let submits = 0;
  const api = await upstream(({ method, path }, res) => {
    if (path.endsWith('/balance'))
      json(res, { total_credits: 1000, credits_used: 37.5, credits_left: 962.5 });
    else if (method === 'POST') json(res, { job_id: `new-${++submits}`, status: 'pending', message: 'ok' });
    else {
      const job_id = /bulk\/([^/?]+)/.exec(path)?.[1];
      const running = job_id?.startsWith('new') ? { status: 'running', manifest: null } : {};
      json(res, { ...pageOf(pages, cursorOf(path), { ...running, ...over }), job_id });
    }
  });
  const state = temporaryFolder();
  const exports = temporaryFolder();
  const env = {
    OPENFUNNEL_API_KEY: KEY,
    OPENFUNNEL_BASE_URL: api.url,
    OPENFUNNEL_STATE_DIR: state,
    OPENFUNNEL_EXPORT_DIR: exports,
    OPENFUNNEL_KEEP_ROWS: 'off',
  };
  return { api, env, state, exports, submits: () => submits };
}

/** So many companies, with numbers from `from`. */
export const rows = (count: number, from = 0): Rows =>
  Array.from({ length: count }, (_, index) => ({
    name: `Company ${from + index}`,
    domain: `c${from + index}.com`,
    industries: ['A', 'B'],
  }));
