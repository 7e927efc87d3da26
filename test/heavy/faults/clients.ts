import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { closed, ENDLESS_JOB, filesIn, Lab, on } from './lab.ts';
import { codeOf, joined } from './outcome.ts';
import type { Finding } from './types.ts';

type Message = Record<string, unknown>;
/** What a case brought, and what of it did not hold. */
interface Outcome {
  cameBack: string;
  lost?: string;
  wrong?: Array<string | null>;
}
type Case = (lab: Lab) => Promise<Outcome>;

const JOB = '00000000-0000-4000-8000-000000000000';
const HUGE = 'x'.repeat(2 ** 20);
const INVALID_REQUEST = -32_600;
const METHOD_NOT_FOUND = -32_601;
const INVALID_PARAMS = -32_602;
const PARSE_ERROR = -32_700;

/** What a client does wrong, or differently; each in a lab of its own that must go on afterwards. */
const GOES_ON: ReadonlyArray<readonly [done: string, often: string, run: Case]> = [
  ['lines that are no JSON-RPC', '10', brokenLines],
  ['a line of 50 MB', '3', longLine],
  ['unknown methods and notifications', '6', unknownMethods],
  ['tools that there are none of', '6', unknownTools],
  ['parameters wrong, missing, too many, huge, `__proto__`', 'each tool', wrongParameters],
  ['a submit as an (experimental) task', 'once', submitAsTask],
  ['a submit cancelled before it could be sent', 'once', cancelledSubmit],
  ['the API key among the arguments', 'each tool', keyInArguments],
  ['calls at once', '100', manyAtOnce],
  ['cancellation of what is finished or unknown', '5', lateCancels],
  ['cancellation of a wait', 'once', cancelledWait],
  ['a progress token used twice', '2', sameToken],
  ['waits on one job', '200', manyWaits],
  ['a client that does not read for a while', '200', deafClient],
];

/** What a client greets with; in labs that are not initialized yet. */
const GREETINGS: ReadonlyArray<readonly [done: string, often: string, run: Case]> = [
  ['`server/discover` before `initialize`', 'once', discoverFirst],
  ['calls before `initialize`', '2', callsFirst],
  ...['2025-06-18', '2025-11-25'].map(
    (version) => [`protocol ${version}`, 'once', (lab: Lab) => negotiates(lab, version, version)] as const,
  ),
  ['protocol 2099-01-01', 'once', (lab) => negotiates(lab, '2099-01-01', '2025-11-25')],
];

/** Ends in the middle of a wait or an export. */
const ENDINGS: ReadonlyArray<readonly [done: string, end: (lab: Lab) => void]> = [
  ['EOF', ({ server }) => server.process.stdin?.end()],
  [
    'closed stdout (EPIPE)',
    ({ server }) => {
      server.process.stdout?.destroy();
      server.send({ id: 99, method: 'ping' });
    },
  ],
  ['SIGTERM', ({ server }) => server.process.kill('SIGTERM')],
  ['SIGINT', ({ server }) => server.process.kill('SIGINT')],
];
/** A process that has not ended by then never would have, also on a busy machine. Milliseconds. */
const END_MS = 15_000;

/** All that clients do, as runs of a lab each. */
export const clientRuns: ReadonlyArray<() => Promise<Finding[]>> = [
  ...GOES_ON.map(
    ([done, often, run]) =>
      () =>
        inLab(done, often, run, true),
  ),
  ...GREETINGS.map(
    ([done, often, run]) =>
      () =>
        inLab(done, often, run, false),
  ),
  ...ENDINGS.flatMap(([done, end]) =>
    (['wait', 'export', 'submit', 'nothing'] as const).map((during) => () => ends(done, end, during)),
  ),
];

async function inLab(done: string, often: string, run: Case, initialize: boolean): Promise<Finding[]> {
  const lab = await Lab.open({}, initialize);
  const { cameBack, lost = 'nothing', wrong = [] } = await run(lab);
  return closed(lab, [{ done, where: 'client', often, cameBack, lost, wrong: joined(wrong) }]);
}

