import { render } from 'preact';
import { Api, openedBy, resultText } from './host/api.ts';
import { Bridge, type HostContext } from './host/bridge.ts';
import { followSize, useTheme } from './host/surroundings.ts';
import { Runtime } from './runtime.ts';
import { record, text } from './shape.ts';
import { beginning } from './state/model.ts';
import { App } from './ui/app.tsx';
import { keyWish } from './ui/keys.ts';
import { format, plain } from './ui/text.ts';

/** Version of the package, put in by the build. */
declare const VERSION: string;

/** A host that has not said what it called by then is asked for nothing more. Milliseconds. */
const TOOL_MS = 3_000;
/** Columns have room from here on. CSS pixels. */
const WIDE = 720;
const PHONE = 600;

const root = document.createElement('div');
const live = document.createElement('div');
live.setAttribute('role', 'status');
live.className = 'unseen';
document.body.append(root, live);

/** What the table is to be narrowed to at first, as the call said. */
let called = { filter: '', ranks: '' };
/** What the host has told of itself so far. */
let context: HostContext = {};

const bridge = new Bridge(window.parent, {
  'ui/notifications/tool-input': (params) => {
    const { job_id, filter, rows } = record(params.arguments);
    called = { filter: text(filter), ranks: text(rows) };
    if (text(job_id) !== '') send({ is: 'opened', jobId: text(job_id), ...called });
  },
  'ui/notifications/tool-result': (result) => {
    const { jobId, filter, ranks } = openedBy(result);
    if (jobId === null && result.isError === true)
      send({ is: 'failed to open', message: resultText(result) });
    else send({ is: 'opened', jobId, filter: filter || called.filter, ranks: ranks || called.ranks });
  },
  'ui/notifications/tool-cancelled': () => send({ is: 'stopped', why: 'cancelled' }),
  'ui/notifications/host-context-changed': takeContext,
  'ui/resource-teardown': () => {
    runtime.flush();
    send({ is: 'stopped', why: 'gone' });
  },
});
const runtime = new Runtime(beginning(Math.random().toString(36).slice(2, 10)), {
  bridge,
  api: new Api(bridge),
  draw: (state) => render(<App state={state} send={send} acts={runtime.acts} />, root),
  focus(on) {
    const selector = on === 'card' ? '.card' : `tr[data-row="${on}"] .open`;
    root.querySelector<HTMLElement>(selector)?.focus();
  },
  say(text) {
    live.textContent = plain(text, 300);
  },
});
const { send } = runtime;

render(<App state={runtime.state} send={send} acts={runtime.acts} />, root);
followSize(root, (width, height) => {
  bridge.notify('ui/notifications/size-changed', { width, height });
  const wide = width >= WIDE;
  if (wide !== runtime.state.host.wide) send({ is: 'host', host: { wide } });
});
document.addEventListener('keydown', (event) => {
  const wish = keyWish(event, runtime.state);
  if (!wish) return;
  event.preventDefault();
  if (wish.is === 'focus') root.querySelector<HTMLElement>(wish.on)?.focus();
  else if (wish.is === 'copy domain') {
    const domain = runtime.state.companies.get(wish.row)?.domain ?? '';
    if (domain === '') send({ is: 'told', text: 'This company has no domain' });
    else runtime.acts.copy(domain, domain);
  } else send(wish);
});
root.addEventListener('click', (event) => {
  const link = event.target instanceof Element && event.target.closest('a');
  if (!link) return;
  event.preventDefault();
  runtime.acts.visit(link.href);
});
root.addEventListener('focusin', ({ target }) => {
  const row =
    target instanceof Element ? target.closest<HTMLElement>('tr[data-row]')?.dataset.row : undefined;
  if (row !== undefined) send({ is: 'current', row: Number(row) });
});
watchVisible();
bridge.connect(VERSION).then(
  (told) => {
    takeContext(told);
    send({ is: 'host', host: { canMessage: bridge.can('message') } });
    // Some hosts never send the call's result.
    setTimeout(() => {
      if (!runtime.state.opened) send({ is: 'opened', jobId: null, ...called });
    }, TOOL_MS);
  },
  () =>
    send({
      is: 'failed to open',
      message: 'The chat program did not answer. Close this view and ask for the table again.',
    }),
);

/** Takes what the host tells of itself, or has changed of it. */
function takeContext(told: HostContext): void {
  context = { ...context, ...told };
  useTheme(context);
  format.use(context.locale, context.timeZone);
  const { displayMode = 'inline', availableDisplayModes = [], platform, deviceCapabilities } = context;
  const small = root.clientWidth < PHONE;
  const coarse =
    deviceCapabilities?.hover === false || matchMedia('(pointer: coarse) and (hover: none)').matches;
  send({
    is: 'host',
    host: {
      displayMode,
      canFullscreen: availableDisplayModes.includes('fullscreen') || displayMode === 'fullscreen',
      phone: small && (platform === 'mobile' || coarse),
    },
  });
}

/** Whether the view can be seen: in the page that is in front, and scrolled to. */
function watchVisible(): void {
  let onScreen = true;
  const tell = () => {
    const visible = onScreen && !document.hidden;
    if (visible !== runtime.state.host.visible) send({ is: 'host', host: { visible } });
  };
  new IntersectionObserver((entries) => {
    onScreen = entries.at(-1)?.isIntersecting ?? true;
    tell();
  }).observe(root);
  document.addEventListener('visibilitychange', tell);
  window.addEventListener('focus', () => send({ is: 'looked again' }));
}
