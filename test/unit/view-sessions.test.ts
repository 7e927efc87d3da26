import { readdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ViewSessions } from '../../src/disk/view-sessions.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { temporaryFolder } from '../upstream.ts';

const JOB = 'job-1';

test('a session is kept whole, replaced, and forgotten with its job', async () => {
  const directory = temporaryFolder();
  const sessions = new ViewSessions({ directory, clock: systemClock });
  expect(await sessions.of(JOB)).toBeNull();
  await sessions.keep(JOB, 'one');
  await sessions.keep(JOB.toUpperCase(), 'two');
  await sessions.keep('other', 'three');
  expect(await sessions.of(JOB)).toBe('two');
  expect(readdirSync(directory)).toHaveLength(2);
  expect(await sessions.forget([JOB])).toBe(3);
  expect(await sessions.of(JOB)).toBeNull();
  expect(await sessions.forget('all')).toBe(5);
  expect(await sessions.of('other')).toBeNull();
  expect(readdirSync(directory)).toEqual([]);
});

test('a session is read whole while it is replaced, and a link in its place is no session', async () => {
  const directory = temporaryFolder();
  const sessions = new ViewSessions({ directory, clock: systemClock });
  const texts = ['a', 'b'].map((letter) => letter.repeat(8_000));
  await sessions.keep(JOB, texts[0] ?? '');
  const writing = Promise.all(Array.from({ length: 20 }, (_, at) => sessions.keep(JOB, texts[at % 2] ?? '')));
  for (let read = 0; read < 20; read += 1) expect(texts).toContain(await sessions.of(JOB));
  await writing;
  expect(readdirSync(directory)).toHaveLength(1);
  symlinkSync(join(directory, `view-${JOB}.json`), join(directory, 'view-linked.json'));
  expect(await sessions.of('linked')).toBeNull();
});
