import type { Company, Fit, Selection, StatusAnswer, Verdict } from '../../src/view/contract.ts';
import type { Call, Failure, RowsCall, RowsRead } from '../../src/view/state/draft.ts';
import { beginning, type Operation, type State } from '../../src/view/state/model.ts';
import { update, type ViewEvent } from '../../src/view/state/update.ts';

/** A server's side as the view's calls find it: a list of companies with marks, pages and counts. */
export class ListServer {
  readonly companies: Company[];
  readonly jobId: string;
  session: string | null = null;
  status = 'completed';
  #revision = 1;
  readonly #done = new Map<string, Array<readonly [number, Verdict | null]>>();

  constructor(jobId: string, count: number) {
    this.jobId = jobId;
    this.companies = Array.from({ length: count }, (_, at) => ({
      row: at + 1,
      name: `Company ${at + 1}`,
      domain: `company${at + 1}.example`,
      country: at % 3 === 0 ? 'India' : 'France',
      employees: at,
      funding_stage: '',
      match_reason: '',
      says: '',
      verdict: null,
      by: null,
      reason: '',
      is_seed: false,
      same_as: null,
      known_in: [],
      known_like: [],
      key: '',
    }));
  }

  /** The ranks change: the last company is the first. */
  rerank(): void {
    this.companies.reverse();
    for (const [at, company] of this.companies.entries()) company.row = at + 1;
  }

  /** What the marks are now. */
  verdicts(): Record<number, Verdict> {
    return Object.fromEntries(
      this.companies.flatMap(({ row, verdict }) => (verdict === null ? [] : [[row, verdict]])),
    );
  }

  mark(rows: readonly number[], verdict: Verdict | null, by: 'user' | 'model' = 'model'): void {
    this.#revision += 1;
    for (const row of rows) {
      const company = this.companies[row - 1];
      if (company) Object.assign(company, { verdict, by: verdict === null ? null : by });
    }
  }

  take(operation: Operation) {
    const { id, kind, verdict, undoes, selection, keys, shows } = operation;
    if (kind === 'undo') {
      for (const [row, before] of this.#done.get(undoes) ?? []) this.mark([row], before, 'user');
    } else if (!this.#done.has(id)) {
      const rows = selection
        ? this.#fitting(selection).map(({ row }) => row)
        : kind === 'early'
          ? this.companies.filter(({ domain }) => keys.includes(domain)).map(({ row }) => row)
          : shows.map(([row]) => row);
      this.#done.set(
        id,
        rows.map((row) => [row, this.companies[row - 1]?.verdict ?? null] as const),
      );
      for (const row of rows) {
        const now = this.companies[row - 1]?.verdict ?? null;
        this.mark([row], verdict === 'clear' ? null : verdict === 'confirm' ? now : verdict, 'user');
      }
    }
    const marked = this.#done.get(undoes || id)?.length ?? 0;
    const [counts, fit] = [this.#counts(), this.#fit()];
    return { job_id: this.jobId, marked, counts, fit, revision: `${this.#revision}` };
  }

  read({ start: begin, selection, order: { sort }, limit }: RowsCall): RowsRead {
    const { offset, after, before, from, rows } = begin;
    const fitting = this.#fitting(selection, sort);
    const place = ({ row }: Pick<Company, 'row'>) => (sort === 'spread' ? (row * 0.618) % 1 : row);
    const standing = (row: number, with_: boolean) =>
      fitting.filter((each) => place(each) < place({ row }) || (with_ && each.row === row)).length;
    const start =
      after !== undefined
        ? standing(after, true)
        : before !== undefined
          ? Math.max(0, standing(before, false) - limit)
          : from !== undefined
            ? standing(from, false)
            : rows !== undefined
              ? standing(rows[0] ?? 1, false)
              : (offset ?? 0);
    const found = rows
      ? rows.flatMap((row) => this.companies[row - 1] ?? [])
      : fitting.slice(start, start + limit);
    const running = this.status === 'running';
    return {
      rows: found.map((company) => ({ ...company, key: running ? company.domain : '' })),
      matching: fitting.length,
      offset: start,
      hidden_duplicates: 0,
      provisional: running,
      judgeable: !running,
    };
  }

  answer(selection: Selection, session: boolean): StatusAnswer {
    const among = this.#fitting({ ...selection, verdicts: [] });
    const count = (verdict: Verdict | null) => among.filter((each) => each.verdict === verdict).length;
    const ended = this.status === 'completed';
    return {
      job_id: this.jobId,
      newest: false,
      title: '',
      query: '',
      submitted_at: null,
      status: this.status,
      terminal: ended || this.status === 'failed',
      final: ended,
      stage: null,
      processed: this.companies.length,
      requested: this.companies.length,
      readable: ended ? null : this.companies.length,
      credits_at_least: null,
      error_message: null,
      revision: `${this.#revision}`,
      counts: ended ? this.#counts() : null,
      fit: ended ? this.#fit() : null,
      facets: ended
        ? {
            verdicts: (['keep', 'drop', 'maybe'] as const)
              .map((value) => ({ value: value as string, label: value as string, count: count(value) }))
              .concat({ value: 'open', label: 'open', count: count(null) }),
            countries: [],
            sizes: [],
            stages: [],
          }
        : null,
      session: session ? this.session : null,
      notices: [],
    };
  }

  #fitting({ search, countries, verdicts, by }: Selection, sort: string = 'row'): Company[] {
    const found = this.companies.filter(
      ({ name, country, verdict, by: whose }) =>
        name.includes(search) &&
        (countries.length === 0 || countries.includes(country)) &&
        (verdicts.length === 0 || verdicts.includes(verdict ?? 'open')) &&
        (by === '' || whose === by),
    );
    return sort === 'spread' ? found.sort((a, b) => ((a.row * 0.618) % 1) - ((b.row * 0.618) % 1)) : found;
  }

