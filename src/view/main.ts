import { Bridge, type HostContext, type ToolResult } from './bridge.ts';
import { Api, facts, Refused, resultText, type Status } from './data.ts';
import { h, plain } from './dom.ts';
import { format } from './format.ts';
import { ListView } from './list.ts';
import { Schedule } from './schedule.ts';
import { message, Progress, skeleton } from './states.ts';
import { followSize, useTheme } from './surroundings.ts';
import { NOTHING_CHOSEN } from './toolbar.ts';

/** Version of the package, put in by the build. */
declare const VERSION: string;

/** A host that has not said what it called by then is asked for nothing more. Milliseconds. */
const TOOL_MS = 3_000;
/** Marks made one after the other are told to the model once. Milliseconds. */
const HINT_MS = 1_500;

const live = h('div', { role: 'status', class: 'unseen' });
const banner = h('div', { class: 'banner', role: 'alert', hidden: true });
const content = h('div', {});
const root = h('main', {}, h('h1', { class: 'unseen' }, 'Companies'), banner, content, live);
document.body.append(root);

const bridge = new Bridge(window.parent, {
  toolInput(args) {
    if (typeof args.filter === 'string') chosen = { ...chosen, search: args.filter };
    if (typeof args.rows === 'string') chosen = { ...chosen, rows: args.rows };
    if (typeof args.job_id === 'string') open(args.job_id);
  },
  toolResult: opened,
  toolCancelled() {
    schedule.stop();
    show(message('info', 'The call was cancelled', ['Ask for the table again when you want it.']));
  },
  contextChanged,
  teardown() {
    schedule.stop();
    ended = true;
  },
});
const api = new Api(bridge);
const schedule = new Schedule(root, poll);

let jobId: string | null = null;
let chosen = NOTHING_CHOSEN;
let ended = false;
let list: ListView | null = null;
let progress: Progress | null = null;
let hinting: ReturnType<typeof setTimeout> | undefined;

show(skeleton());
followSize(root, (width, height) => bridge.size(width, height));
document.addEventListener('keydown', (event) => {
  if (list?.key(event)) event.preventDefault();
});
bridge.connect(VERSION).then(
  () => {
    contextChanged(bridge.context);
    // Some hosts never send the call's result.
    setTimeout(() => {
      if (jobId === null && !ended && !schedule.running) schedule.start();
    }, TOOL_MS);
  },
  () =>
    show(message('bad', 'The chat program did not answer', ['Close this view and ask for the table again.'])),
);

/** The result of the call that opened the view: it names the job, or says why there is none. */
function opened(result: ToolResult): void {
  const data = facts(result);
  const text = resultText(result);
  const named = typeof data.job_id === 'string' ? data.job_id : /\bJob ([\w-]{1,200})/.exec(text)?.[1];
  if (named) open(named);
  else if (result.isError) {
    schedule.stop();
    show(message('bad', 'The table could not be opened', [text]));
  } else if (!schedule.running) schedule.start();
}

function open(id: string): void {
  if (jobId === id) return;
  jobId = id;
  schedule.start();
}

/** Asks for the job's state, and shows it. */
async function poll(): Promise<void> {
  try {
    const status = await api.status(jobId);
    if (ended) return;
    jobId = status.jobId;
    found();
    await showStatus(status);
  } catch (error) {
    if (ended) return;
    if (!(error instanceof Refused)) return lost();
    if (list || progress) return lost(error.message);
    if (error.retryable) schedule.slowDown();
    else schedule.stop();
    const again = [{ label: 'Try again', run: retry }];
    show(message('bad', 'The table could not be opened', [error.message], again));
  }
}

