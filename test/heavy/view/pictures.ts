import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import type { CallToolResult } from '@modelcontextprotocol/sdk/types.js';
import { makeFolder } from '../../temporary-folder.ts';
import { BrowserHost, findChromium } from './browser-host.ts';

// Makes the README's pictures anew: the built server on its sandbox, the view in Chromium.

const dist = (name: string) => fileURLToPath(new URL(`../../../dist/${name}`, import.meta.url));
const target = (name: string) => fileURLToPath(new URL(`../../../.github/${name}`, import.meta.url));
const SEARCH = {
  seed_domains: ['ramp.example', 'brex.example'],
  query: 'spend management for startups: cards, expenses and invoices',
  limit: 300,
  confirm_credits: 300,
  allow_unresolved_seeds: true,
};
/** Companies that are judged for the pictures. */
const VERDICTS = 'kkdkmkddkkmkkdkkdkmkkk';

const chromium = findChromium();
if (chromium === null) throw new Error('there is no chromium on the PATH');
const folder = makeFolder();
const client = new Client(
  { name: 'pictures', version: '1' },
  {
    capabilities: {
      extensions: { 'io.modelcontextprotocol/ui': { mimeTypes: ['text/html;profile=mcp-app'] } },
    },
  },
);
const call = async (name: string, args: Record<string, unknown>) => {
  const result = (await client.callTool({ name, arguments: args }, undefined, {
    timeout: 120_000,
  })) as CallToolResult;
  return result;
};
const host = await BrowserHost.start(chromium);
try {
  await client.connect(
    new StdioClientTransport({
      command: process.execPath,
      args: [dist('index.js'), '--sandbox'],
      env: {
        PATH: process.env.PATH ?? '',
        OPENFUNNEL_STATE_DIR: join(folder.path, 'state'),
        OPENFUNNEL_EXPORT_DIR: join(folder.path, 'exports'),
        OPENFUNNEL_SANDBOX_SPEED: '3',
      },
      stderr: 'ignore',
    }),
  );
  const submitted = await call('submit_lookalikes_bulk', SEARCH);
  const job = String(submitted.structuredContent?.job_id);
  if (submitted.isError) throw new Error(JSON.stringify(submitted.content));
  const open = async (width: number) =>
    host.open({
      html: readFileSync(dist('view.html'), 'utf8'),
      callTool: call,
      context: {
        theme: 'light',
        locale: 'en-US',
        displayMode: 'inline',
        availableDisplayModes: ['inline', 'fullscreen'],
      },
      input: { job_id: job },
      result: await call('show_companies', { job_id: job }),
      width,
      height: 400,
    });

  const running = await open(760);
  await running.view.locator('.progress ~ table tr[data-row]').first().waitFor({ timeout: 60_000 });
  await running.page.screenshot({
    path: target('progress.png'),
    clip: { x: 0, y: 0, width: 760, height: 330 },
  });
  await running.close();
  for (let waits = 0; waits < 20; waits += 1) {
    const { structuredContent } = await call('wait_and_collect', { job_id: job });
    if (structuredContent?.terminal === true) break;
  }

  const list = await open(860);
  await list.view.locator('.marks').first().waitFor({ timeout: 60_000 });
  await list.view.locator('tr[data-row] .open').first().focus();
  for (const verdict of VERDICTS.slice(0, 7)) await list.page.keyboard.press(verdict);
  await list.page.waitForTimeout(800);
  await list.page.screenshot({ path: target('table.png'), fullPage: true });
  await list.page.keyboard.press('Enter');
  await list.view.locator('.card').waitFor();
  await list.view.getByLabel('Spread over the list').check();
  for (const verdict of VERDICTS.slice(7)) {
    await list.page.keyboard.press(verdict);
    await list.page.waitForTimeout(300);
  }
  await list.page.screenshot({ path: target('decide.png'), fullPage: true });
  await list.close();
} finally {
  await host.close();
  await client.close();
  folder.remove();
}
