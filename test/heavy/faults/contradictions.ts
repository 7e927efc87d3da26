import { closed, ENDLESS_JOB, Lab, on, SHORT_JOB } from './lab.ts';
import { codeOf, joined } from './outcome.ts';
import { type Body, tamper } from './tamper.ts';
import type { CameBack, Finding } from './types.ts';

/** Upstream contradicting itself about a job of five pages (or about one that runs on). */
interface Lie {
  name: string;
  /** Changes what is said about the job; `cursor` is null for the first page, `told` counts from 1. */
  tell: (body: Body, cursor: string | null, told: number) => Body;
  /** A job that never ends, instead of one that has ended. */
  endless?: boolean;
  /** What `wait_and_collect` may say of it, and what the result has to mention. */
  complete: boolean;
  collected: CameBack;
  mentions?: RegExp;
  /** Companies that the user is left with, at least; of 45. */
  companies?: number;
  exported: CameBack;
}

const all = SHORT_JOB;
const at = (wanted: string | null, change: Body): Lie['tell'] => {
  return (body, cursor) => (cursor === wanted ? { ...body, ...change } : body);
};
const manifest = (change: Body): Lie['tell'] => {
  return (body) => ({ ...body, manifest: { ...(body.manifest as Body), ...change } });
};
const broken = {
  complete: false,
  collected: 'upstream_invalid_response',
  exported: 'upstream_invalid_response',
};
const holed = { complete: false, collected: 'ok', exported: 'upstream_invalid_response' };

const TEXTS = Object.fromEntries(
  Array.from({ length: 150 }, (_, index) => [`text_${index}`, 'word '.repeat(60)]),
);

