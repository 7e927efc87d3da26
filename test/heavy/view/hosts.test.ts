import { expect, test } from 'vitest';
import { CAPABILITIES } from './browser-host.ts';
import { companies } from './lab.ts';
import { accessible, onRow, onStage, picture, ranks, row, soon, status, tab, table } from './stage.ts';

onStage('the view in hosts of all kinds', (stage) => {
  test('a host that hands on text alone shows the same table', async () => {
    const opened = await stage.open(companies(30), {
      callTool: async (name, args) => {
        const { content, isError } = await stage.lab.call(name, args);
        return { content, ...(isError ? { isError } : {}) };
      },
      input: {},
    });
    await table(opened);
    expect(await status(opened).textContent()).toContain('of 29 companies');
  });

  test('while calls fail the table stays, marks wait, and are sent when they work again', async () => {
    let works = true;
    const opened = await stage.open(companies(30), {
      callTool: (name, args) => (works ? stage.lab.call(name, args) : Promise.reject(new Error('gone'))),
    });
    await table(opened);
    works = false;
    await onRow(opened, 1);
    for (const key of ['k', 'd']) await opened.page.keyboard.press(key);
    await opened.view.locator('main').getByText('Connection lost').waitFor();
    const pressed = () => row(opened, 1).getByRole('button', { name: /^Keep/ }).getAttribute('aria-pressed');
    expect(await pressed()).toBe('true');
    await opened.view.locator('main').getByText('not saved yet').first().waitFor();
    await expect
      .poll(() => opened.inside('document.querySelector("[role=status]").textContent'), soon)
      .toMatch(/Not saved yet/);
    await accessible(opened);
    await picture(opened, 'connection-lost');
    expect(await stage.verdicts(opened.job)).toEqual([]);
    // A frame that is built anew meanwhile knows what waits.
    works = true;
    await opened.reload();
    await table(opened);
    await expect
      .poll(() => stage.verdicts(opened.job), soon)
      .toEqual([
        [1, 'keep'],
        [2, 'drop'],
      ]);
    works = false;
    await row(opened, 3)
      .getByRole('button', { name: /^Maybe/ })
      .click();
    await opened.view.locator('main').getByText('Connection lost').waitFor();
    works = true;
    await opened.view.getByRole('button', { name: 'Try again' }).click();
    await expect.poll(() => opened.view.locator('.banner').count(), soon).toBe(0);
    await expect.poll(() => stage.verdicts(opened.job).then(({ length }) => length), soon).toBe(3);
  });

  test('a host that lets views call nothing is said to, once, with what still works', async () => {
    let calls = 0;
    const { serverTools: _, ...capabilities } = CAPABILITIES;
    const opened = await stage.open(companies(30), {
      capabilities,
      callTool: () => {
        calls += 1;
        return Promise.reject(new Error('app calls are not allowed'));
      },
    });
    await opened.view.locator('main').getByText('does not let the table read companies').waitFor();
    await picture(opened, 'denied');
    const before = calls;
    await opened.page.waitForTimeout(5_000);
    expect(calls).toBe(before);
    await opened.view.getByRole('button', { name: 'Ask in the chat' }).click();
    await expect
      .poll(() => JSON.stringify(opened.heard), soon)
      .toContain(`job ${opened.job} here in the chat`);
  });

  test('a call that is never answered ends after 15 seconds, with a way to try again', async () => {
    let silent = true;
    const opened = await stage.open(companies(30), {
      callTool: (name, args) => (silent ? new Promise(() => {}) : stage.lab.call(name, args)),
    });
    await opened.view.locator('.skeleton').waitFor();
    await opened.view
      .locator('main')
      .getByText('The chat program does not answer')
      .waitFor({ timeout: 20_000 });
    silent = false;
    await opened.view.getByRole('button', { name: 'Try again' }).click();
    await table(opened);
  });

  test('says what is the case where there is no table, in the words of the error', async () => {
    const failed = await stage.open(companies(14), {
      over: { status: 'failed', error: 'no seed <b>resolved</b>' },
    });
    await failed.view.locator('main').getByText('The search failed').waitFor();
    await failed.view.locator('main').getByText('no seed <b>resolved</b>').waitFor();
    await failed.view.locator('main').getByText('What was delivered before that').waitFor();
    await expect.poll(() => ranks(failed).then(({ length }) => length), soon).toBe(10);
    await accessible(failed);
    await picture(failed, 'failed');
    const none = await stage.open([], { over: { status: 'failed', error: 'no seed resolved' } });
    await none.view.locator('main').getByText('No companies were delivered').waitFor();
    const empty = await stage.open([]);
    await empty.view.locator('main').getByText('This job delivered no companies').waitFor();
    const unknown = await stage.bare({
      input: null,
      result: { isError: true, content: [{ type: 'text', text: 'Job not found: nobody knows it.' }] },
    });
    await unknown.view.locator('main').getByText('The table could not be opened').waitFor();
    await unknown.view.locator('main').getByText('Job not found: nobody knows it.').waitFor();
    const cancelled = await stage.bare({ input: null });
    await cancelled.view.locator('.skeleton').waitFor();
    await cancelled.send('sendToolCancelled', { reason: 'user' });
    await cancelled.view.locator('main').getByText('The call was cancelled').waitFor();
  });

  test('takes job and filter from the result where there is no input; neither is the newest job, and said to be', async () => {
    const job = 'view-from-result';
    stage.lab.job(job, companies(70));
    const ranked = await stage.lab.call('show_companies', { job_id: job, rows: '1-5' });
    for (const given of [ranked, { content: ranked.content }]) {
      const some = await stage.bare({ input: null, result: given });
      await table(some);
      await expect.poll(() => status(some).textContent(), soon).toContain('of 5 companies');
    }
    const result = await stage.lab.call('show_companies', { job_id: job, filter: 'Larkspur' });
    const opened = await stage.bare({ input: null, result });
    await table(opened);
    await expect.poll(() => status(opened).textContent(), soon).toContain('of 8 companies');
    const text = await stage.bare({ input: null, result: { content: result.content } });
    await table(text);
    await expect.poll(() => status(text).textContent(), soon).toContain('of 8 companies');
    await stage.lab.submit('view-newest', companies(20), 20, {});
    const newest = await stage.bare({ input: null });
    await newest.view.locator('main').getByText('the job submitted last').waitFor({ timeout: 15_000 });
    await table(newest);
  });

  test('a result that names another job rebuilds the view for it', async () => {
    const opened = await stage.open(companies(60));
    await table(opened);
    await tab(opened, 'Open').click();
    const other = 'view-other-job';
    stage.lab.job(other, companies(7));
    await opened.send('sendToolResult', await stage.lab.call('show_companies', { job_id: other }));
    await expect.poll(() => status(opened).textContent(), soon).toContain('of 7 companies');
    expect(await tab(opened, 'All').getAttribute('aria-pressed')).toBe('true');
    await onRow(opened, 1);
    await opened.page.keyboard.press('k');
    await expect.poll(() => stage.verdicts(other), soon).toEqual([[1, 'keep']]);
    expect(await stage.verdicts(opened.job)).toEqual([]);
  });

  test("takes the host's colours, fonts, language and display modes, and asks nothing after teardown", async () => {
    let calls = 0;
    const opened = await stage.open(companies(1_100), {
      callTool: (name, args) => {
        calls += 1;
        return stage.lab.call(name, args);
      },
      context: { theme: 'light', locale: 'de-DE', displayMode: 'inline' },
    });
    const { view, heard } = opened;
    await table(opened);
    expect(await status(opened).textContent()).toContain('1.045');
    const look = () =>
      opened.inside<string[]>(
        "(() => { const s = getComputedStyle(document.querySelector('main')); return [s.backgroundColor, s.fontFamily, getComputedStyle(document.documentElement).colorScheme]; })()",
      );
    expect((await look())[0]).toBe('rgb(255, 255, 255)');
    // A theme alone, without a colour.
    await opened.send('sendHostContextChange', { theme: 'dark' });
    await expect.poll(async () => (await look())[0], soon).toBe('rgb(31, 31, 30)');
    await opened.send('sendHostContextChange', {
      theme: 'dark',
      styles: {
        variables: { '--color-background-primary': 'rgb(10, 20, 30)', '--font-sans': 'Serifa, serif' },
      },
    });
    await expect.poll(look, soon).toEqual(['rgb(10, 20, 30)', 'Serifa, serif', 'dark']);
    // Full screen is offered later, and left by the host.
    expect(await view.getByRole('button', { name: 'Full screen' }).count()).toBe(0);
    await opened.send('sendHostContextChange', { availableDisplayModes: ['inline', 'fullscreen'] });
    await view.getByRole('button', { name: 'Full screen' }).click();
    await view.getByRole('button', { name: 'Smaller' }).waitFor();
    expect(heard).toContainEqual({ kind: 'mode', data: 'fullscreen' });
    await opened.send('sendHostContextChange', { displayMode: 'inline' });
    await view.getByRole('button', { name: 'Full screen' }).waitFor();
    await opened.send('sendHostContextChange', { displayMode: 'pip' });
    await expect.poll(() => ranks(opened).then(({ length }) => length), soon).toBe(10);
    expect(await opened.send('teardownResource', {})).toEqual({});
    const before = calls;
    await opened.page.waitForTimeout(2_500);
    expect(calls).toBe(before);
  });

  test('an ended job is asked about ever less', async () => {
    const asked: string[] = [];
    const opened = await stage.open(companies(30), {
      callTool: (name, args) => {
        asked.push(name);
        return stage.lab.call(name, args);
      },
    });
    await table(opened);
    asked.length = 0;
    await opened.page.waitForTimeout(20_000);
    expect(asked.length).toBeLessThanOrEqual(3);
  });

  test('colours that are forced show what is pressed', async () => {
    const opened = await stage.open(companies(30), { width: 800 });
    await opened.page.emulateMedia({ forcedColors: 'active' });
    await table(opened);
    await row(opened, 1).getByRole('button', { name: /^Keep/ }).click();
    const colour = (selector: string) =>
      opened.inside(`getComputedStyle(document.querySelector('${selector}')).backgroundColor`);
    const pressed = '[data-row="1"] .marks .keep';
    await expect.poll(() => colour(pressed), soon).not.toBe(await colour('[data-row="1"] .marks .drop'));
    await picture(opened, 'forced-colours');
  });

  test("a company on one of the user's lists has its badge, and the list is named", async () => {
    const rows = companies(12);
    await stage.lab.call('import_known_companies', {
      list: 'customers',
      companies: ['company3.example', 'Halden Payroll 7'],
    });
    const opened = await stage.open(rows, { width: 1_200 });
    await table(opened);
    await row(opened, 3).getByText('known: customers').waitFor();
    await row(opened, 7).getByText('maybe known: customers: Halden Payroll 7').waitFor();
    await picture(opened, 'known');
  });
});