async function brokenLines({ server }: Lab): Promise<Outcome> {
  const lines = [
    'not json',
    '{',
    '"text"',
    '42',
    'null',
    '[{"jsonrpc":"2.0","id":1,"method":"ping"}]',
    '{"jsonrpc":"1.0","id":7,"method":"ping"}',
    '{"jsonrpc":"2.0","id":{},"method":"ping"}',
    '{"jsonrpc":"2.0","method":5}',
    '{"jsonrpc":"2.0","id":8,"method":"ping","params":"none"}',
  ];
  const answers = server.messages(({ error }) => error !== undefined, lines.length);
  server.write(`${lines.join('\n')}\n\n\r\n`);
  const codes = (await answers).map((answer) => errorCode(answer));
  return {
    cameBack: `${lines.length} errors`,
    wrong: [
      codes.every((code) => code === PARSE_ERROR || code === INVALID_REQUEST) ? null : `codes ${codes}`,
    ],
  };
}

async function longLine({ server }: Lab): Promise<Outcome> {
  // Whatever such a line holds, its id is not looked for.
  const lines: ReadonlyArray<readonly [start: string, end: string]> = [
    ['{"jsonrpc":"2.0","id":4711,"method":"', '"}\n'],
    ['{"method":"ping","params":{"id":1,"x":"', '"},"jsonrpc":"2.0","id":"own"}\n'],
    ['["', '"]\n'],
  ];
  const piece = Buffer.alloc(2 ** 20, 'x');
  const wrong: Array<string | null> = [];
  for (const [start, end] of lines) {
    const answer = server.messages(({ error }) => error !== undefined);
    server.write(start);
    for (let megabytes = 0; megabytes < 50; megabytes += 1) server.write(piece);
    server.write(end);
    const [refusal] = await answer;
    wrong.push(
      errorCode(refusal) === PARSE_ERROR && refusal?.id === null ? null : `answered to ${refusal?.id}`,
    );
  }
  return { cameBack: 'an error each, by no id', wrong };
}

async function unknownMethods({ server }: Lab): Promise<Outcome> {
  for (const method of ['notifications/nothing', 'notifications/roots/list_changed']) server.send({ method });
  const methods = ['no/such', 'tasks/list', 'constructor', '__proto__'];
  const codes = await Promise.all(methods.map((method) => refusalCode(server.request(method))));
  return {
    cameBack: '4 errors, 2 silences',
    wrong: [codes.every((code) => code === METHOD_NOT_FOUND) ? null : `codes ${codes}`],
  };
}

async function unknownTools({ server }: Lab): Promise<Outcome> {
  const names = ['nope', '', 'constructor', '__proto__', 'toString', HUGE];
  const codes = await Promise.all(names.map((name) => refusalCode(server.request('tools/call', { name }))));
  return {
    cameBack: '6 errors',
    wrong: [codes.every((code) => code === INVALID_PARAMS) ? null : `codes ${codes}`],
  };
}

async function wrongParameters(lab: Lab): Promise<Outcome> {
  const before = lab.requests.length;
  const { tools } = (await lab.server.request('tools/list')) as {
    tools: Array<{ name: string; inputSchema: { required?: string[] } }>;
  };
  // What can be understood is taken as it was meant: none of these can.
  const bad: unknown[] = [
    { job_id: {}, query: {}, format: {}, sql: {}, list: {}, unknown: 5 },
    { job_id: HUGE, query: HUGE, unknown: true },
    { job_id: null, query: null, extra: null },
    { job_id: `${JOB}/../../balance`, limit: 'all of them', extra: 1 },
    JSON.parse('{"__proto__":{"job_id":"x"},"constructor":1,"extra":2}'),
    [],
    'text',
  ];
  const wrong: string[] = [];
  let answers = 0;
  await Promise.all(
    tools.flatMap(({ name, inputSchema: { required = [] } }) =>
      bad.map(async (args) => {
        const code = await lab.server.request('tools/call', { name, arguments: args }).then(
          (result) => codeOf(result as never),
          (error: Error) => JSON.parse(error.message).code as number,
        );
        answers += 1;
        // A tool that needs nothing ignores what it does not know.
        const ignored = code === 'ok' && required.length === 0 && name !== 'submit_lookalikes_bulk';
        if (code !== 'invalid_input' && code !== INVALID_PARAMS && !ignored)
          wrong.push(`${name} with ${JSON.stringify(args)?.slice(0, 60)}: ${code}`);
      }),
    ),
  );
  for (const tool of ['get_bulk_status', 'get_bulk_page', 'wait_and_collect', 'cancel_bulk_job']) {
    const code = codeOf(await lab.call(tool, {}));
    if (code !== 'invalid_input') wrong.push(`${tool} without job_id: ${code}`);
  }
  const sent = lab.requests.slice(before).filter((request) => !on.balance(request)).length;
  return {
    cameBack: 'invalid_input',
    wrong: [...new Set(wrong), sent === 0 ? null : `${sent} requests went upstream (${answers} calls)`],
  };
}

