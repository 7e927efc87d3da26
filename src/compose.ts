import { join } from 'node:path';
import type { Config } from './config/config.ts';
import { FORM_FIELDS, FORM_PLACE, inFormWords, placeOfSettings } from './config/form.ts';
import { KNOWN_FOLDER, KnownLists } from './disk/known-lists.ts';
import { MARKS_FOLDER, Marks } from './disk/marks.ts';
import { claimFolder } from './disk/own-folder.ts';
import { otherFolders } from './disk/state-folders.ts';
import { ViewSessions } from './disk/view-sessions.ts';
import { type Clock, type Random, systemClock } from './lib/clock.ts';
import { OpenFunnelError } from './lib/errors.ts';
import { later } from './lib/later.ts';
import type { Log } from './lib/log.ts';
import { CollectedLists } from './lists/collected.ts';
import { JobStates } from './lists/job-states.ts';
import { ListStore } from './lists/list-store.ts';
import { Exporter } from './lists/selecting/export.ts';
import { CompanyTable } from './lists/table/company-table.ts';
import { TableMarks } from './lists/table/table-marks.ts';
import { OpenFunnelClient } from './openfunnel/client.ts';
import { HttpTransport, type Send } from './openfunnel/http.ts';
import { Waiter } from './reading/wait.ts';
import type { Handler } from './sandbox/api.ts';
import { notingStatus } from './spending/bulk-api.ts';
import { Ledger } from './spending/ledger.ts';
import type { KeptLists } from './spending/lost-submits.ts';
import { Submits } from './spending/submit.ts';
import { threadProgram } from './sql/program.ts';
import { SqlThread } from './sql/thread.ts';
import type { Services } from './tools/parts/define-tool.ts';

const SANDBOX_KEY = 'of_sandbox';

/** File of the thread in which SQLite runs: beside the bundle. */
const SQL_THREAD = new URL('./sql-worker.cjs', import.meta.url);
// Read with the rest of the program, and not at the first question.
later(async () => threadProgram(SQL_THREAD));

/** The look at a kept list, before a submit, gets this long. Milliseconds. */
const KEPT_LOOK_MS = 10_000;

/** What can be passed in; the rest is made as the configuration says. */
export interface ServiceParts {
  version: string;
  log: Log;
  clock?: Clock;
  random?: Random;
  send?: Send;
  ledger?: Ledger;
  /** The thread in which SQLite runs; who passes it in ends it. */
  thread?: SqlThread;
}

/**
 * The services, as the configuration wants them; nothing is opened before it is used.
 * @throws {OpenFunnelError} `invalid_configuration` where the configuration can't be used.
 */
export function openServices(config: Config, parts: ServiceParts): Services {
  const { version, log, clock = systemClock, random = Math.random } = parts;
  const { sandbox, stateDirectory, exportDirectory, dailyCredits } = config;
  const settingsWords = config.fromForm ? inFormWords : (message: string) => message;
  const always = settingsNotices(config, settingsWords);
  const news: string[] = [];
  const apiKey = sandbox ? SANDBOX_KEY : config.apiKey;
  const api = new OpenFunnelClient({
    baseUrl: sandbox ? new URL('http://sandbox.invalid/') : config.baseUrl,
    apiKey,
    clock,
    random,
    userAgent: `openfunnel-lookalikes-mcp/${version}`,
    send: parts.send ?? (sandbox ? sandboxSend(config, clock) : new HttpTransport(clock, config).send),
  });
  const usual = config.usualStateDirectory;
  const ledger =
    parts.ledger ??
    new Ledger({
      directory: stateDirectory,
      ...(usual !== null && { elsewhere: otherFolders(stateDirectory, usual, clock) }),
      account: fingerprint(apiKey ?? ''),
      clock,
      now: api.now,
    });
  const thread = parts.thread ?? new SqlThread({ file: SQL_THREAD, clock });

  const store = new ListStore({
    directory: join(stateDirectory, 'lists'),
    keep: config.keepRows,
    clock,
    onDamage: (jobId, why) => {
      log('a list was set aside', { job_id: jobId, why });
      news.push(
        `The copy of job ${jobId} stored on this machine was set aside (${why}). The job is read from OpenFunnel again when it is asked for.`,
      );
    },
  });
  const source = notingStatus(api, { ledger, now: clock.now, asideOf: (jobId) => store.asideOf(jobId) });
  const records = { marks: join(stateDirectory, MARKS_FOLDER), known: join(stateDirectory, KNOWN_FOLDER) };
  const marks = new Marks({ directory: records.marks, clock });
  const known = new KnownLists({ directory: records.known, clock });
  const waiter = new Waiter({ source, ledger, clock, random });
  const lists = new CollectedLists({ source, store, thread, records, clock, ledger });
  const states = new JobStates({ source, lists, ledger });
  const exporter = new Exporter({ lists, directory: exportDirectory, sandbox });
  const kept: KeptLists = {
    all: () => store.all(),
    about: async (jobId) => {
      const list = await lists.kept(jobId, AbortSignal.timeout(KEPT_LOOK_MS)).catch(() => null);
      return list?.about ?? null;
    },
  };
  const submits = new Submits({ api, ledger, clock, kept, dailyCredits });
  return {
    states,
    source,
    submits,
    kept,
    dailyCredits,
    confirmAbove: config.confirmAbove,
    ledger,
    api,
    waiter,
    lists,
    exporter,
    table: new CompanyTable({ lists, exporter, marks, known }),
    tableMarks: new TableMarks({ lists, marks }),
    sessions: new ViewSessions({ directory: records.marks, clock }),
    marks,
    known,
    clock,
    exportDirectory,
    sandbox,
    notices: () => [...always, ...news.splice(0)],
    settingsWords,
    holdsKey: (text) => !sandbox && api.holdsKey(text),
    async close() {
      api.abandonPosts();
      const noting = submits.idle().then(() => ledger.idle());
      await Promise.all([noting, parts.thread ? undefined : thread.end()]);
    },
  };
}

