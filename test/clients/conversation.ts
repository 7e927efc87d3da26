/** What every client is asked to do, in this order; `query` and `export` where the server has such tools. */
export const STEPS = ['submit', 'wait', 'page', 'query', 'export', 'error'] as const;
export type Step = (typeof STEPS)[number];

/** A tool call of the conversation. */
export interface ToolCall {
  step: Step;
  tool: string;
  args: Record<string, unknown>;
}

export const COMPANIES = 30;
const UNKNOWN_JOB = '00000000-0000-4000-8000-000000000000';
const ID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/;
const MAX_WAITS = 6;

/** The tool of a step, and what must be in a result for the step to have worked, whichever half a client shows. */
const PLAN: Readonly<
  Record<Step, { tool: string; args: (jobId: string) => Record<string, unknown>; works: RegExp }>
> = {
  submit: {
    tool: 'submit_lookalikes_bulk',
    args: () => ({ query: 'spend management for startups', limit: COMPANIES }),
    works: ID,
  },
  wait: { tool: 'wait_and_collect', args: (job_id) => ({ job_id }), works: /completed/ },
  page: { tool: 'get_bulk_page', args: (job_id) => ({ job_id, max_rows: 5 }), works: /headquarters/ },
  query: {
    tool: 'query_companies',
    args: () => ({ sql: 'SELECT count(*) AS how_many FROM companies' }),
    works: new RegExp(`how_many\\D*${COMPANIES}(?!\\d)`),
  },
  export: { tool: 'export_bulk_results', args: (job_id) => ({ job_id }), works: /lookalikes-[\w-]+\.csv/ },
  error: {
    tool: 'get_bulk_status',
    args: () => ({ job_id: UNKNOWN_JOB }),
    works: /no such job|not_found|knows no/i,
  },
};

/**
 * The conversation, one call after the other: what is called next depends on the results so far, as their text in
 * whatever form the client hands it on.
 */
export class Conversation {
  readonly #steps: readonly Step[];
  readonly calls: ToolCall[] = [];
  readonly #results: string[] = [];

  /** @param tools Names of the server's tools. */
  constructor(tools: readonly string[]) {
    this.#steps = STEPS.filter((step) => tools.includes(PLAN[step].tool));
  }

  /** Takes the newest result and says what to call next, or undefined at the end. */
  next(result: string | undefined): ToolCall | undefined {
    const last = this.calls.at(-1);
    if (last && result !== undefined) this.#results.push(result);
    const step = this.#stepAfter(last?.step, result ?? '');
    if (step === undefined) return undefined;
    const jobId = ID.exec(this.#results[0] ?? '')?.[0] ?? '';
    const call = { step, tool: PLAN[step].tool, args: PLAN[step].args(jobId) };
    this.calls.push(call);
    return call;
  }

  #stepAfter(last: Step | undefined, result: string): Step | undefined {
    if (last === undefined) return this.#steps[0];
    const waits = this.calls.filter(({ step }) => step === 'wait').length;
    if (last === 'wait' && !PLAN.wait.works.test(result) && waits < MAX_WAITS) return 'wait';
    return this.#steps[this.#steps.indexOf(last) + 1];
  }

  /** What became of each step: true, or what came instead. */
  outcome(): Partial<Record<Step, true | string>> {
    return Object.fromEntries(
      this.#steps.map((step) => {
        const index = this.calls.findLastIndex((call) => call.step === step);
        const result = this.#results[index];
        if (result === undefined) return [step, 'not reached'];
        return [step, PLAN[step].works.test(result) || result.slice(0, 300)];
      }),
    );
  }
}
