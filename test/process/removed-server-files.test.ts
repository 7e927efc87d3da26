import { cpSync, renameSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { SERVER, StdioServer } from '../stdio-server.ts';
import { json, pageOf, temporaryFolder, upstream } from '../upstream.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const ROW = { name: 'Acme', domain: 'acme.example' };

/** Tells on stderr what Node has read of the program: a hook of its loader, in a thread of its own. */
const TELL_LOADS = `data:text/javascript,${encodeURIComponent(
  `import { register } from 'node:module'; register('data:text/javascript,' + encodeURIComponent(\`
    import { writeSync } from 'node:fs';
    export async function load(url, context, next) {
      const loaded = await next(url, context);
      writeSync(2, 'loaded ' + url + '\\\\n');
      return loaded;
    }\`));`,
)}`;

/** The built server, started from a copy of its files that can be taken away, in front of an upstream of one company. */
async function startCopy(nodeArgs: string[] = []) {
  const folder = temporaryFolder();
  cpSync(dirname(SERVER), join(folder, 'dist'), { recursive: true });
  cpSync(join(ROOT, 'package.json'), join(folder, 'package.json'));
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  const { url, requests } = await upstream((_request, res) => json(res, pageOf([[ROW]], null)));
  const server = new StdioServer({
    path: join(folder, 'dist/index.js'),
    nodeArgs,
    env: { OPENFUNNEL_BASE_URL: url, OPENFUNNEL_API_KEY: 'of_0123456789' },
  });
  onTestFinished(async () => void (await server.close()));
  await server.initialize();
  const takeAway = () => {
    for (const name of ['dist', 'node_modules']) renameSync(join(folder, name), join(folder, `${name}.gone`));
  };
  return { server, requests, folder, takeAway };
}

test('a server whose files are gone after it has told its tools works on with what it has', async () => {
  const { server, takeAway } = await startCopy(['--import', TELL_LOADS]);
  await server.request('tools/list');
  const wanted = ['/undici/index', 'part-resources', 'part-compose', 'part-serve'];
  while (!wanted.every((each) => server.output.join('').includes(each))) await new Promise(setImmediate);
  takeAway();
  const calls = [
    ['wait_and_collect', { job_id: 'job-1' }],
    ['get_bulk_page', { job_id: 'job-1' }],
    ['export_bulk_results', { job_id: 'job-1', format: 'csv' }],
    ['list_bulk_jobs', {}],
  ] as const;
  for (const [tool, args] of calls) {
    const { isError, content } = await server.call(tool, args);
    expect(isError, `${tool}: ${content[0]?.text}`).not.toBe(true);
  }
  const asked = await server.call('query_companies', { job_id: 'job-1', sql: 'SELECT name FROM companies' });
  expect(asked.structuredContent.rows).toEqual([['Acme']]);
  const view = (await server.request('resources/list')) as { resources: unknown[] };
  expect(view.resources).not.toEqual([]);
});

test('one whose files are gone before that says to restart the client, and nothing else', async () => {
  const { server, requests, folder, takeAway } = await startCopy();
  takeAway();
  for (const tool of ['get_credit_balance', 'submit_lookalikes_bulk']) {
    const { isError, content, structuredContent } = await server.call(tool, { query: 'x' });
    expect(isError).toBe(true);
    expect(content[0]?.text).toMatch(/files were replaced .* restart/);
    expect(structuredContent.error).toMatchObject({ code: 'invalid_configuration', submitted: 'no' });
  }
  await expect(server.request('resources/read', { uri: 'lookalikes://jobs' })).rejects.toThrow(/restart/);
  expect(requests).toEqual([]);
  const told = server.output.filter((line) => line.startsWith('{"result"') || line.includes('"jsonrpc"'));
  expect(told.join('')).not.toMatch(new RegExp(`Cannot find|node_modules|${folder}|file://|part-`));
});
