import type { RawResult } from '../../stdio-server.ts';
import { closed, ENDLESS_JOB, Lab, on } from './lab.ts';
import { codeOf, joined } from './outcome.ts';
import { tamper } from './tamper.ts';
import type { Finding, WireFault } from './types.ts';

const ROWS_A_PAGE = 10;
/** All labs that a fault on the wire needs, not started yet. */
export function wireRuns(fault: WireFault): Array<() => Promise<Finding[]>> {
  const parts = [meetsOnce, meetsEachTime, meetsOnWrites];
  // Faults that cost their whole timeout each: their parts run side by side, in labs of their own.
  return fault.slow ? parts.map((part) => () => inLab(fault, [part])) : [() => inLab(fault, parts)];
}

type Part = (fault: WireFault, lab: Lab) => Promise<Finding[]>;

async function inLab(fault: WireFault, parts: Part[]): Promise<Finding[]> {
  const lab = await Lab.open();
  const findings: Finding[] = [];
  for (const part of parts) findings.push(...(await part(fault, lab)));
  return closed(lab, findings);
}

/** Runs at once; one after another for a fault that costs megabytes, so that the limit on memory holds one of them. */
async function eachOf(fault: WireFault, runs: Array<() => Promise<Finding>>): Promise<Finding[]> {
  if (!fault.heavy) return Promise.all(runs.map((run) => run()));
  const findings: Finding[] = [];
  for (const run of runs) findings.push(await run());
  return findings;
}

/** Each kind of read meets the fault once; what it brings is held against what it brought before. */
async function meetsOnce(fault: WireFault, lab: Lab): Promise<Finding[]> {
  const reads = [
    { where: 'status', tool: 'get_bulk_status', args: {}, at: (job: string) => on.look(job) },
    {
      where: 'page',
      tool: 'get_bulk_page',
      args: { cursor: 'page_0002' },
      at: (job: string) => on.page(job, 'page_0002'),
      // Missing from the list where nobody waits so long, it is read by itself.
      expected: 'ok',
      differs: rowsDiffer,
    },
    {
      where: 'first look of a wait',
      tool: 'wait_and_collect',
      args: { max_wait_seconds: 20 },
      at: (job: string) => on.look(job),
    },
    {
      where: 'page while collecting',
      tool: 'wait_and_collect',
      args: {},
      // Read ahead and, should that fail for good, read again: it takes two refusals to lose it.
      at: (job: string) => on.page(job, 'page_0003'),
      expected: 'ok',
    },
    {
      where: 'page while exporting',
      tool: 'export_bulk_results',
      args: {},
      at: (job: string) => on.page(job, 'page_0001'),
      expected: fault.wait ? fault.once : 'ok',
    },
    { where: 'balance', tool: 'get_credit_balance', args: undefined, at: () => on.balance },
  ];
  return eachOf(fault, [
    () => poll(fault, lab),
    ...reads.map(
      ({ where, tool, args, at, expected = fault.once, differs = differsOrNoHole(fault) }) =>
        async () => {
          const job = await lab.job();
          const call = () => lab.call(tool, args === undefined ? {} : { job_id: job, ...args });
          const healthy = await call();
          // What was read whole is kept, and would be told without a request.
          if (args !== undefined) await lab.call('delete_job_data', { job_ids: [job] });
          const rule = lab.arm(at(job), fault.misbehave, 1);
          const result = await call();
          const cameBack = codeOf(result);
          const wrong = [
            cameBack === expected ? null : `expected ${expected}`,
            cameBack === 'ok' ? differs(result, healthy) : null,
            rule.hits === 1 ? null : `the fault was met ${rule.hits} times`,
          ];
          return { done: fault.name, where, often: 'once', cameBack, lost: 'nothing', wrong: joined(wrong) };
        },
    ),
  ]);
}

/** A wait for a job that runs meets the fault after one good look; the next one finds the end. */
async function poll(fault: WireFault, lab: Lab): Promise<Finding> {
  const job = await lab.job();
  const running = tamper((body) => ({ ...body, status: 'running', manifest: null }));
  const good = lab.arm(on.look(job), running, 1);
  const bad = lab.arm(on.look(job), fault.misbehave, 1);
  const result = await lab.call('wait_and_collect', { job_id: job, max_wait_seconds: 60 });
  const cameBack = codeOf(result);
  return {
    done: fault.name,
    where: 'poll of a running job',
    often: 'once',
    cameBack,
    lost: 'nothing',
    wrong: joined([
      cameBack === fault.once ? null : `expected ${fault.once}`,
      good.hits + bad.hits === 2 ? null : 'the fault was not met',
      cameBack !== 'ok' || result.structuredContent.complete === true ? null : 'the end was not found',
    ]),
  };
}

