import { expect, test } from 'vitest';
import { STANDING } from '../fake-clock.ts';
import { inMemory } from '../in-memory.ts';
import { temporaryFolder } from '../upstream.ts';
import { SCENARIOS } from './scenarios.ts';

// Half of the clients show a model the text alone, the other half the structured content alone.

const TOOLS = [
  'submit_lookalikes_bulk',
  'wait_and_collect',
  'get_bulk_status',
  'get_bulk_page',
  'cancel_bulk_job',
  'list_bulk_jobs',
  'export_bulk_results',
  'get_credit_balance',
  'mark_companies',
  'get_review_batch',
];
const OURS = SCENARIOS.filter(({ tool }) => TOOLS.includes(tool));

test.each(OURS.map((scenario) => [scenario.tool, scenario.state, scenario] as const))(
  '%s, %s: text and structured content say the same',
  async (tool, _, { args, upstream, before = [], confirmAbove }) => {
    const folder = temporaryFolder();
    const send = async ({ method, url }: { method: string; url: URL }) => ({
      status: 200,
      retryAfter: undefined,
      ...upstream({ method, path: url.pathname + url.search }),
    });
    const { call } = await inMemory(folder, send, STANDING, { confirmAbove: confirmAbove ?? 500 });
    for (const [name, given] of before) await call(name, given);
    const { content, structuredContent } = await call(tool, args);
    const text = content[0]?.text ?? '';

    const { notices = [], next_step, untrusted, error, ...facts } = structuredContent;
    const said = text.split('\n').filter((line) => line.startsWith('NOTE: '));
    expect(said).toEqual(notices.map((notice: string) => `NOTE: ${notice}`));
    if (next_step !== undefined) expect(text).toContain(`Next: ${next_step}`);
    expect(text.startsWith(untrusted ?? 'no mark')).toBe(untrusted !== undefined && said.length >= 0);
    if (error) {
      expect(text).toContain(`ERROR ${error.code}: ${error.message}`);
      expect(text.includes('Retry: yes')).toBe(error.retryable);
      expect(text.includes('Submitted: unknown')).toBe(error.submitted === 'unknown');
    }
    const plain = (each: unknown) =>
      String(each)
        // A share is told in percent, to a tenth.
        .replace(/^0\.\d+$/, (share) => String(Math.round(Number(share) * 1_000) / 10))
        .replace(/["'“”]/g, '')
        .replaceAll('|', '¦');
    for (const leaf of leaves(facts)) expect(plain(text)).toContain(plain(leaf));
    expect(text.length).toBeLessThanOrEqual(8_000);
    expect(JSON.stringify(structuredContent).length).toBeLessThanOrEqual(8_000);
  },
);

/** Every text and number in a value. */
function leaves(value: unknown): Array<string | number> {
  if (typeof value === 'string' || typeof value === 'number') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(leaves) : [];
}
