import { randomUUID } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { type Sandbox, startSandbox } from '../../../src/sandbox/serve.ts';
import { type RawResult, StdioServer } from '../../stdio-server.ts';
import { joined, KEY_OUT } from './outcome.ts';
import type { Finding, Misbehave } from './types.ts';

/** Companies of a job that ends at once (five pages), and of one that runs on. */
export const SHORT_JOB = 45;
export const ENDLESS_JOB = 60;
const PAGE_SIZE = 10;
const HOUR_MS = 3_600_000;
/** Three pipes and eight sockets kept alive toward upstream, files: more open than this was left behind. */
const MAX_LEFT_OPEN = 12;
const MAX_RSS_MB = 220;

/** A request to the sandbox; the path has the query. */
interface Asked {
  method: string;
  path: string;
}

type Matches = (request: Asked) => boolean;

/** The server's environment, beside what every lab sets; may be made from where the sandbox is. */
type Environment = Record<string, string> | ((sandbox: Sandbox) => Record<string, string>);

interface Rule {
  matches: Matches;
  misbehave: Misbehave;
  left: number;
  hits: number;
}

/** The sandbox with a fault plan, and the built server before it. */
export class Lab {
  readonly server: StdioServer;
  readonly sandbox: Sandbox;
  /** Looks like nothing else, so that it can be searched for in all that the server ever wrote; no other lab's. */
  readonly key: string;
  /** What the sandbox was asked, oldest first. */
  readonly requests: readonly Asked[];
  readonly #rules: Rule[];
  #peakMb = 0;
  readonly #watch: NodeJS.Timeout;

  private constructor(sandbox: Sandbox, requests: readonly Asked[], rules: Rule[], env: Environment) {
    this.sandbox = sandbox;
    this.requests = requests;
    this.key = sandbox.apiKey;
    this.#rules = rules;
    this.server = new StdioServer({
      env: {
        OPENFUNNEL_API_KEY: this.key,
        OPENFUNNEL_BASE_URL: sandbox.url,
        ...(typeof env === 'function' ? env(sandbox) : env),
      },
    });
    this.#watch = setInterval(() => {
      this.#peakMb = Math.max(this.#peakMb, this.server.rssMb() ?? 0);
    }, 50);
  }

  /** @param initialize False for a server that is spoken to in the test's own words from the start. */
  static async open(env: Environment = {}, initialize = true): Promise<Lab> {
    const rules: Rule[] = [];
    const requests: Asked[] = [];
    const sandbox = await startSandbox({
      apiKey: `of_key_that_must_never_show_${randomUUID()}`,
      pageSize: PAGE_SIZE,
      durationMs: (limit) => (limit === ENDLESS_JOB ? HOUR_MS : 1),
      intercept: (raw) => {
        const request = { method: raw.req.method ?? '', path: raw.req.url ?? '' };
        requests.push(request);
        const rule = rules.find(({ matches, left }) => left > 0 && matches(request));
        if (!rule) return raw.respond();
        rule.left -= 1;
        rule.hits += 1;
        rule.misbehave(raw);
      },
    });
    const lab = new Lab(sandbox, requests, rules, env);
    if (initialize) await lab.server.initialize();
    return lab;
  }

  /** From now on requests that match are answered badly, `times` times. Tells how often that was. */
  arm(matches: Matches, misbehave: Misbehave, times = Number.POSITIVE_INFINITY): { hits: number } {
    const rule = { matches, misbehave, left: times, hits: 0 };
    this.#rules.push(rule);
    return rule;
  }

  call(name: string, args: Record<string, unknown> = {}): Promise<RawResult> {
    return this.server.call(name, args);
  }

  /** A job of its own, submitted past the server: in no ledger, and met by no rule. */
  async job(limit = SHORT_JOB): Promise<string> {
    const answer = await fetch(`${this.sandbox.url}/api/v1/account/search-lookalikes-bulk`, {
      method: 'POST',
      headers: { 'x-api-key': this.key, 'content-type': 'application/json' },
      body: JSON.stringify({ query: 'expense software', limit }),
    });
    const { job_id } = (await answer.json()) as { job_id: string };
    return job_id;
  }

  /**
   * Ends the lab; what was left behind or let out, in words, or null.
   *
   * @param alive False where the server has been made to end.
   */
  async close({ alive = true } = {}): Promise<string | null> {
    const wrong: string[] = [];
    if (alive) {
      await this.server.request('tools/list').catch(() => wrong.push('the server no longer answers'));
    }
    clearInterval(this.#watch);
    const open = openSockets(this.server.process.pid);
    if (open > MAX_LEFT_OPEN) wrong.push(`${open} sockets left open`);
    if (this.#peakMb > MAX_RSS_MB) wrong.push(`${Math.round(this.#peakMb)} MB of memory at the peak`);
    const files = filesIn(this.server.folder);
    if (files.some((path) => path.includes('.tmp') || path.includes('.part')))
      wrong.push('a temporary file was left');
    const texts = [...this.server.output, ...files.map((path) => readFileSync(path, 'utf8'))];
    if (texts.some((text) => text.includes(this.key))) wrong.push(KEY_OUT);
    if (this.server.output.some((text) => text.includes('unexpected error'))) wrong.push('a bug was logged');
    await this.sandbox.close();
    const code = await this.server.close();
    if (code !== 0) wrong.push(`exit code ${code}`);
    return wrong.length === 0 ? null : wrong.join('; ');
  }
}

/** Requests as plans name them. */
export const on = {
  submit: (({ method, path }) => method === 'POST' && path.endsWith('/search-lookalikes-bulk')) as Matches,
  balance: (({ path }) => path.endsWith('/balance')) as Matches,
  cancel:
    (job: string): Matches =>
    ({ path }) =>
      path.endsWith(`/${job}/cancel`),
  /** The state, which comes with the first page. */
  look:
    (job: string): Matches =>
    ({ method, path }) =>
      method === 'GET' && path.endsWith(`/${job}`),
  page:
    (job: string, cursor: string): Matches =>
    ({ path }) =>
      path.endsWith(`/${job}?cursor=${cursor}`),
  anyPage:
    (job: string): Matches =>
    ({ method, path }) =>
      method === 'GET' && path.includes(`/${job}`),
};

/** Ends the lab; what it left behind counts against the first finding. */
export async function closed(lab: Lab, findings: Finding[]): Promise<Finding[]> {
  const leftBehind = await lab.close();
  const [first] = findings;
  if (first) first.wrong = joined([first.wrong, leftBehind]);
  return findings;
}

function openSockets(pid: number | undefined): number {
  try {
    return readdirSync(`/proc/${pid}/fd`).filter((fd) => {
      try {
        return readlinkSync(`/proc/${pid}/fd/${fd}`).startsWith('socket:');
      } catch {
        return false;
      }
    }).length;
  } catch {
    return 0;
  }
}

/** All files below a folder; none where there is no such folder. */
export function filesIn(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}