/** What of the settings is not as the user may think. @throws {OpenFunnelError} where they can't be used. */
function settingsNotices(config: Config, settingsWords: (message: string) => string): string[] {
  const { sandbox, fromForm, temporary, stateDirectory, exportDirectory } = config;
  const wrong = config.problems.map(({ says }) => settingsWords(says)).join('; ');
  const refused = (message: string) => new OpenFunnelError('invalid_configuration', message);
  if (wrong !== '' && !sandbox)
    throw refused(
      `This server can't be used as it is configured: ${wrong}. Nothing was sent. Ask the user to correct that ${placeOfSettings(fromForm)}, and to restart the client; until then, no call works. The prompt "doctor" of this server shows the user everything that is wrong.`,
    );
  if (temporary !== null && !claimFolder(temporary))
    throw refused(
      settingsWords(
        `This user has no home folder, and ${temporary} belongs to another user. Nothing was sent. Ask the user to set OPENFUNNEL_STATE_DIR and OPENFUNNEL_EXPORT_DIR to folders of their own.`,
      ),
    );
  const notices = sandbox ? ['SANDBOX: these companies are made up, and no real credits are spent.'] : [];
  if (wrong !== '') notices.push(`Invalid settings, replaced by their defaults: ${wrong}.`);
  if (temporary !== null)
    notices.push(
      `This user has no home folder, so jobs (${stateDirectory}) and files (${exportDirectory}) may be deleted by the system: set OPENFUNNEL_STATE_DIR and OPENFUNNEL_EXPORT_DIR to folders that last.`,
    );
  if (fromForm && config.apiKey === undefined)
    notices.push(
      `The API key in this extension's form is empty. For real searches the user fills in “${FORM_FIELDS.OPENFUNNEL_API_KEY}” (${FORM_PLACE}).`,
    );
  return notices;
}

const sandboxCode = later(() => import('./sandbox/serve.ts'));

/** The simulator in place of the network, whose code is loaded at the first request. */
function sandboxSend({ sandboxSpeed: speed, stateDirectory: directory }: Config, { now }: Clock): Send {
  let handle: Handler | undefined;
  return async ({ method, url, body: sent = '' }) => {
    const { sandboxApi } = await sandboxCode();
    handle ??= sandboxApi({ now, speed, directory });
    const { status, body } = await handle(method, url.pathname + url.search, sent);
    return { status, retryAfter: undefined, body: JSON.stringify(body) };
  };
}

/** Tells two accounts apart without telling anything about the key. */
function fingerprint(key: string): string {
  // Loaded here, at the first call, and not at every start.
  const { createHash } = process.getBuiltinModule('node:crypto');
  return createHash('sha256').update(`openfunnel-lookalikes-mcp\0${key}`).digest('hex').slice(0, 16);
}
