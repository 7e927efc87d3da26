import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { ElicitRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import { describe, expect, test } from 'vitest';
import {
  type Conversation,
  codeBlocks,
  conversations,
  type ShownCall,
} from '../../.build/documents/check.ts';
import { ROOT } from '../../.build/package/project.ts';
import { startSandbox } from '../../src/sandbox/serve.ts';
import { type Called, call } from '../harness.ts';
import { SERVER } from '../stdio-server.ts';
import { shared, temporaryFolder, whenDone } from '../upstream.ts';
import { validators } from '../validators.ts';

// The conversations of README and COOKBOOK, call by call as they stand there, with the built server and its simulator,
// so that nobody copies one that fails. Tools and parameters are those of the documents.

const README = readFileSync(join(ROOT, 'README.md'), 'utf8');
const TOLD = [README, readFileSync(join(ROOT, '.github/COOKBOOK.md'), 'utf8')].flatMap(conversations);
/** The search that stands for those that were submitted before a conversation begins. */
const [SEARCH] = TOLD.flatMap(({ calls }) => calls).filter(({ args }) => 'limit' in args);
/** Ids of jobs as documents write them. */
const SHORT_ID = /[0-9a-f]{8}-…/g;
/** How long a job takes that is to be seen while it runs: nobody waits for its end. */
const LONG_MS = 3_600_000;

/** The server, its client, and the jobs that the conversation at hand speaks of, by their short ids. */
const stage = shared(async () => {
  let aheadMs = 0;
  let durationMs = 1;
  const sandbox = await startSandbox({
    now: () => Date.now() + aheadMs,
    durationMs: () => durationMs,
    totalCredits: 100_000,
  });
  whenDone(() => sandbox.close());
  const folder = temporaryFolder();
  const exports = join(folder, 'exports');
  mkdirSync(exports);
  // Lists of customers, wherever a call names one; the sandbox's companies are none of them.
  for (const { args } of TOLD.flatMap(({ calls }) => calls))
    if (typeof args.file === 'string')
      writeFileSync(join(exports, args.file), 'Company,Website\nRamp,ramp.com\nBrex,brex.com\n');

  const forms: string[] = [];
  const client = new Client(
    { name: 'test', version: '1' },
    { capabilities: { elicitation: { form: {} } }, jsonSchemaValidator: validators },
  );
  client.setRequestHandler(ElicitRequestSchema, ({ params }) => {
    forms.push(params.message);
    return { action: 'accept', content: { confirm: true } };
  });
  await client.connect(
    new StdioClientTransport({
      command: process.execPath,
      args: [SERVER],
      env: {
        HOME: folder,
        OPENFUNNEL_BASE_URL: sandbox.url,
        OPENFUNNEL_API_KEY: sandbox.apiKey,
        OPENFUNNEL_STATE_DIR: join(folder, 'state'),
        OPENFUNNEL_EXPORT_DIR: exports,
      },
    }),
  );
  whenDone(() => client.close());
  const { tools } = await client.listTools();
  const parameters = new Map(
    tools.map(({ name, inputSchema }) => [name, Object.keys(inputSchema.properties ?? {})]),
  );

  /** A job submitted before `conversation`, that runs where it is told of one that does; its id. */
  const earlierJob = async ({ text }: Conversation): Promise<string> => {
    const running = /while the job runs|comes back as soon as/.test(text);
    const [, said = ''] = /\*\*(?:You|Or): ?(.*?)(?: 1\. `|$)/.exec(text) ?? [];
    const [, limit] = /\ball ([\d,]+)/.exec(said) ?? [];
    durationMs = running ? LONG_MS : 1;
    const { data } = await call(client, SEARCH?.tool ?? '', {
      ...SEARCH?.args,
      query: said.slice(0, 200),
      ...(limit && { limit: Number(limit.replace(',', '')) }),
      allow_duplicate: true,
    });
    durationMs = 1;
    if (running) aheadMs += LONG_MS / 2;
    return data.job_id;
  };
  return { client, forms, parameters, earlierJob };
});

/** The call as a client sends it: with whole ids in the place of short ones. */
function withIds(args: ShownCall['args'], ids: ReadonlyMap<string, string>): ShownCall['args'] {
  return JSON.parse(JSON.stringify(args).replaceAll(SHORT_ID, (short) => ids.get(short) ?? short));
}

/** What a document says that a call answered: in italics, or in quotes. */
function answersTold(after: string): { counted: string[]; quoted: string[] } {
  const plain = after.replaceAll(/`[^`]*`/g, '').replaceAll(/\*\*[^*]*\*\*/g, '');
  return {
    counted: [...plain.matchAll(/\*([^*]+)\*/g)].map(([, told = '']) => told),
    quoted: [...plain.matchAll(/"([^"]+)"/g)].map(([, told = '']) => told),
  };
}

/** Numbers with what they count, such as "250 companies", as patterns of what a result says of that. */
function counts(told: string): RegExp[] {
  return [...told.matchAll(/\b(\d[\d,]*) ([a-z]+)/gi)].map(
    ([, number, word]) => new RegExp(`\\b${number} ${word}|\\b${word}:? ${number}\\b`, 'i'),
  );
}

describe('conversations of README and COOKBOOK', () => {
  test.each(TOLD)('$title', async (conversation) => {
    const { client, forms, parameters, earlierJob } = stage();
    const ids = new Map<string, string>();
    const said: string[] = [];
    const shortIds = [...new Set(conversation.text.match(SHORT_ID) ?? [])];
    const submits = conversation.calls.filter(({ args }) => 'limit' in args).length;
    const [, askedAbove] = /above (\d+) credits a form/.exec(conversation.text) ?? [];
    for (const shown of conversation.calls) {
      const about = `${shown.tool} ${JSON.stringify(shown.args)}`;
      const named = about.match(SHORT_ID) ?? [];
      for (const short of named) if (!ids.has(short)) ids.set(short, await earlierJob(conversation));
      // Else it would be answered from every job that is kept; a list of jobs is about all of them.
      if (
        shown.tool !== 'list_bulk_jobs' &&
        parameters.get(shown.tool)?.some((name) => /^job_ids?$/.test(name))
      )
        expect(named, `${about} names its jobs`).toHaveLength(submits > 1 ? 1 : shortIds.length || 1);

      forms.length = 0;
      const result: Called = await call(client, shown.tool, withIds(shown.args, ids));
      expect(result.isError, `${about}: ${result.text}`).toBe(false);
      said.push(result.text);
      // Jobs are told of in the order in which they were submitted.
      const next = shortIds.find((short) => !ids.has(short));
      if (named.length === 0 && next && result.data.job_id) ids.set(next, result.data.job_id);

      const { counted, quoted } = answersTold(shown.after);
      for (const pattern of counted.flatMap(counts)) expect(result.text, about).toMatch(pattern);
      for (const words of quoted) expect(result.text, about).toContain(words);
      const asked = Number(shown.args.limit ?? 0) > Number(askedAbove ?? Number.POSITIVE_INFINITY);
      expect(forms, about).toEqual(asked ? [expect.stringContaining(`${shown.args.limit} credits`)] : []);
    }
    for (const [price] of conversation.text.matchAll(/at most \d+ credits/g))
      expect(said.join('\n')).toContain(price);
  });
});

describe('the queries in the README', () => {
  const queries = codeBlocks(README).filter(({ language }) => language === 'sql');
  const [section = ''] = README.split(/^(?=## )/m).filter((part) => part.includes('```sql'));
  const [, tool = ''] = /with `([a-z_]+)`/.exec(section) ?? [];

  test('are six', () => expect(queries).toHaveLength(6));

  test.each(queries)('$code', async ({ code }) => {
    const { isError, data, text } = await call(stage().client, tool, { sql: code });
    expect(isError, text).toBe(false);
    expect(data.row_count).toBeGreaterThan(0);
  });
});