async function showStatus(status: Status): Promise<void> {
  if (!status.terminal) {
    if (!progress) {
      progress = new Progress(() => cancel(status.jobId));
      list = null;
      show(progress.element);
    }
    progress.update(status);
    return;
  }
  if (progress)
    say(status.status === 'completed' ? 'The job has completed' : `The job has ended: ${status.status}`);
  progress = null;
  if (status.status === 'failed') {
    schedule.stop();
    const none = 'OpenFunnel gave no reason.';
    show(
      message('bad', 'The search failed', [
        status.errorMessage || none,
        status.title === '' ? '' : `Search: ${status.title}`,
        'Ask in the chat to read what was delivered, or to try another search.',
      ]),
    );
    return;
  }
  if (list) return list.update(status);
  list = new ListView(api, status, chosen, fullscreenButton(), {
    say,
    visit,
    lost: (error) => (error instanceof Refused ? warn(error.message) : lost()),
    marked: hint,
  });
  const made = list;
  // The skeleton stays until there are rows: one step, no flash of an empty table.
  await made.refresh();
  show(...cancelledNote(status), ...status.notices.map(note), made.element);
}

function cancelledNote({ status, counts, requested }: Status): HTMLElement[] {
  if (status !== 'cancelled') return [];
  const of = requested === null ? '' : ` of ${format.number(requested)}`;
  return [
    note(`The job was cancelled: ${format.number(counts?.companies ?? 0)}${of} companies were delivered.`),
  ];
}

function note(text: string): HTMLElement {
  return h('p', { class: 'note', dir: 'auto' }, plain(text, 600));
}

async function cancel(id: string): Promise<void> {
  try {
    await api.cancel(id);
    say('The job is being cancelled');
    schedule.start();
  } catch (error) {
    if (error instanceof Refused) warn(`The job was not cancelled: ${error.message}`);
    else lost();
    throw error;
  }
}

function visit(url: string): void {
  bridge.openLink(url).catch(() => warn(`This chat program opens no links. The address is ${url}`));
}

/** Tells the model what the user keeps; only a hint, since the server has the marks. */
function hint({ counts, jobId: id }: Status): void {
  clearTimeout(hinting);
  hinting = setTimeout(() => {
    if (ended || !counts) return;
    bridge.hint(
      `In the table of job ${id} the user keeps ${counts.keep} of ${counts.companies} companies, drops ${counts.drop}, is unsure of ${counts.maybe}, and has not judged ${counts.open}.`,
    );
  }, HINT_MS);
}

function fullscreenButton(): HTMLElement | null {
  if (!bridge.context.availableDisplayModes?.includes('fullscreen')) return null;
  const button = h('button', { type: 'button', class: 'plain' });
  const label = () => {
    button.textContent = bridge.context.displayMode === 'fullscreen' ? 'Smaller' : 'Full screen';
  };
  button.addEventListener('click', async () => {
    const wanted = bridge.context.displayMode === 'fullscreen' ? 'inline' : 'fullscreen';
    const displayMode = await bridge
      .setDisplayMode(wanted)
      .catch(() => bridge.context.displayMode ?? 'inline');
    bridge.context = { ...bridge.context, displayMode };
    label();
  });
  label();
  return button;
}

function contextChanged(context: HostContext): void {
  useTheme(context);
  format.use(context.locale, context.timeZone);
}

/** The server does not answer, or OpenFunnel does not: what is shown stays, and is tried again, less and less often. */
function lost(why = 'Connection lost.'): void {
  if (ended) return;
  schedule.slowDown();
  banner.classList.remove('warned');
  const again = h('button', { type: 'button', class: 'plain', onclick: retry }, 'Try again');
  banner.replaceChildren(h('span', { dir: 'auto' }, `${plain(why, 600)} Trying again …`), again);
  banner.hidden = false;
  if (!list && !progress) show(skeleton());
}

function found(): void {
  schedule.speedUp();
  if (!banner.hidden && banner.classList.contains('warned')) return;
  banner.hidden = true;
}

function warn(text: string): void {
  banner.classList.add('warned');
  const close = () => {
    banner.hidden = true;
    banner.classList.remove('warned');
  };
  banner.replaceChildren(
    h('span', { dir: 'auto' }, plain(text, 600)),
    h('button', { type: 'button', class: 'quiet', onclick: close }, 'Dismiss'),
  );
  banner.hidden = false;
}

function retry(): void {
  banner.hidden = true;
  schedule.start();
  void list?.refresh();
}

function say(text: string): void {
  live.textContent = plain(text, 300);
}

function show(...elements: HTMLElement[]): void {
  content.replaceChildren(...elements);
}
