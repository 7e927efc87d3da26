import {
  AppBridge,
  type McpUiHostContext,
  PostMessageTransport,
} from '@modelcontextprotocol/ext-apps/app-bridge';

// The host's page: the reference bridge, whose calls go to Node by functions that the test exposes.

type Call = { name: string; arguments?: Record<string, unknown> | undefined };

interface Opening {
  sandboxUrl: string;
  html: string;
  context: McpUiHostContext;
  capabilities: Record<string, object>;
  /** Arguments of the call that opens the view; null where this host does not tell them. */
  input: Record<string, unknown> | null;
}

declare global {
  interface Window {
    callTool(call: Call): Promise<unknown>;
    heard(kind: string, data: unknown): Promise<void>;
    host: { open(opening: Opening): Promise<void>; bridge: AppBridge };
  }
}

let mode: 'inline' | 'fullscreen' = 'inline';

async function open({ sandboxUrl, html, context, capabilities, input }: Opening): Promise<void> {
  document.querySelector('iframe')?.remove();
  const frame = document.createElement('iframe');
  frame.title = 'view';
  frame.sandbox.add('allow-scripts', 'allow-same-origin', 'allow-forms');
  document.body.append(frame);
  const window_ = frame.contentWindow;
  if (!window_) throw new Error('the frame has no window');
  const bridge = new AppBridge(null, { name: 'test host', version: '1' }, capabilities, {
    hostContext: context,
  });
  window.host.bridge = bridge;
  bridge.oncalltool = async (params) => (await window.callTool(params)) as never;
  bridge.onopenlink = async ({ url }) => {
    await window.heard('link', url);
    return {};
  };
  bridge.onupdatemodelcontext = async (params) => {
    await window.heard('context', params);
    return {};
  };
  bridge.onmessage = async (params) => {
    await window.heard('message', params);
    return {};
  };
  bridge.ondownloadfile = async (params) => {
    await window.heard('download', params);
    return {};
  };
  bridge.onrequestdisplaymode = async (params) => {
    mode = params.mode === 'fullscreen' ? 'fullscreen' : 'inline';
    await window.heard('mode', mode);
    return { mode };
  };
  bridge.onsizechange = ({ width, height }) => {
    if (height !== undefined) frame.style.height = `${height}px`;
    void window.heard('size', { width, height });
  };
  const ready = new Promise<void>((resolve) => {
    bridge.onsandboxready = () => resolve();
  });
  const initialized = new Promise<void>((resolve) => {
    bridge.oninitialized = () => resolve();
  });
  await bridge.connect(new PostMessageTransport(window_, window_));
  frame.src = sandboxUrl;
  await ready;
  await bridge.sendSandboxResourceReady({ html });
  await initialized;
  if (input) await bridge.sendToolInput({ arguments: input });
}

window.host = { open, bridge: undefined as unknown as AppBridge };
