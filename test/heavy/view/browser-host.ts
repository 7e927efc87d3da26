import { accessSync, constants } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { type Browser, chromium, type FrameLocator, type Page } from 'playwright-core';

/** What a view may do where it asks for nothing (MCP Apps, specification 2026-01-26). */
const DEFAULT_CSP =
  "default-src 'none'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; media-src 'self' data:; connect-src 'none'";

/** What a host of today can do. */
export const CAPABILITIES = {
  openLinks: {},
  serverTools: {},
  updateModelContext: { text: {} },
  message: { text: {} },
};

const here = (name: string) => fileURLToPath(new URL(`page/${name}`, import.meta.url));

/** Chromium's path, or null where there is none. */
export function findChromium(): string | null {
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    for (const name of ['chromium', 'chromium-browser', 'google-chrome']) {
      try {
        accessSync(join(folder, name), constants.X_OK);
        return join(folder, name);
      } catch {
        // Not there.
      }
    }
  }
  return null;
}

export interface Heard {
  kind: string;
  data: unknown;
}

export interface OpenOptions {
  html: string;
  /** Plays the client between view and server. */
  callTool: (name: string, args: Record<string, unknown>) => Promise<unknown>;
  context?: Record<string, unknown>;
  /** What the host says that it can do. */
  capabilities?: Record<string, object>;
  /** Arguments of the call that opens the view; null where the host does not tell them. */
  input?: Record<string, unknown> | null;
  /** A finger instead of a mouse. */
  touch?: boolean;
  /** Result of that call; none is sent where it is undefined. */
  result?: unknown;
  width?: number;
  height?: number;
}

/** A view in a page of a host's. */
export interface OpenView {
  page: Page;
  view: FrameLocator;
  /** What the host was told, in order. */
  heard: Heard[];
  /** Errors of the view's own scripts. */
  errors: string[];
  /** Sends something from the host: a method of the reference bridge. */
  send(method: string, params: unknown): Promise<unknown>;
  /** The view's own frame, to look into. */
  inside<T>(script: string): Promise<T>;
  /** Builds the view anew, as a host does after a reload. */
  reload(): Promise<void>;
  close(): Promise<void>;
}

/** Chromium with a host's page and a sandbox's page, each on an origin of its own. */
export class BrowserHost {
  readonly #browser: Browser;
  readonly #servers: Server[];
  readonly #hostUrl: string;
  readonly #sandboxUrl: string;

  private constructor(browser: Browser, servers: Server[], hostUrl: string, sandboxUrl: string) {
    this.#browser = browser;
    this.#servers = servers;
    this.#hostUrl = hostUrl;
    this.#sandboxUrl = sandboxUrl;
  }

  static async start(executablePath: string): Promise<BrowserHost> {
    const { outputFiles } = await build({
      entryPoints: [here('host.ts')],
      bundle: true,
      format: 'esm',
      write: false,
      logLevel: 'warning',
    });
    const script = (outputFiles[0]?.text ?? '').replaceAll('</script', '<\\/script');
    const page = `<!doctype html><html lang="en"><meta name="viewport" content="width=device-width, initial-scale=1"><title>host</title><style>:root{color-scheme:light dark}body{margin:0}iframe{display:block;width:100%;height:150px;border:0}</style><body><script type="module">${script}</script></body></html>`;
    const [host, hostUrl] = await serve(page, {});
    const [sandbox, sandboxUrl] = await serve(await readFile(here('sandbox.html'), 'utf8'), {
      'content-security-policy': DEFAULT_CSP,
    });
    const browser = await chromium.launch({
      executablePath,
      args: [
        '--headless',
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
        '--enable-precise-memory-info',
        '--js-flags=--expose-gc',
      ],
    });
    return new BrowserHost(browser, [host, sandbox], hostUrl, sandboxUrl);
  }

  async open(options: OpenOptions): Promise<OpenView> {
    const { width = 780, height = 900, touch = false } = options;
    const context = await this.#browser.newContext({
      viewport: { width, height },
      hasTouch: touch,
      isMobile: touch,
    });
    context.setDefaultTimeout(8_000);
    const page = await context.newPage();
    const heard: Heard[] = [];
    const errors: string[] = [];
    page.on('pageerror', (error) => errors.push(String(error)));
    page.on('console', (message) => {
      if (message.type() === 'error') errors.push(message.text());
    });
    await page.route('**', (route) =>
      route.request().url().startsWith('http://127.0.0.1') ? route.continue() : route.abort(),
    );
    await page.exposeFunction('callTool', (call: { name: string; arguments?: Record<string, unknown> }) =>
      options.callTool(call.name, call.arguments ?? {}),
    );
    await page.exposeFunction('heard', (kind: string, data: unknown) => {
      heard.push({ kind, data });
    });
    await page.goto(this.#hostUrl);
    const opening = {
      sandboxUrl: this.#sandboxUrl,
      html: options.html,
      context: options.context ?? { theme: 'light', locale: 'en-US', displayMode: 'inline' },
      capabilities: options.capabilities ?? CAPABILITIES,
      input: options.input === undefined ? {} : options.input,
    };
    const send = (method: string, params: unknown) =>
      page.evaluate(`window.host.bridge[${JSON.stringify(method)}](${JSON.stringify(params)})`);
    const open = async () => {
      const opened = page.evaluate(`window.host.open(${JSON.stringify(opening)})`);
      await withTimeout(opened, 15_000, 'the view never said that it was initialized');
      if (options.result !== undefined) await send('sendToolResult', options.result);
    };
    await open();
    return {
      page,
      view: page.frameLocator('iframe').frameLocator('iframe'),
      heard,
      errors,
      send,
      inside: <T>(script: string) => {
        const frame = page.frames().at(-1);
        if (!frame) throw new Error('there is no frame');
        return frame.evaluate(script) as Promise<T>;
      },
      reload: open,
      close: () => context.close(),
    };
  }

  async close(): Promise<void> {
    await this.#browser.close();
    for (const server of this.#servers) server.close();
  }
}

async function serve(body: string, headers: Record<string, string>): Promise<[Server, string]> {
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8', ...headers });
    response.end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return [server, `http://127.0.0.1:${(server.address() as AddressInfo).port}/`];
}

async function withTimeout<T>(work: Promise<T>, ms: number, message: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(message)), ms);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}