  #fit(): Fit | null {
    const { keep, maybe, drop } = this.#counts();
    const judged = keep + maybe + drop;
    const share = (keep + maybe / 2) / judged;
    const basis = `${judged} verdicts`;
    return judged === 0 ? null : { share, low: 0, high: 1, basis, credits_per_fit: null, stop_at: null };
  }

  #counts() {
    const count = (verdict: Verdict | null) =>
      this.companies.filter((each) => each.verdict === verdict).length;
    return {
      companies: this.companies.length,
      keep: count('keep'),
      drop: count('drop'),
      maybe: count('maybe'),
      open: count(null),
      duplicates: 0,
      known: 0,
      known_maybe: 0,
      by_model: this.companies.filter(({ by }) => by === 'model').length,
    };
  }
}

/** A frame of the view without a page: its state over servers, whose answers come when the test says so. */
export class Frame {
  state: State;
  at = 0;
  readonly said: string[] = [];
  /** What the state has called for, and what has not been answered. */
  readonly open: Call[] = [];
  focused: number | string | null = null;
  unsent: readonly Operation[] = [];
  readonly #servers: ReadonlyMap<string, ListServer>;

  constructor(servers: readonly ListServer[], frame = 'f') {
    this.state = beginning(frame);
    this.#servers = new Map(servers.map((server) => [server.jobId, server]));
  }

  /** Something happens; a second later than the last. */
  send(event: ViewEvent): void {
    this.at += 1_000;
    const [state, effects] = update(this.state, event, this.at);
    this.state = state;
    for (const effect of effects) {
      if (effect.do === 'say') this.said.push(effect.text);
      else if (effect.do === 'focus') this.focused = effect.on;
      else if (effect.do === 'keep queue') this.unsent = effect.operations;
      else if (effect.do === 'save') {
        const server = this.#servers.get(effect.jobId);
        if (server) server.session = effect.session;
      } else if (effect.do !== 'hint' && effect.do !== 'take up queue') this.open.push(effect);
    }
  }

  /** Answers all that is open, and what that calls for, in turn. */
  settle(): void {
    for (let turns = 0; this.open.length > 0; turns += 1) {
      if (turns > 1_000) throw new Error('it never comes to rest');
      this.answer(0);
    }
  }

  /** Answers one of the open calls. */
  answer(at: number): void {
    const [effect] = this.open.splice(at, 1);
    if (!effect) throw new Error('nothing is open there');
    this.send(this.#answerTo(effect));
  }

  /** Nobody answers: all open calls fail. */
  fail(kind: Failure['kind'], message = 'gone', retryable = true): void {
    const failure = { kind, message, retryable };
    for (const call of this.open.splice(0)) this.send({ is: 'failed', call, failure });
  }

  #answerTo(call: Call): ViewEvent {
    const serverOf = (jobId: string | null) => {
      const server = this.#servers.get(jobId ?? [...this.#servers.keys()].at(-1) ?? '');
      if (!server) throw new Error(`there is no job ${jobId}`);
      return server;
    };
    switch (call.do) {
      case 'status': {
        const answer = serverOf(call.jobId).answer(call.selection, call.session);
        return { is: 'status', call, answer: { ...answer, newest: call.jobId === null } };
      }
      case 'rows':
        return { is: 'rows', call, answer: serverOf(call.jobId).read(call) };
      case 'send': {
        const { operation } = call;
        return { is: 'sent', operation, answer: serverOf(operation.jobId).take(operation) };
      }
      case 'detail':
        return { is: 'detail', jobId: call.jobId, row: call.row, detail: {} };
      case 'cancel':
        return { is: 'cancelled' };
    }
  }
}

/** A frame that has opened on a job. */
export function opened(server: ListServer, frame = 'f'): Frame {
  const made = new Frame([server], frame);
  made.send({ is: 'opened', jobId: server.jobId });
  made.settle();
  return made;
}
