import { readFileSync, writeFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import type { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { type Called, call } from './harness.ts';
import { json, pageOf, temporaryFolder, upstream } from './upstream.ts';

export const KEY = 'of_test_key_of_money';
export const SEARCH = { query: 'spend management', limit: 40 };

export type Answer = (res: ServerResponse, submit: number) => void;
export const taken: Answer = (res, submit) => json(res, { job_id: `job-${submit}`, status: 'pending' });
export const lost: Answer = (res) => res.destroy();

/** An upstream whose jobs are in the state that the test says; submits are counted, and answered by `answer`. */
export async function market(answer: Answer = taken) {
  const api = { answer, submits: 0, held: [] as Array<() => void>, state: {} as Record<string, string> };
  const { url, requests } = await upstream(({ method, path }, res) => {
    if (path.endsWith('/balance')) json(res, { total_credits: 1000, credits_used: 0, credits_left: 1000 });
    else if (path.endsWith('/cancel')) {
      const known = api.state[idIn(path)] !== 'unknown';
      json(res, known ? { status: 'cancelling' } : { detail: 'Job not found' }, known ? 200 : 404);
    } else if (method === 'POST') {
      api.submits += 1;
      api.answer(res, api.submits);
    } else {
      const job_id = idIn(path);
      const status = api.state[job_id] ?? 'running';
      if (status === 'unknown') json(res, { detail: 'Job not found' }, 404);
      else json(res, { ...pageOf([[{ name: 'Acme', domain: 'acme.com' }]], null, { status }), job_id });
    }
  });
  const state = temporaryFolder();
  const env = { OPENFUNNEL_API_KEY: KEY, OPENFUNNEL_BASE_URL: url, OPENFUNNEL_STATE_DIR: state };
  return Object.assign(api, { env, folder: state, requests, ledger: join(state, 'jobs.jsonl') });
}

function idIn(path: string): string {
  return /bulk\/([^/?]+)/.exec(path)?.[1] ?? '';
}

export const submit = (client: Client, args: Record<string, unknown> = {}): Promise<Called> =>
  call(client, 'submit_lookalikes_bulk', { ...SEARCH, ...args });
export const codeOf = ({ data }: Called): string => data.error?.code ?? 'ok';
export const records = (file: string): Array<Record<string, unknown>> =>
  readFileSync(file, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));
/** Moves all that the ledger says into the past, in records without a checksum, as older versions wrote them. */
export function age(file: string, hours: number): void {
  const text = readFileSync(file, 'utf8').replaceAll(/,"crc32":\d+/g, '');
  const aged = text.replace(/"at":"([^"]+)"/g, (_, at) => {
    return `"at":"${new Date(Date.parse(at) - hours * 3_600_000).toISOString()}"`;
  });
  writeFileSync(file, aged);
}

/** A promise that is resolved from outside. */
export function withResolvers() {
  let resolve = () => {};
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}