async function submitAsTask(lab: Lab): Promise<Outcome> {
  const sent = lab.arm(on.submit, ({ respond }) => respond());
  const code = await refusalCode(
    lab.server.request('tools/call', {
      name: 'submit_lookalikes_bulk',
      arguments: { query: 'spend management', limit: 40 },
      task: { ttl: 60_000 },
    }),
  );
  return {
    cameBack: 'an error',
    lost: 'nothing was submitted',
    wrong: [
      code < 0 ? null : 'expected an error',
      sent.hits === 0 ? null : 'it was submitted, and its job_id lost',
    ],
  };
}

async function manyAtOnce(lab: Lab): Promise<Outcome> {
  const job = await lab.job();
  let inFlight = 0;
  let peak = 0;
  lab.arm(
    () => true,
    ({ res, respond }) => {
      inFlight += 1;
      peak = Math.max(peak, inFlight);
      res.on('close', () => {
        inFlight -= 1;
      });
      setTimeout(respond, 5);
    },
  );
  const calls = Array.from({ length: 100 }, (_, index) =>
    lab.call(
      ['get_bulk_status', 'get_bulk_page', 'wait_and_collect', 'export_bulk_results'][index % 4] ?? '',
      { job_id: job },
    ),
  );
  const results = await Promise.all(calls);
  const good = results.filter((result) => codeOf(result) === 'ok').length;
  return {
    cameBack: `${good} results`,
    wrong: [good === 100 ? null : 'expected 100 results', peak <= 8 ? null : `${peak} requests at once`],
  };
}

async function lateCancels({ server }: Lab): Promise<Outcome> {
  await server.request('ping');
  for (const requestId of [1, 2, 4_711, 'never', undefined]) {
    server.send({ method: 'notifications/cancelled', params: { requestId, reason: 'late' } });
  }
  await server.request('ping');
  return { cameBack: 'silence, and the next answer' };
}

async function cancelledWait(lab: Lab): Promise<Outcome> {
  const job = await lab.job(ENDLESS_JOB);
  const looked = lab.arm(on.look(job), ({ respond }) => respond());
  lab.server.send({
    id: 'wait',
    method: 'tools/call',
    params: { name: 'wait_and_collect', arguments: { job_id: job, max_wait_seconds: 600 } },
  });
  await until(() => looked.hits > 0);
  lab.server.send({ method: 'notifications/cancelled', params: { requestId: 'wait' } });
  await lab.server.request('ping');
  const before = looked.hits;
  // As long as the next look could be away from the first, on a young job.
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  const answered = lab.server.output.some((line) => line.includes('"id":"wait"'));
  return {
    cameBack: 'silence, no more polls',
    wrong: [
      looked.hits === before ? null : 'it went on polling',
      answered ? 'a cancelled call was answered' : null,
    ],
  };
}

