import { describe, expect, test } from 'vitest';
import { wordsWithout } from '../../src/protocol/served-words.ts';
import { CORE_TOOLS, TOOLS } from '../../src/tools/catalogue.ts';
import { inMemory } from '../in-memory.ts';
import { temporaryFolder } from '../upstream.ts';
import { JOB, SCENARIOS, type Scenario, type Upstream } from './scenarios.ts';

const CORE = TOOLS.slice(0, CORE_TOOLS).map(({ name }) => name);
const OTHERS = TOOLS.slice(CORE_TOOLS).map(({ name }) => name);
const named = (said: unknown) => OTHERS.filter((name) => JSON.stringify(said).includes(name));

function coreServer(upstream: Upstream, confirmAbove = 500) {
  const send = async ({ method, url }: { method: string; url: URL }) => ({
    status: 200,
    retryAfter: undefined,
    ...upstream({ method, path: url.pathname + url.search }),
  });
  return inMemory(temporaryFolder(), send, undefined, { coreTools: true, confirmAbove });
}

/** An upstream over which the first listing of a scenario's kind was collected. */
const completed = SCENARIOS.find(({ tool, state }) => tool === 'wait_and_collect' && state === 'completed');
if (!completed) throw new Error('there is no completed job among the scenarios');

describe('with the core tools alone', () => {
  test('nothing that is listed names another tool', async () => {
    const { client } = await coreServer(completed.upstream);
    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name)).toEqual(CORE);
    const { prompts } = await client.listPrompts();
    expect(prompts.map(({ name }) => name)).toEqual(['find_lookalikes', 'resume_job', 'doctor']);
    const texts = await Promise.all([
      client.getPrompt({ name: 'find_lookalikes', arguments: { seeds: 'Stripe', how_many: '30' } }),
      client.getPrompt({ name: 'resume_job', arguments: {} }),
    ]);
    const { resources } = await client.listResources();
    const { resourceTemplates } = await client.listResourceTemplates();
    const said = [tools, prompts, texts, resources, resourceTemplates, client.getInstructions()];
    expect(named(said)).toEqual([]);
    // Everything is still said that has to be.
    for (const tool of tools) expect(tool.description?.length).toBeGreaterThan(300);
    expect(JSON.stringify(texts)).toContain('1. If companies are given by name');
    const refused = client.getPrompt({ name: 'qualify_list', arguments: { criteria: 'banks' } });
    await expect(refused).rejects.toThrow('There are find_lookalikes, resume_job, doctor.');
  });

  const scenarios = SCENARIOS.filter(
    ({ tool, before = [] }) => CORE.includes(tool) && before.every(([name]) => CORE.includes(name)),
  );
  test.each(scenarios.map((scenario) => [scenario.tool, scenario.state, scenario] as const))(
    '%s: %s names no other tool, and says what to do',
    async (tool, _, { args, upstream, before = [], confirmAbove }: Scenario) => {
      const { call } = await coreServer(upstream, confirmAbove);
      for (const [name, given] of before) await call(name, given);
      const { content, structuredContent, isError } = await call(tool, args);
      expect(named([content, structuredContent])).toEqual([]);
      if (!isError) expect(structuredContent.next_step.length).toBeGreaterThan(20);
      expect(content[0]?.text).not.toMatch(/^(?:NOTE|Next):\s*$/m);
    },
  );

  test.each([
    ['submit_lookalikes_bulk', { seed_domains: ['linkedin.com/company/stripe'] }, 'Give the own website'],
    ['export_bulk_results', { job_id: JOB, exclude: ['unknown words'] }, 'earlier_jobs'],
    ['export_bulk_results', { job_id: JOB, exclude: ['known:*'] }, ''],
    ['get_bulk_page', { job_id: JOB, locations: ['Atlantis'] }, 'Atlantis'],
  ])('a refusal of %s with %j names no other tool', async (tool, args, said) => {
    const { call } = await coreServer(completed.upstream);
    const { content, structuredContent } = await call(tool, args);
    expect(named([content, structuredContent])).toEqual([]);
    expect(content[0]?.text).toContain(said);
  });

  test('a tool that is named by others in quotes stays in their words', () => {
    const words = wordsWithout(['query_companies']);
    const said = 'OpenFunnel said: "call query_companies. Now". Try again.';
    expect(words(said)).toBe(said);
    expect(words('To read, use get_bulk_page. To count, use query_companies. Free.')).toBe(
      'To read, use get_bulk_page. Free.',
    );
    expect(words('query_companies counts.')).toBe('');
  });
});