const LIES: readonly Lie[] = [
  {
    name: 'a status never seen',
    tell: (body) => ({ ...body, status: 'napping', manifest: null }),
    complete: false,
    collected: 'ok',
    mentions: /napping/,
    exported: 'conflict',
  },
  {
    ...broken,
    name: 'a status that goes backwards between pages',
    tell: at('page_0002', { status: 'running' }),
    mentions: /went back/,
    companies: 20,
  },
  {
    ...broken,
    name: 'another end on a later page',
    tell: at('page_0002', { status: 'failed', error_message: 'lost' }),
    mentions: /went from completed to failed/,
    companies: 20,
  },
  {
    ...holed,
    name: 'a later page that promises more',
    tell: (body, cursor) =>
      cursor === 'page_0003' ? { ...body, manifest: { ...(body.manifest as Body), count: 60 } } : body,
    mentions: /page_0003 promises count 60/,
    companies: all,
  },
  {
    ...holed,
    name: '`completed`, and called partial by a later page alone',
    tell: (body, cursor) =>
      cursor === 'page_0003' ? { ...body, manifest: { ...(body.manifest as Body), partial: true } } : body,
    mentions: /page_0003 calls the result partial/,
    companies: all,
  },
  { ...holed, name: '`completed`, and called partial', tell: manifest({ partial: true }), companies: all },
  {
    name: 'a manifest of 1,000 lists and texts',
    tell: manifest({
      resolved_seed_domains: Array.from({ length: 1_000 }, (_, index) => `very-long-name-${index}.example`),
      ...Object.fromEntries(
        Array.from({ length: 1_000 }, (_, index) => [`text_${index}`, 'word '.repeat(60)]),
      ),
    }),
    complete: true,
    collected: 'ok',
    companies: all,
    exported: 'ok',
  },
  {
    ...holed,
    name: 'a manifest of more companies behind 150 texts',
    tell: (body) => ({ ...body, manifest: { ...TEXTS, ...(body.manifest as Body), count: 60 } }),
    mentions: /promises 60/,
    companies: all,
  },
  {
    name: '`completed` without a manifest',
    tell: (body) => ({ ...body, manifest: null }),
    complete: true,
    collected: 'ok',
    mentions: /no manifest/,
    companies: all,
    exported: 'ok',
  },
  {
    ...holed,
    name: 'a manifest of more pages',
    tell: manifest({ pages: 7 }),
    mentions: /7 pages/,
    companies: all,
  },
  {
    ...holed,
    name: 'a manifest of more companies',
    tell: manifest({ count: 60 }),
    mentions: /60/,
    companies: all,
  },
  {
    name: 'a manifest of fewer pages and companies',
    tell: manifest({ pages: 3, count: 30 }),
    complete: true,
    collected: 'ok',
    mentions: /promises 30 .*\n.*promises 3 pages/,
    companies: all,
    exported: 'ok',
  },
  {
    name: 'a manifest of nonsense',
    tell: manifest({ pages: -3, count: 'many', page_size: null }),
    complete: true,
    collected: 'ok',
    companies: all,
    exported: 'ok',
  },
  {
    ...broken,
    name: 'a page that answers as another',
    tell: at('page_0002', { page: 'page_0004' }),
    companies: 20,
  },
  {
    ...broken,
    name: 'an answer about another job',
    tell: at('page_0002', { job_id: 'other' }),
    companies: 20,
  },
  {
    ...broken,
    name: 'a cursor that loops',
    tell: at('page_0002', { next_cursor: 'page_0001' }),
    companies: 30,
  },
  {
    ...broken,
    name: 'a cursor that names its own page',
    tell: at('page_0002', { next_cursor: 'page_0002' }),
  },
  {
    ...holed,
    name: 'a cursor that jumps',
    tell: at('page_0001', { next_cursor: 'page_0004' }),
    mentions: /promises 5 pages/,
    companies: 25,
  },
  {
    ...holed,
    name: 'a cursor that ends too early',
    tell: at('page_0001', { next_cursor: null }),
    mentions: /promises 5 pages/,
    companies: 20,
  },
  ...['../../credits/balance', 'http://127.0.0.1:9/steal', '//evil.example/x', 'page_0002&limit=9#x'].map(
    (cursor): Lie => {
      return {
        ...holed,
        name: `a cursor that is a path or URL: ${cursor}`,
        tell: at('page_0001', { next_cursor: cursor }),
        companies: 20,
        exported: 'not_found',
      };
    },
  ),
  {
    name: 'duplicate rows',
    tell: (body) => ({ ...body, rows: (body.rows as Body[]).map((_, __, rows) => rows[0]) }),
    complete: true,
    collected: 'ok',
    companies: all,
    exported: 'ok',
  },
  {
    // What was read whole is kept on this machine, and exported from there.
    name: 'a page that has lost a row at the second read',
    tell: (body, cursor, told) =>
      cursor === 'page_0002' && told > 1 ? { ...body, rows: (body.rows as Body[]).slice(1) } : body,
    complete: true,
    collected: 'ok',
    companies: all,
    exported: 'ok',
  },
  {
    name: 'every page with the rows of the first one',
    tell: (() => {
      let first: unknown;
      return (body: Body, cursor: string | null) => {
        if (cursor === null) first = body.rows;
        return cursor === null ? body : { ...body, rows: first };
      };
    })(),
    ...holed,
    mentions: /once more/,
    companies: 5,
  },
  {
    ...holed,
    name: 'entries that are no companies',
    tell: (body, cursor) =>
      cursor === 'page_0002'
        ? { ...body, rows: [null, 5, 'x', [], ...(body.rows as Body[]).slice(4)] }
        : body,
    mentions: /no companies and were left out/,
    companies: 41,
  },
  {
    name: '`running` for ever',
    tell: (body) => body,
    endless: true,
    complete: false,
    collected: 'ok',
    mentions: /wait_and_collect/,
    exported: 'conflict',
  },
  {
    name: '`cancelling` for ever',
    tell: (body) => ({ ...body, status: 'cancelling' }),
    endless: true,
    complete: false,
    collected: 'ok',
    mentions: /wait_and_collect/,
    exported: 'conflict',
  },
];

