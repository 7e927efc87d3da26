import { render } from 'preact';
import { actsOf } from './acts.ts';
import { asText, record } from './contract.ts';
import { Bridge, failureOf, type HostContext, openedBy, resultText } from './host/bridge.ts';
import { keepUnsent, unsentBefore, useTheme } from './host/surroundings.ts';
import { type Effect, FOCUS_PLACES } from './state/draft.ts';
import { pollDelay } from './state/look.ts';
import { beginning, type State } from './state/model.ts';
import { update, type ViewEvent } from './state/update.ts';
import { App } from './ui/app.tsx';
import { keyWish } from './ui/keyboard.ts';
import { format } from './ui/shown-text.ts';

declare const VERSION: string;

/** A host that has not said what it called by then is asked for nothing more. Milliseconds. */
const TOOL_MS = 3_000;
/** Marks made one after the other are told to the model once, and the place kept once. Milliseconds. */
const HINT_MS = 1_500;
const SAVE_MS = 600;
/** Columns have room from here on. CSS pixels. */
const WIDE = 720;
const PHONE = 600;

const root = document.createElement('div');
document.body.append(root);

/** What the table is to be narrowed to at first, as the call said. */
let called = { filter: '', ranks: '' };
let context: HostContext = {};

const bridge = new Bridge(window.parent, {
  'ui/notifications/tool-input': (params) => {
    const { job_id, filter, rows } = record(params.arguments);
    called = { filter: asText(filter), ranks: asText(rows) };
    if (asText(job_id) !== '') send({ is: 'opened', jobId: asText(job_id), ...called });
  },
  'ui/notifications/tool-result': (result) => {
    const { jobId, filter, ranks } = openedBy(result);
    if (jobId === null && result.isError) send({ is: 'failed to open', message: resultText(result) });
    else send({ is: 'opened', jobId, filter: filter || called.filter, ranks: ranks || called.ranks });
  },
  'ui/notifications/tool-cancelled': () => send({ is: 'stopped', why: 'cancelled' }),
  'ui/notifications/host-context-changed': takeContext,
  'ui/resource-teardown': () => {
    savePlace(state);
    send({ is: 'stopped', why: 'gone' });
  },
});
const acts = actsOf(bridge, () => state, send);
const [polling, hinting, saving] = [delayed(), delayed(), delayed()];
let state = beginning(Math.random().toString(36).slice(2, 10));
draw();

/** Tells the state what has happened, and does what that calls for. */
function send(event: ViewEvent): void {
  const before = state;
  const [next, effects] = update(before, event, performance.now());
  state = next;
  if (next !== before) draw();
  if (next.queue !== before.queue) keepUnsent(before.queue, next.queue);
  if (next.jobId !== before.jobId) savePlace(before);
  else if (before.status && next.place !== before.place) saving(SAVE_MS, () => savePlace(next));
  for (const effect of effects) carryOut(effect);
  if (next.status && !before.status)
    send({ is: 'queued before', operations: unsentBefore(next.status.job_id) });
  polling(pollDelay(state, performance.now()), () => send({ is: 'poll' }));
}

function draw(): void {
  render(<App state={state} send={send} acts={acts} />, root);
}

function carryOut(effect: Effect): void {
  if (effect.do === 'call')
    bridge.call(effect.tool, effect.args).then(
      (answer) => send({ is: 'answered', call: effect, answer }),
      (error: unknown) => send({ is: 'failed', call: effect, failure: failureOf(error) }),
    );
  else if (effect.do === 'focus') {
    const { on } = effect;
    const selector = typeof on === 'number' ? `tr[data-row="${on}"] .open` : FOCUS_PLACES[on];
    root.querySelector<HTMLElement>(selector)?.focus();
  } else if (effect.do === 'copy') acts.copy(effect.text, effect.text);
  else
    hinting(HINT_MS, () => {
      const content = [{ type: 'text', text: effect.text }];
      if (state.stopped === 'no' && bridge.can('updateModelContext'))
        bridge.ask('ui/update-model-context', { content }).catch(() => {});
    });
}

function savePlace({ jobId, place, status }: State): void {
  if (!status) return;
  const args = { job_id: jobId, session: JSON.stringify(place) };
  // A place that can't be kept is no reason to disturb anybody.
  bridge.call('view_session', args).catch(() => {});
}

/** A timer for one thing: the next one takes its place. */
function delayed() {
  let timer: ReturnType<typeof setTimeout> | undefined;
  return (ms: number | null, act: () => void): void => {
    clearTimeout(timer);
    if (ms !== null) timer = setTimeout(act, ms);
  };
}

new ResizeObserver(() => {
  const { width, height } = root.getBoundingClientRect();
  const size = { width: Math.ceil(width), height: Math.ceil(height) };
  bridge.notify('ui/notifications/size-changed', size);
  const wide = width >= WIDE;
  if (wide !== state.host.wide) send({ is: 'host', host: { wide } });
}).observe(root);
document.addEventListener('keydown', (event) => {
  const wish = keyWish(event, state);
  if (!wish) return;
  event.preventDefault();
  send(wish);
});
root.addEventListener('click', (event) => {
  const link = event.target instanceof Element && event.target.closest('a');
  if (!link) return;
  event.preventDefault();
  acts.visit(link.href);
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
    // Some hosts never send the call's result.
    setTimeout(() => {
      if (!state.opened) send({ is: 'opened', jobId: null, ...called });
    }, TOOL_MS);
  },
  () =>
    send({
      is: 'failed to open',
      message: 'The chat program did not answer. Close this view and ask for the table again.',
    }),
);

function takeContext(told: HostContext): void {
  context = { ...context, ...told };
  useTheme(context);
  format.use(context.locale, context.timeZone);
  const { displayMode = 'inline', availableDisplayModes = [], platform } = context;
  const touched = platform === 'mobile' || matchMedia('(pointer: coarse) and (hover: none)').matches;
  send({
    is: 'host',
    host: {
      displayMode,
      canMessage: bridge.can('message'),
      canFullscreen: availableDisplayModes.includes('fullscreen') || displayMode === 'fullscreen',
      phone: root.clientWidth < PHONE && touched,
    },
  });
}

/** Whether the view can be seen: in the page that is in front, and scrolled to. */
function watchVisible(): void {
  let onScreen = true;
  const tell = () => {
    const visible = onScreen && !document.hidden;
    if (visible !== state.host.visible) send({ is: 'host', host: { visible } });
  };
  new IntersectionObserver((entries) => {
    onScreen = entries.at(-1)?.isIntersecting ?? true;
    tell();
  }).observe(root);
  document.addEventListener('visibilitychange', tell);
  window.addEventListener('focus', () => send({ is: 'looked again' }));
}
