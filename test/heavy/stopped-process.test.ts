import { spawn } from 'node:child_process';
import type { ServerResponse } from 'node:http';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { upstream, whenDone } from '../upstream.ts';

const SCRIPT = fileURLToPath(new URL('one-request.ts', import.meta.url));
/** The request's time, and how long the process stands still. Milliseconds. */
const TIMEOUT_MS = 1_000;
const STOPPED_MS = 2_500;

/** What a process is told that is stopped as soon as its request has arrived, until long after the request's time. */
async function toldAfterStop(answer: (res: ServerResponse) => void): Promise<string> {
  let arrived = () => {};
  const request = new Promise<void>((resolve) => {
    arrived = resolve;
  });
  let respond = () => {};
  const { url } = await upstream((_, res) => {
    respond = () => answer(res);
    arrived();
  });
  const child = spawn(process.execPath, ['--import', 'tsx', SCRIPT, url, String(TIMEOUT_MS)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  whenDone(() => void child.kill('SIGKILL'));
  let told = '';
  child.stdout.on('data', (chunk) => {
    told += chunk;
  });
  const ended = new Promise((resolve) => child.once('close', resolve));
  await request;
  child.kill('SIGSTOP');
  respond();
  await new Promise((resolve) => setTimeout(resolve, STOPPED_MS));
  child.kill('SIGCONT');
  await ended;
  return told;
}

test.skipIf(process.platform === 'win32')(
  'an answer that arrived while the process stood still is read before its time is up (skipped where no process can be stopped)',
  async () => {
    const large = Buffer.from(JSON.stringify({ text: 'x'.repeat(300_000) }));
    const answers: Array<(res: ServerResponse) => void> = [
      (res) => res.end('{"job_id":"j"}'),
      (res) => res.end(large),
      (res) => res.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(large)),
    ];
    const told = await Promise.all(answers.map(toldAfterStop));
    expect(told).toEqual(['200 14', `200 ${large.length}`, `200 ${large.length}`]);
  },
);

test.skipIf(process.platform === 'win32')(
  'what has not arrived by then is late all the same (skipped where no process can be stopped)',
  async () => {
    expect(await toldAfterStop(() => {})).toBe('timeout');
  },
);