/** All contradictions, told in one lab. */
export async function contradictions(): Promise<Finding[]> {
  const lab = await Lab.open();
  const findings = await Promise.all(LIES.map((lie) => tellOne(lab, lie)));
  findings.push(await goesBackwards(lab));
  const strayed = lab.requests.filter(({ path }) => !PATHS.test(path));
  const [first] = findings;
  if (first) first.wrong = joined([first.wrong, ...strayed.map(({ path }) => `asked for ${path}`)]);
  return closed(lab, findings);
}

/** What a cursor may lead to: the job, with the cursor as a parameter. */
const PATHS = /^\/api\/v1\/account\/search-lookalikes-bulk(\/[0-9a-f-]{36}(\?cursor=[\w.%-]+)?)?$/;

async function tellOne(lab: Lab, lie: Lie): Promise<Finding> {
  const job = await lab.job(lie.endless ? ENDLESS_JOB : SHORT_JOB);
  const told = new Map<string | null, number>();
  lab.arm(on.anyPage(job), (exchange) => {
    const cursor = new URL(exchange.req.url ?? '', lab.sandbox.url).searchParams.get('cursor');
    const times = (told.get(cursor) ?? 0) + 1;
    told.set(cursor, times);
    tamper((body) => (body.status === undefined ? body : lie.tell(body, cursor, times)))(exchange);
  });
  // What is at its end is not waited for, only read: that may take as long as the machine needs.
  const max_wait_seconds = lie.exported === 'conflict' ? 5 : 30;
  const collected = await lab.call('wait_and_collect', { job_id: job, max_wait_seconds });
  const exported = await lab.call('export_bulk_results', { job_id: job });
  const data = collected.structuredContent;
  const companies = data.summary?.companies ?? 0;
  const { companies: atLeast = 0, mentions = /./ } = lie;
  return {
    done: lie.name,
    where: 'collect, export',
    often: 'each time',
    cameBack: `${codeOf(collected)}, complete: ${data.complete}`,
    lost: lost(lie, companies),
    wrong: joined([
      codeOf(collected) === lie.collected ? null : `expected ${lie.collected}`,
      data.complete === lie.complete ? null : `complete: ${data.complete}`,
      mentions.test(collected.content[0]?.text ?? '') ? null : `does not mention ${mentions}`,
      JSON.stringify(collected).length < 60_000 ? null : 'the result is too large',
      companies >= atLeast ? null : `${companies} companies of ${atLeast}`,
      codeOf(exported) === lie.exported ? null : `the export: ${codeOf(exported)} instead of ${lie.exported}`,
    ]),
  };
}

function lost({ exported, complete }: Lie, companies: number): string {
  if (exported === 'conflict') return 'nothing: it is not taken for an end';
  if (companies >= all) return complete ? 'nothing' : 'nothing; not called complete';
  return `${all - companies} of ${all} rows, not called complete`;
}

/** A status that was an end, and is none at the next look: each look tells what it saw. */
async function goesBackwards(lab: Lab): Promise<Finding> {
  const job = await lab.job();
  const first = await lab.call('get_bulk_status', { job_id: job });
  lab.arm(
    on.look(job),
    tamper((body) => ({ ...body, status: 'running', manifest: null })),
  );
  const then = await lab.call('wait_and_collect', { job_id: job, max_wait_seconds: 1 });
  const { terminal, complete } = then.structuredContent;
  return {
    done: 'a status that goes backwards between looks',
    where: 'status, collect',
    often: 'each time',
    cameBack: `${codeOf(then)}, complete: ${complete}`,
    lost: 'nothing: it is waited for again',
    wrong: joined([
      first.structuredContent.terminal === true ? null : 'the first look was no end',
      terminal === false && complete === false ? null : 'what is no longer final was called final',
    ]),
  };
}
