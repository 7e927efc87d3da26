import type { Verdict } from '../../src/lib/verdicts.ts';
import { readSelection, type ShownCompany, type ShownSelection } from '../../src/view/contract.ts';
import type { CallFailure, HostCall } from '../../src/view/state/draft.ts';
import { beginning, type State } from '../../src/view/state/model.ts';
import { update, type ViewEvent } from '../../src/view/state/update.ts';

type Json = Record<string, unknown>;

/** A server's side as the view's calls find it: a list of companies with marks, pages and counts. */
export class ListServer {
  readonly companies: ShownCompany[];
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

  /** What a tool for the view answers. */
  answer(tool: string, args: Json): Json {
    if (tool === 'view_status') return this.#status(readSelection(args), args.session === true);
    if (tool === 'view_rows')
      return 'row' in args ? { job_id: this.jobId, columns: [], rows: [[]] } : this.#page(args);
    if (tool === 'view_mark') return this.#take(args);
    throw new Error(`there is no tool ${tool}`);
  }

  #take({ id, rows, keys, verdict, ...rest }: Json): Json {
    const name = String(id);
    if (verdict === 'undo') {
      for (const [row, before] of this.#done.get(name) ?? []) this.mark([row], before, 'user');
    } else if (!this.#done.has(name)) {
      const chosen = Array.isArray(rows)
        ? rows.map(Number)
        : Array.isArray(keys)
          ? this.companies.filter(({ domain }) => keys.includes(domain)).map(({ row }) => row)
          : this.#fitting(readSelection(rest)).map(({ row }) => row);
      const now = (row: number) => this.companies[row - 1]?.verdict ?? null;
      this.#done.set(
        name,
        chosen.map((row) => [row, now(row)] as const),
      );
      const given = (['keep', 'drop', 'maybe'] as const).find((each) => each === verdict) ?? null;
      for (const row of chosen) this.mark([row], verdict === 'confirm' ? now(row) : given, 'user');
    }
    const marked = this.#done.get(name)?.length ?? 0;
    const [counts, fit] = [this.#counts(), this.#fit()];
    return { job_id: this.jobId, marked, counts, fit, revision: `${this.#revision}` };
  }

  #page({ offset, after, before, from, rows, sort, limit, ...rest }: Json): Json {
    const fitting = this.#fitting(readSelection(rest), sort);
    const most = Number(limit);
    const place = (row: number) => (sort === 'spread' ? (row * 0.618) % 1 : row);
    const standing = (row: unknown, with_: boolean) =>
      fitting.filter((each) => place(each.row) < place(Number(row)) || (with_ && each.row === row)).length;
    const named = Array.isArray(rows) ? rows.map(Number) : null;
    const start =
      after !== undefined
        ? standing(after, true)
        : before !== undefined
          ? Math.max(0, standing(before, false) - most)
          : from !== undefined
            ? standing(from, false)
            : named
              ? standing(named[0] ?? 1, false)
              : Number(offset ?? 0);
    const found =
      named?.flatMap((row) => this.companies[row - 1] ?? []) ?? fitting.slice(start, start + most);
    const running = this.status === 'running';
    return {
      job_id: this.jobId,
      columns: Object.keys(found[0] ?? {}),
      rows: found.map((company) => Object.values({ ...company, key: running ? company.domain : '' })),
      matching: fitting.length,
      offset: start,
    };
  }

  #status(selection: ShownSelection, session: boolean): Json {
    const among = this.#fitting({ ...selection, verdicts: [] });
    const count = (verdict: Verdict | null) => among.filter((each) => each.verdict === verdict).length;
    const ended = this.status === 'completed';
    const verdicts = {
      keep: count('keep'),
      drop: count('drop'),
      maybe: count('maybe'),
      open: count(null),
    };
    return {
      job_id: this.jobId,
      status: this.status,
      terminal: ended || this.status === 'failed',
      final: ended,
      processed: this.companies.length,
      requested: this.companies.length,
      readable: ended ? null : this.companies.length,
      revision: `${this.#revision}`,
      ...(ended && { counts: this.#counts(), fit: this.#fit(), facets: { verdicts } }),
      session: session ? this.session : null,
    };
  }

  #fitting({ search, countries, verdicts, by }: ShownSelection, sort: unknown = 'row'): ShownCompany[] {
    const found = this.companies.filter(
      ({ name, country, verdict, by: whose }) =>
        name.includes(search) &&
        (countries.length === 0 || countries.includes(country)) &&
        (verdicts.length === 0 || verdicts.includes(verdict ?? 'open')) &&
        (by === '' || whose === by),
    );
    return sort === 'spread' ? found.sort((a, b) => ((a.row * 0.618) % 1) - ((b.row * 0.618) % 1)) : found;
  }

  #fit(): string {
    const { keep, maybe, drop } = this.#counts();
    const judged = keep + maybe + drop;
    return judged === 0 ? '' : `Fit: ${(100 * (keep + maybe / 2)) / judged} %. ${judged} verdicts`;
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
  readonly open: HostCall[] = [];
  focused: number | string | null = null;
  readonly #servers: ReadonlyMap<string, ListServer>;

  constructor(servers: readonly ListServer[], frame = 'f') {
    this.state = beginning(frame);
    this.#servers = new Map(servers.map((server) => [server.jobId, server]));
  }

  /** Something happens; a second later than the last. */
  send(event: ViewEvent): void {
    this.at += 1_000;
    const before = this.state;
    const [state, effects] = update(before, event, this.at);
    this.state = state;
    if (state.said !== before.said) this.said.push(state.said);
    const server = this.#servers.get(state.jobId ?? '');
    if (server && before.status && before.jobId === state.jobId) server.session = JSON.stringify(state.place);
    for (const effect of effects) {
      if (effect.do === 'focus') this.focused = effect.on;
      else if (effect.do === 'call') this.open.push(effect);
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
    this.send({ is: 'answered', call: effect, answer: this.#answerTo(effect) });
  }

  /** Nobody answers: all open calls fail. */
  fail(kind: CallFailure['kind'], message = 'gone', retryable = true): void {
    const failure = { kind, message, retryable };
    for (const call of this.open.splice(0)) this.send({ is: 'failed', call, failure });
  }

  #answerTo({ tool, args }: HostCall): Json {
    const { job_id } = args;
    const named = typeof job_id === 'string' ? job_id : null;
    const server = this.#servers.get(named ?? [...this.#servers.keys()].at(-1) ?? '');
    if (!server) throw new Error(`there is no job ${named}`);
    return { ...server.answer(tool, args), newest: named === null };
  }
}

/** A frame that has opened on a job. */
export function opened(server: ListServer, frame = 'f'): Frame {
  const made = new Frame([server], frame);
  made.send({ is: 'opened', jobId: server.jobId });
  made.settle();
  return made;
}