/** All places toward upstream are taken when it comes; it is cancelled while it waits for one. */
async function cancelledSubmit(lab: Lab): Promise<Outcome> {
  const held: Array<() => void> = [];
  const hold = lab.arm(
    ({ method }) => method === 'GET',
    ({ respond }) => held.push(respond),
    8,
  );
  const sent = lab.arm(on.submit, ({ respond }) => respond());
  const jobs = await Promise.all(Array.from({ length: 8 }, () => lab.job()));
  const before = sent.hits;
  const looks = jobs.map((job) => lab.call('get_bulk_status', { job_id: job }));
  await until(() => hold.hits === 8);
  const params = { name: 'submit_lookalikes_bulk', arguments: { query: 'spend management', limit: 40 } };
  lab.server.send({ id: 'submit', method: 'tools/call', params });
  await lab.server.request('ping');
  lab.server.send({ method: 'notifications/cancelled', params: { requestId: 'submit' } });
  await lab.server.request('ping');
  for (const respond of held) respond();
  await Promise.all(looks);
  await lab.call('get_credit_balance');
  return {
    cameBack: 'silence',
    lost: 'nothing was submitted',
    wrong: [sent.hits === before ? null : 'it was submitted all the same'],
  };
}

async function keyInArguments({ server, requests, key }: Lab): Promise<Outcome> {
  const { tools } = (await server.request('tools/list')) as { tools: Array<{ name: string }> };
  const calls = tools.map(({ name }) =>
    server.request('tools/call', { name, arguments: { query: `find ${key}`, job_id: key, [key]: key } }),
  );
  const codes = (await Promise.all(calls)).map((result) => codeOf(result as never));
  const prompt = await refusalCode(
    server.request('prompts/get', { name: 'find_lookalikes', arguments: { seeds: key } }),
  );
  const uris = [key, `job/pages/${key}`, `${key}/results.csv`].map((path) =>
    refusalCode(server.request('resources/read', { uri: `lookalikes://jobs/${path}` })),
  );
  const resources = await Promise.all(uris);
  const sent = requests.filter(({ path }) => path.includes(key)).length;
  return {
    cameBack: 'invalid_input',
    wrong: [
      codes.every((code) => code === 'invalid_input') ? null : `codes ${codes}`,
      resources.every((code) => code === INVALID_PARAMS) ? null : `the resources: ${resources}`,
      sent === 0 ? null : 'the key went out in a URL',
      prompt === INVALID_PARAMS ? null : `the prompt: ${prompt}`,
    ],
  };
}

async function sameToken(lab: Lab): Promise<Outcome> {
  const job = await lab.job();
  const wait = () =>
    lab.server.request('tools/call', {
      name: 'wait_and_collect',
      arguments: { job_id: job },
      _meta: { progressToken: 'same' },
    });
  const results = (await Promise.all([wait(), wait()])) as Array<Parameters<typeof codeOf>[0]>;
  const good = results.filter((result) => codeOf(result) === 'ok').length;
  return { cameBack: `${good} results`, wrong: [good === 2 ? null : 'expected 2 results'] };
}

async function manyWaits(lab: Lab): Promise<Outcome> {
  const job = await lab.job(ENDLESS_JOB);
  const looked = lab.arm(on.look(job), ({ respond }) => respond());
  const waits = await Promise.all(
    Array.from({ length: 200 }, () => lab.call('wait_and_collect', { job_id: job, max_wait_seconds: 3 })),
  );
  const good = waits.filter(({ structuredContent: data }) => data.terminal === false).length;
  // One wait looks at the start, at the end and, polling no faster than each second, in between.
  return {
    cameBack: `${good} results, ${looked.hits} polls`,
    wrong: [good === 200 ? null : 'expected 200 results', looked.hits <= 6 ? null : 'polls multiply'],
  };
}

async function deafClient(lab: Lab): Promise<Outcome> {
  const job = await lab.job();
  lab.server.process.stdout?.pause();
  const calls = Array.from({ length: 200 }, () =>
    lab.call('get_bulk_page', { job_id: job, fields: ['all'] }),
  );
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  lab.server.process.stdout?.resume();
  const good = (await Promise.all(calls)).filter((result) => codeOf(result) === 'ok').length;
  return { cameBack: `${good} results`, wrong: [good === 200 ? null : 'expected 200 results'] };
}

