import { afterAll, expect, test } from 'vitest';
import { inMemory } from '../in-memory.ts';
import { temporaryFolder } from '../upstream.ts';

const folder = temporaryFolder(afterAll);

let job: Record<string, unknown> = {};
const { call } = await inMemory(folder, async () => ({
  status: 200,
  retryAfter: undefined,
  body: JSON.stringify({ status: 'failed', manifest: null, next_cursor: null, page: 'page_0000', ...job }),
}));

const TOOLS = ['wait_and_collect', 'get_bulk_status', 'get_bulk_page'];
const THEIRS = 'internal server error: upstream index timeout';

let jobs = 0;
/** What comes next, by each tool that shows such a job, in both halves. */
async function nextSteps(error_message: string | null, rows: unknown[]) {
  const said: string[] = [];
  for (const tool of TOOLS) {
    jobs += 1;
    const job_id = `failed-${jobs}`;
    job = { job_id, error_message, rows, count: rows.length, processed: rows.length };
    const { content, structuredContent } = await call(tool, { job_id });
    expect(content[0]?.text).toContain(`Next: ${structuredContent.next_step}`);
    if (tool === 'wait_and_collect') {
      expect(structuredContent.error).toMatchObject({ code: 'job_failed' });
      expect(structuredContent.error).not.toHaveProperty('submitted');
      expect(content[0]?.text).not.toContain('Submitted:');
    }
    said.push(structuredContent.next_step);
  }
  return said;
}

test('a job that failed at OpenFunnel and delivered nothing is not to be read or corrected', async () => {
  for (const next of await nextSteps(THEIRS, [])) {
    expect(next).toContain('delivered no companies');
    expect(next).toContain('same search can be tried again later');
    expect(next).toContain('consent');
    expect(next).not.toMatch(/get_bulk_page|[Cc]orrect/);
  }
});

test('a failed search is to be corrected, and one without a reason says so', async () => {
  for (const next of await nextSteps('invalid filter: no such stage', []))
    expect(next).toMatch(/Correct the search.*consent/);
  for (const next of await nextSteps(null, [])) expect(next).toContain('did not say why');
});

test('what a failed job delivered can still be read', async () => {
  for (const next of await nextSteps(THEIRS, [{ name: 'Ramp', domain: 'ramp.com' }])) {
    expect(next).toContain('get_bulk_page');
    expect(next).toContain('same search can be tried again later');
  }
});
