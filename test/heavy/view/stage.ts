import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished } from 'vitest';
import { BrowserHost, findChromium, type OpenOptions, type OpenView } from './browser-host.ts';
import { type TestRow, ViewLab } from './lab.ts';

// What the tests of the view share: a browser, a server with jobs, and ways to look at both.

export interface Opened extends OpenView {
  job: string;
}

export type Opening = Partial<OpenOptions> & {
  over?: Parameters<ViewLab['job']>[2];
  /** Submits the job, with this limit, so that the ledger has it. */
  limit?: number;
};

const chromium = findChromium();
const shots = join(tmpdir(), 'view-screenshots');
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** Waits until the state that is looked at is the one that is meant. */
export const soon = { timeout: 8_000, interval: 50 };

/** A browser and a server for the tests that `define` defines; skipped where there is no chromium. */
export function onStage(name: string, define: (stage: Stage) => void): void {
  const stage = new Stage();
  describe.skipIf(chromium === null)(`${name} (skipped where there is no chromium on the PATH)`, () => {
    beforeAll(async () => {
      mkdirSync(shots, { recursive: true });
      [stage.host, stage.lab] = await Promise.all([BrowserHost.start(chromium ?? ''), ViewLab.start()]);
    }, 60_000);
    afterAll(async () => {
      await stage.host.close();
      await stage.lab.close();
    });
    define(stage);
  });
}

let lastJob = 0;

export class Stage {
  #host: BrowserHost | undefined;
  #lab: ViewLab | undefined;

  get host(): BrowserHost {
    if (!this.#host) throw new Error('the browser has not started');
    return this.#host;
  }
  set host(host: BrowserHost) {
    this.#host = host;
  }
  get lab(): ViewLab {
    if (!this.#lab) throw new Error('the server has not started');
    return this.#lab;
  }
  set lab(lab: ViewLab) {
    this.#lab = lab;
  }

  /** Opens the view on a job of its own, as a model's call of show_companies does. */
  async open(rows: TestRow[], { over = {}, limit, ...options }: Opening = {}): Promise<Opened> {
    lastJob += 1;
    const job = `view-job-${lastJob}`;
    const { lab } = this;
    if (limit === undefined) lab.job(job, rows, over);
    else await lab.submit(job, rows, limit, over);
    const result = await lab.call('show_companies', { job_id: job });
    const opened = await this.bare({ input: { job_id: job }, result, ...options });
    return { ...opened, job };
  }

  /** Opens the view as the host that the options describe does. */
  async bare(options: Partial<OpenOptions>): Promise<OpenView> {
    const { lab } = this;
    const opened = await this.host.open({
      html: lab.html,
      callTool: (name, args) => lab.call(name, args),
      ...options,
    });
    onTestFinished(() => opened.close());
    return opened;
  }

  /** What the database says of a job, past the view. */
  async query(job: string, sql: string): Promise<unknown[][]> {
    const { structuredContent } = await this.lab.call('query_companies', {
      sql,
      job_ids: [job],
      max_rows: 500,
    });
    return (structuredContent as { rows: unknown[][] }).rows;
  }

  /** The verdicts of a job by row. */
  async verdicts(job: string): Promise<unknown[][]> {
    return this.query(job, 'SELECT row, verdict FROM companies WHERE verdict IS NOT NULL ORDER BY row');
  }
}

export const row = ({ view }: OpenView, number: number) => view.locator(`tr[data-row="${number}"]`);
export const status = ({ view }: OpenView) => view.locator('.status .range');
export const tab = ({ view }: OpenView, name: string) => view.locator('.tabs button', { hasText: name });
export const card = ({ view }: OpenView) => view.locator('.card');

/** Ranks of the rows that the table shows, in order; empty until there is a table. */
export async function ranks({ view }: OpenView): Promise<number[]> {
  return view
    .locator('tbody tr[data-row]')
    .evaluateAll((rows) => rows.map((each) => Number(each.dataset.row)));
}

/** Waits for the table. */
export async function table(opened: OpenView): Promise<void> {
  await opened.view.locator('tbody tr[data-row]').first().waitFor({ timeout: 30_000 });
}

/** Puts the focus on a row. */
export const onRow = (opened: OpenView, number: number) => row(opened, number).locator('.open').focus();

/** A picture for whoever looks at them. */
export async function picture({ page }: OpenView, name: string): Promise<void> {
  await page.screenshot({ path: join(shots, `${name}.png`), fullPage: true });
}

/** Fails where axe finds something against WCAG 2.2, levels A and AA, or its best practices. */
export async function accessible(opened: OpenView): Promise<void> {
  await opened.inside(AXE);
  // The one rule of 2.2 that axe leaves out by itself.
  const rules = { 'target-size': { enabled: true } };
  const violations = await opened.inside<Array<{ id: string; nodes: Array<{ html: string }> }>>(
    `axe.run(document, { resultTypes: ["violations"], rules: ${JSON.stringify(rules)} }).then(({ violations }) => violations)`,
  );
  expect(
    violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join(' | ')}`),
  ).toEqual([]);
}
