import { readFileSync } from 'node:fs';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import type { CallToolResult } from '@modelcontextprotocol/sdk/types.js';
import { makeFolder, type TemporaryFolder } from '../../temporary-folder.ts';

const SERVER = fileURLToPath(new URL('../../../dist/index.js', import.meta.url));
const VIEW = fileURLToPath(new URL('../../../dist/view.html', import.meta.url));
const PAGE = 100;
/** Under this id stands what the next submit answers with. */
const NEXT = 'next';

export type TestRow = Record<string, unknown>;

/** A job as upstream has it. */
export interface TestJob {
  status: string;
  rows: TestRow[];
  processed: number | null;
  stage: string;
  error: string | null;
  /** Whether it has one when it has ended. */
  manifest: boolean;
}

/** The built server over stdio, over an upstream whose jobs the tests set, with a client that shows views. */
export class ViewLab {
  readonly jobs = new Map<string, TestJob>();
  readonly client: Client;
  readonly html = readFileSync(VIEW, 'utf8');
  readonly #folder: TemporaryFolder;
  readonly #upstream: Server;

  private constructor(client: Client, folder: TemporaryFolder, upstream: Server, jobs: Map<string, TestJob>) {
    this.client = client;
    this.#folder = folder;
    this.#upstream = upstream;
    this.jobs = jobs;
  }

  static async start(): Promise<ViewLab> {
    const jobs = new Map<string, TestJob>();
    const upstream = createServer((req, res) => {
      req.resume();
      const url = new URL(req.url ?? '/', 'http://x');
      answer(jobs, url, req.method ?? 'GET', res);
    });
    await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve));
    const folder = makeFolder();
    const client = new Client(
      { name: 'test host', version: '1' },
      {
        capabilities: {
          extensions: { 'io.modelcontextprotocol/ui': { mimeTypes: ['text/html;profile=mcp-app'] } },
        },
      },
    );
    await client.connect(
      new StdioClientTransport({
        command: process.execPath,
        args: [SERVER],
        env: {
          PATH: process.env.PATH ?? '',
          OPENFUNNEL_API_KEY: 'of_test',
          OPENFUNNEL_BASE_URL: `http://127.0.0.1:${(upstream.address() as AddressInfo).port}`,
          OPENFUNNEL_STATE_DIR: join(folder.path, 'state'),
          OPENFUNNEL_EXPORT_DIR: join(folder.path, 'exports'),
        },
        stderr: 'ignore',
      }),
    );
    return new ViewLab(client, folder, upstream, jobs);
  }

  /** A job of its own for a test. */
  job(id: string, rows: TestRow[], over: Partial<TestJob> = {}): TestJob {
    const job = {
      status: 'completed',
      rows,
      processed: rows.length,
      stage: 'completed',
      error: null,
      manifest: true,
      ...over,
    };
    this.jobs.set(id, job);
    return job;
  }

  /** Submits a search of which this becomes the job, so that the ledger has it. */
  async submit(id: string, rows: TestRow[], limit: number, over: Partial<TestJob>): Promise<void> {
    this.job(id, rows, over);
    this.jobs.set(NEXT, { ...this.job(id, rows, over), stage: id });
    const submitted = await this.call('submit_lookalikes_bulk', {
      query: 'expense management for mid-sized companies',
      seed_domains: ['larkspur.example'],
      limit,
      confirm_credits: limit,
      allow_unresolved_seeds: true,
    });
    if (submitted.isError) throw new Error(JSON.stringify(submitted.content));
  }

  async call(name: string, args: Record<string, unknown>): Promise<CallToolResult> {
    return (await this.client.callTool({ name, arguments: args })) as CallToolResult;
  }

  async close(): Promise<void> {
    await this.client.close();
    this.#upstream.closeAllConnections();
    this.#upstream.close();
    this.#folder.remove();
  }
}

function answer(jobs: Map<string, TestJob>, url: URL, method: string, res: ServerResponse): void {
  const [, id = '', rest = ''] = /search-lookalikes-bulk\/([^/]+)(\/cancel)?$/.exec(url.pathname) ?? [];
  const next = jobs.get(NEXT);
  const send = (status: number, body: unknown) => {
    res.writeHead(status, { 'content-type': 'application/json' });
    res.end(JSON.stringify(body));
  };
  if (method === 'POST' && url.pathname.endsWith('/search-lookalikes-bulk') && next) {
    send(200, { job_id: next.stage, status: 'pending', message: 'Job accepted' });
    return;
  }
  if (url.pathname.endsWith('/lookup-companies')) {
    send(503, { detail: 'not here' });
    return;
  }
  const job = jobs.get(id);
  if (!job) {
    send(404, { detail: 'Job not found' });
    return;
  }
  if (method === 'POST' && rest === '/cancel') {
    job.status = 'cancelling';
    send(200, { job_id: id, status: 'cancelling', message: 'Cancelling' });
    return;
  }
  const page = Number(url.searchParams.get('cursor')?.slice(5) ?? 0);
  const pages = Math.max(1, Math.ceil(job.rows.length / PAGE));
  const rows = job.rows.slice(page * PAGE, (page + 1) * PAGE);
  const ended = job.status === 'completed' || job.status === 'cancelled';
  const name = (index: number) => `page_${String(index).padStart(4, '0')}`;
  send(200, {
    job_id: id,
    status: job.status,
    manifest:
      ended && job.manifest
        ? {
            count: job.rows.length,
            pages,
            page_size: PAGE,
            credits_consumed: job.rows.length,
            partial: job.status === 'cancelled',
          }
        : null,
    error_message: job.error,
    rows,
    page: name(page),
    next_cursor: page + 1 < pages ? name(page + 1) : null,
    count: rows.length,
    processed: job.processed,
    progress_message: job.stage,
  });
}

const COUNTRIES = ['United States', 'United Kingdom', 'India', 'Germany', 'France', 'Canada', 'Brazil', null];
const STAGES = ['Series A', 'Series B', 'Series C', 'Seed', 'Private', 'No Funding Yet', null];
const NAMES = [
  'Larkspur',
  'Quillon',
  'Bramble',
  'Ostrava',
  'Fenwick',
  'Juniper',
  'Halden',
  'Mistral',
  'Tamarack',
];
const KINDS = ['Payments', 'Expense', 'Cards', 'Ledger', 'Treasury', 'Invoicing', 'Payroll'];

/** Made-up companies; every 20th is one that came before. */
export function companies(count: number): TestRow[] {
  return Array.from({ length: count }, (_, at) => {
    const name = `${NAMES[at % NAMES.length]} ${KINDS[at % KINDS.length]} ${at + 1}`;
    const same = at % 20 === 19 ? at - 7 : at;
    return {
      name,
      domain: at % 17 === 5 && same === at ? '' : `company${same + 1}.example`,
      linkedin_url: `https://www.linkedin.com/company/company-${same + 1}`,
      hq_country: COUNTRIES[(at * 5) % COUNTRIES.length],
      headquarters: null,
      employee_count: at % 14 === 3 ? null : ((at * 7_919) % 12_000) + 3,
      funding_stage: STAGES[(at * 3) % STAGES.length],
      industries: ['FinTech', KINDS[at % KINDS.length]],
      match_reason: `${name} offers ${KINDS[(at + 1) % KINDS.length]?.toLowerCase()} software with built-in controls for finance teams of mid-sized companies.`,
      description: `${name} was founded to take paperwork off finance teams. `.repeat(6),
      tagline: 'Less paperwork',
      revenue_usd: at % 3 === 0 ? 12_500_000 : null,
      linkedin_follower_count: 1_200 + at,
    };
  });
}