async function discoverFirst({ server }: Lab): Promise<Outcome> {
  const code = await refusalCode(server.request('server/discover'));
  await server.initialize();
  return { cameBack: 'an error at once', wrong: [code === METHOD_NOT_FOUND ? null : `code ${code}`] };
}

async function callsFirst({ server }: Lab): Promise<Outcome> {
  const answered = await Promise.allSettled([server.request('ping'), server.request('tools/list')]);
  await server.initialize();
  return { cameBack: 'answers', wrong: [answered.length === 2 ? null : 'silence'] };
}

async function negotiates({ server }: Lab, asked: string, expected: string): Promise<Outcome> {
  const { protocolVersion } = (await server.request('initialize', {
    protocolVersion: asked,
    capabilities: {},
    clientInfo: { name: 'old', version: '1' },
  })) as { protocolVersion: string };
  server.send({ method: 'notifications/initialized' });
  return { cameBack: protocolVersion, wrong: [protocolVersion === expected ? null : `expected ${expected}`] };
}

const CALLS = {
  wait: ['wait_and_collect', {}, 'a wait'],
  export: ['export_bulk_results', {}, 'an export'],
  submit: ['submit_lookalikes_bulk', { job_id: undefined, query: 'spend management', limit: 40 }, 'a submit'],
} as const;
const LOST = {
  wait: 'nothing: the job runs on',
  export: 'nothing',
  submit: 'the answer: said to be unknown, and in the ledger',
  nothing: 'nothing',
};

/** Ends the server from outside in the middle of a call, and looks at what is left. */
async function ends(
  done: string,
  end: (lab: Lab) => void,
  during: 'wait' | 'export' | 'submit' | 'nothing',
): Promise<Finding[]> {
  const lab = await Lab.open();
  const job = await lab.job(during === 'wait' ? ENDLESS_JOB : undefined);
  // The last page never comes: the export has written some, and hangs.
  const stuck = lab.arm(on.page(job, 'page_0004'), () => {});
  const looked = lab.arm(on.look(job), ({ respond }) => respond());
  const met = { wait: looked, export: stuck, submit: lab.arm(on.submit, () => {}) };
  if (during !== 'nothing') {
    const [name, args] = CALLS[during];
    lab.call(name, { job_id: job, ...args }).catch(() => {});
    await until(() => met[during].hits > 0);
  }
  end(lab);
  const code = await Promise.race([
    lab.server.exited,
    new Promise<'never'>((resolve) => setTimeout(() => resolve('never'), END_MS).unref()),
  ]);
  if (code === 'never') lab.server.process.kill('SIGKILL');
  // Whoever can still hear it is told, and the ledger knows in any case.
  const told = lab.server.output.some((line) => line.includes('submit_outcome_unknown'));
  const noted = filesIn(join(lab.server.folder, 'state')).some((path) =>
    readFileSync(path, 'utf8').includes('"lost"'),
  );
  const written = filesIn(join(lab.server.folder, 'exports'));
  const leftBehind = await lab.close({ alive: false });
  return [
    {
      done,
      where: during === 'nothing' ? 'idle' : `during ${CALLS[during][2]}`,
      often: 'once',
      cameBack: `exit code ${code}`,
      lost: LOST[during],
      wrong: joined([
        code === 0 ? null : 'expected exit code 0',
        written.length === 0 ? null : `left ${written}`,
        told || during !== 'submit' || done.includes('stdout') ? null : 'the submit was not answered',
        noted === (during === 'submit') ? null : 'the ledger does not have the lost submit',
        leftBehind,
      ]),
    },
  ];
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 10));
}

function errorCode(message: Message | undefined): number | undefined {
  return (message?.error as { code?: number } | undefined)?.code;
}

/** The protocol error's code that a request is refused with. */
function refusalCode(answer: Promise<unknown>): Promise<number> {
  return answer.then(
    () => 0,
    (error: Error) => JSON.parse(error.message).code as number,
  );
}
