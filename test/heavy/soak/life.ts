import { readFileSync, rmSync } from 'node:fs';
import type { RawResult, StdioServer } from '../../stdio-server.ts';
import { SHORT_JOB } from '../faults/lab.ts';
import { codeOf } from '../faults/outcome.ts';

/** What users did to the server, and what came of it. */
export class Life {
  /** How often each thing was done, and how often each code came back. */
  readonly done = new Map<string, number>();
  readonly cameBack = new Map<string, number>();
  /** Promises that were not kept. */
  readonly broken: string[] = [];
  readonly #server: StdioServer;
  readonly #random: () => number;
  #searches = 0;

  constructor(server: StdioServer, random: () => number) {
    this.#server = server;
    this.#random = random;
  }

  /** One user's errand: a job from submit to file, or up to where it is given up. */
  async errand(): Promise<void> {
    const limit = 10 + Math.floor(this.#random() * SHORT_JOB);
    const submitted = await this.#call('submit_lookalikes_bulk', {
      query: `search number ${++this.#searches}`,
      limit,
    });
    if (submitted.isError) return;
    const { job_id } = submitted.structuredContent;
    const kind = this.#random();
    if (kind < 0.15) await this.#call('cancel_bulk_job', { job_id });
    else if (kind < 0.3) await this.#giveUp(job_id);
    const collected = await this.#call('wait_and_collect', { job_id, max_wait_seconds: 20 });
    const { complete, status, summary } = collected.structuredContent;
    if (complete && status === 'completed' && summary.companies !== limit) {
      this.broken.push(`${summary.companies} of ${limit} companies called complete`);
    }
    if (!collected.isError) await this.#read(job_id, limit, status);
  }

  async #read(job_id: string, limit: number, status: string): Promise<void> {
    const kind = this.#random();
    if (kind < 0.4) return this.#export(job_id, limit, status);
    if (kind < 0.7) await this.#call('get_bulk_page', { job_id, fields: 'all' });
    else if (kind < 0.8) await this.#call('get_bulk_status', { job_id });
    else if (kind < 0.9) await this.#call('list_bulk_jobs', { limit: 5 });
    else await this.#call('get_credit_balance', {});
  }

  async #export(job_id: string, limit: number, status: string): Promise<void> {
    const exported = await this.#call('export_bulk_results', { job_id, format: 'jsonl' });
    if (exported.isError) return;
    const { path, rows } = exported.structuredContent;
    const lines = readFileSync(path, 'utf8').trimEnd().split('\n').length;
    if (status === 'completed' && (rows !== limit || lines !== limit)) {
      this.broken.push(`${lines} of ${limit} rows in a whole file`);
    }
    rmSync(path);
  }

  /** A wait that its caller cancels after a moment, and one that is left to itself. */
  async #giveUp(job_id: string): Promise<void> {
    this.#count(this.done, 'a wait given up');
    const id = `given-up-${this.#searches}-${this.#random()}`;
    const params = { name: 'wait_and_collect', arguments: { job_id } };
    this.#server.send({ id, method: 'tools/call', params });
    await new Promise((resolve) => setTimeout(resolve, this.#random() * 100));
    this.#server.send({ method: 'notifications/cancelled', params: { requestId: id } });
  }

  async #call(name: string, args: Record<string, unknown>): Promise<RawResult> {
    this.#count(this.done, name);
    const result = await this.#server.call(name, args);
    this.#count(this.cameBack, codeOf(result));
    return result;
  }

  #count(counts: Map<string, number>, key: string): void {
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
}