/** Each kind of read meets the fault each time. */
async function meetsEachTime(fault: WireFault, lab: Lab): Promise<Finding[]> {
  const finding = (where: string, cameBack: string, lost: string, wrong: Array<string | null>): Finding => {
    return { done: fault.name, where, often: 'each time', cameBack, lost, wrong: joined(wrong) };
  };
  const refused = async (where: string, tool: string, args: Record<string, unknown>) => {
    const result = await lab.call(tool, args);
    return finding(where, codeOf(result), 'nothing: it can be asked again', [
      codeOf(result) === fault.forEver ? null : `expected ${fault.forEver}`,
      sayWhatToDo(result),
    ]);
  };
  const look = await lab.job();
  const wait = await lab.job();
  const collect = await lab.job();
  const exported = await lab.job();
  lab.arm(on.look(look), fault.misbehave);
  lab.arm(on.look(wait), fault.misbehave);
  lab.arm(on.page(collect, 'page_0002'), fault.misbehave);
  lab.arm(on.page(exported, 'page_0002'), fault.misbehave);
  const balance = lab.arm(on.balance, fault.misbehave);
  const collecting = async () => {
    const { structuredContent: data } = await lab.call('wait_and_collect', { job_id: collect });
    const named = data.missing_pages?.map(({ page }: { page: string }) => page) ?? [];
    const read = data.pages?.reduce((sum: number, page: { rows: number }) => sum + page.rows, 0) ?? 0;
    return finding(
      'page while collecting',
      'complete: false',
      `${named.length * ROWS_A_PAGE} rows at most, pages named`,
      [
        data.complete === false ? null : 'a list with a hole was called complete',
        named.includes('page_0002') ? null : 'the page is not named as missing',
        read >= 2 * ROWS_A_PAGE ? null : 'pages before it were lost',
      ],
    );
  };
  const findings = await eachOf(fault, [
    () => refused('status', 'get_bulk_status', { job_id: look }),
    () => refused('first look of a wait', 'wait_and_collect', { job_id: wait, max_wait_seconds: 3 }),
    () => refused('page', 'get_bulk_page', { job_id: collect, cursor: 'page_0002' }),
    () => refused('page while exporting', 'export_bulk_results', { job_id: exported }),
    () => refused('balance', 'get_credit_balance', {}),
    collecting,
  ]);
  if (balance.hits > 8) findings.push(finding('balance', 'ok', '', [`${balance.hits} tries`]));
  return findings;
}

/** A submit and a cancel meet the fault; each is sent once. */
async function meetsOnWrites(fault: WireFault, lab: Lab): Promise<Finding[]> {
  const endless = await lab.job(ENDLESS_JOB);
  const submits = lab.arm(on.submit, fault.misbehave);
  const cancels = lab.arm(on.cancel(endless), fault.misbehave);
  const [submit, cancel] = await Promise.all([
    lab.call('submit_lookalikes_bulk', { query: 'spend management', limit: 40 }),
    lab.call('cancel_bulk_job', { job_id: endless }),
  ]);
  const [code, submitted] = fault.submit;
  const said = submit.structuredContent.error?.submitted;
  return [
    {
      done: fault.name,
      where: 'submit',
      often: 'once',
      cameBack: codeOf(submit),
      lost: said === 'unknown' ? 'the answer: the user is told where to look' : 'nothing was submitted',
      wrong: joined([
        codeOf(submit) === code ? null : `expected ${code}`,
        said === submitted ? null : `submitted: ${said} instead of ${submitted}`,
        submits.hits === 1 ? null : `sent ${submits.hits} times`,
        sayWhatToDo(submit),
      ]),
    },
    {
      done: fault.name,
      where: 'cancel',
      often: 'once',
      cameBack: codeOf(cancel),
      lost: 'nothing: it can be asked again',
      wrong: joined([
        codeOf(cancel) === fault.cancel ? null : `expected ${fault.cancel}`,
        cancels.hits === 1 ? null : `sent ${cancels.hits} times`,
      ]),
    },
  ];
}

/** How what came differs from what a healthy upstream brings, or from that with the hole that nobody waits for. */
const differsOrNoHole = (fault: WireFault) => (result: RawResult, healthy: RawResult) => {
  if (fault.wait) return holeIsNamed(result) ? null : 'the hole is not named';
  const [came, brought] = [essence(result), essence(healthy)];
  const fields = Object.keys({ ...came, ...brought }).filter(
    (name) => JSON.stringify(came[name]) !== JSON.stringify(brought[name]),
  );
  return fields.length === 0 ? null : `not what a healthy upstream brings: ${fields.join(', ')}`;
};

function rowsDiffer(result: RawResult, healthy: RawResult): string | null {
  const same =
    JSON.stringify(result.structuredContent.rows) === JSON.stringify(healthy.structuredContent.rows);
  return same ? null : 'not the rows that a healthy upstream brings';
}

/** A list with a hole says so, and where it is. */
function holeIsNamed({ structuredContent: { complete, missing_pages } }: RawResult): boolean {
  return complete === false && missing_pages[0]?.page === 'page_0003';
}

/** What of a result a fault must not change: how long it took and how a file is called may differ. */
function essence({ structuredContent }: RawResult): Record<string, unknown> {
  const {
    waited_seconds: _,
    polls: __,
    path: ___,
    poll_after_seconds: ____,
    next_step: _____,
    ...rest
  } = structuredContent;
  // The balance also tells what other jobs cost, and the lab's other reads see theirs end meanwhile.
  if ('credits_left' in rest) delete rest.jobs;
  // Other reads of the lab keep their lists meanwhile.
  const { also_in: ______, jobs_sharing: _______, jobs_compared: ________, ...summary } = rest.summary ?? {};
  return { ...rest, summary };
}

/** Whether an error has more than a code, and says that it can be tried again exactly where it can. */
function sayWhatToDo({ content, structuredContent }: RawResult): string | null {
  const text = content[0]?.text ?? '';
  const { error } = structuredContent ?? {};
  return error && text.length > 80 && error.retryable === /Retry: yes/.test(text)
    ? null
    : 'it does not say what to do next';
}
