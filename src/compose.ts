import { join } from 'node:path';
import type { Config } from './config/config.ts';
import { FORM_FIELDS, FORM_PLACE, inFormWords, placeOfSettings } from './config/form.ts';
import { KNOWN_FOLDER, KnownLists } from './disk/known-lists.ts';
import { MARKS_FOLDER, Marks } from './disk/marks.ts';
import { claimFolder } from './disk/own-folder.ts';
import { StateFolders } from './disk/state-folders.ts';
import { ViewSessions } from './disk/view-sessions.ts';
import { type Clock, type Random, systemClock } from './lib/clock.ts';
import { later } from './lib/later.ts';
import type { Log } from './lib/log.ts';
import { Collector } from './lists/collect.ts';
import { CollectedLists } from './lists/collected.ts';
import type { Origin } from './lists/collected-list.ts';
import { JobStates } from './lists/job-states.ts';
import { JobWatch } from './lists/job-watch.ts';
import { ListFiles } from './lists/list-files.ts';
import { NotedJobs } from './lists/noted-jobs.ts';
import { Exporter } from './lists/selecting/export.ts';
import { CompanyTable } from './lists/table/company-table.ts';
import { TableMarks } from './lists/table/table-marks.ts';
import { TablePages } from './lists/table/table-pages.ts';
import { OpenFunnelClient } from './openfunnel/client.ts';
import { OpenFunnelError } from './openfunnel/errors.ts';
import { HttpTransport, TransportError } from './openfunnel/http.ts';
import { KnownJobs } from './reading/known-jobs.ts';
import { Waiter } from './reading/wait.ts';
import { type BulkApi, notingStatus } from './spending/bulk-api.ts';
import { cancelJob } from './spending/cancel.ts';
import { Ceiling } from './spending/ceiling.ts';
import { CostConfirmation } from './spending/confirm.ts';
import { Ledger } from './spending/ledger.ts';
import { Submits } from './spending/submit.ts';
import { threadProgram } from './sql/program.ts';
import { SqlThread } from './sql/thread.ts';
import type { Services } from './tools/parts/define-tool.ts';

const SANDBOX_KEY = 'of_sandbox';

/** File of the thread in which SQLite runs: beside the bundle. */
const SQL_THREAD = new URL('./sql-worker.cjs', import.meta.url);
// Read with the rest of the program, and not at the first question.
later(async () => threadProgram(SQL_THREAD));

/** A cancel waits for the final state this long. Milliseconds. */
const CANCEL_MS = 15_000;

/** What the services are made of. */
export interface ServiceParts {
  api: OpenFunnelClient;
  ledger: Ledger;
  clock: Clock;
  random: Random;
  /** Folder that exports are written to, and lists imported from. */
  exportDirectory: string;
  /** Folder of the ledger, the lists and the other records of this machine. */
  stateDirectory: string;
  /** Whether collected lists are kept on the disk. */
  keepRows: boolean;
  /** Told of each list that is set aside, with why. */
  onDamage?: (jobId: string, why: string) => void;
  /** The thread in which SQLite runs. */
  thread: SqlThread;
  /** Whether the companies are made up; file names then say so. */
  sandbox: boolean;
  /** Submits with a higher limit need the user's yes; null asks never. Credits. */
  confirmAbove: number | null;
  /** The limits of all submits within a day together stay within this; null for no ceiling. Credits. */
  dailyCredits: number | null;
  /** Said in every result. */
  notices?: readonly string[];
  /** What has become known since this was last asked. */
  news?: () => string[];
  /** Messages about settings, as whoever set this server up knows them; default by their variables. */
  settingsWords?: (message: string) => string;
}

/** The services over their parts. */
export function makeServices(parts: ServiceParts): Services {
  const {
    api,
    ledger,
    clock,
    random,
    confirmAbove,
    sandbox,
    stateDirectory,
    exportDirectory,
    keepRows,
    onDamage = () => {},
    thread,
  } = parts;
  const source: BulkApi = notingStatus(api, ledger, clock.now);
  const records = { marks: join(stateDirectory, MARKS_FOLDER), known: join(stateDirectory, KNOWN_FOLDER) };
  const marks = new Marks({ directory: records.marks, clock });
  const known = new KnownLists({ directory: records.known, clock });
  const facts = new KnownJobs(ledger, clock);
  const waiter = new Waiter(facts, clock);
  const files = new ListFiles({
    directory: join(stateDirectory, 'lists'),
    clock,
    onDamage,
  });
  const lists = new CollectedLists({
    source,
    files,
    keep: keepRows,
    thread,
    records,
    clock,
    originOf: (id) => originOf(ledger, id),
  });
  const noted = (jobId: string) => ledger.find(jobId).catch(() => undefined);
  const states = new JobStates({ source, lists, known: facts, clock, noted });
  const notedJobs = new NotedJobs({ ledger, source, states, lists, marks, account: api, clock });
  const exporter = new Exporter({ lists, directory: exportDirectory, sandbox });
  const isKept = async (jobId: string) => (await lists.keptStatus(jobId)) === 'completed';
  const ceiling = new Ceiling(ledger, clock, parts.dailyCredits);
  const submits = new Submits({ api, ledger, clock, isKept, ceiling });
  return {
    states,
    watch: new JobWatch(states, notedJobs, source),
    noted: notedJobs,
    submits,
    ceiling,
    confirmation: new CostConfirmation(api, ceiling, confirmAbove),
    advice: { lists, marks, jobs: async () => (await ledger.view()).jobs, clock },
    account: api,
    async cancel(jobId, { signal }) {
      const wait = async () => {
        const options = { source, clock, random, jobId, maxWaitMs: CANCEL_MS, signal, onPoll: () => {} };
        return (await waiter.wait(options)).page;
      };
      const cancelled = await cancelJob(source, jobId, wait, signal);
      return {
        ...cancelled,
        notices: [...cancelled.notices, ...(await states.aboutStatus(cancelled.state))],
      };
    },
    collector: new Collector({ source, lists, states, waiter, known: facts, clock, random }),
    lists,
    exporter,
    exclusions: {
      lists,
      jobs: async () => (await ledger.view()).jobs,
      known: () => known.checked(),
      damagedMarks: async (jobId) => {
        const damage = await marks.damageOf(jobId).catch(() => null);
        if (damage === null) return 'they could not be read';
        return damage.count === 0 ? null : `${damage.count} of its records are damaged`;
      },
    },
    table: new CompanyTable({ lists, exporter, marks, known }),
    pages: new TablePages(lists),
    tableMarks: new TableMarks({ lists, marks }),
    sessions: new ViewSessions({ directory: records.marks, clock }),
    marks,
    known,
    lookup: api,
    clock,
    exportDirectory,
    sandbox,
    notices: parts.notices ?? [],
    news: parts.news ?? (() => []),
    settingsWords: parts.settingsWords ?? ((message) => message),
    holdsKey: (text) => !sandbox && api.holdsKey(text),
    async close() {
      api.abandonPosts();
      await submits.idle();
      await ledger.idle();
    },
  };
}

/** What is known of a job from its submit. Never rejects. */
async function originOf(ledger: Ledger, jobId: string): Promise<Origin> {
  const job = await ledger.find(jobId).catch(() => undefined);
  const { submitted_at = null, label = null, request } = job ?? {};
  return { submitted_at, label, request: request ? { ...request } : null };
}

/**
 * The services, as the configuration wants them. Made at the first call that needs them, so that
 * a client which only lists the tools does not wait for them; nothing is opened before it is used.
 *
 * @throws {OpenFunnelError} `invalid_configuration` where the configuration can't be used.
 */
export function openServices(
  config: Config,
  version: string,
  log: Log,
  { clock = systemClock, ...given }: { thread?: SqlThread; clock?: Clock } = {},
): Services {
  const settingsWords = config.fromForm ? inFormWords : (message: string) => message;
  const wrong = config.problems.map(({ says }) => settingsWords(says)).join('; ');
  if (wrong !== '' && !config.sandbox) {
    throw new OpenFunnelError(
      'invalid_configuration',
      `This server can't be used as it is configured: ${wrong}. Nothing was sent. Ask the user to correct that ${placeOfSettings(config.fromForm)}, and to restart the client; until then, no call works. The prompt "doctor" of this server shows the user everything that is wrong.`,
    );
  }
  if (config.temporary !== null && !claimFolder(config.temporary)) {
    throw new OpenFunnelError(
      'invalid_configuration',
      settingsWords(
        `This user has no home folder, and ${config.temporary} belongs to another user. Nothing was sent. Ask the user to set OPENFUNNEL_STATE_DIR and OPENFUNNEL_EXPORT_DIR to folders of their own.`,
      ),
    );
  }
  const notices = [
    ...(wrong === '' ? [] : [`Invalid settings, replaced by their defaults: ${wrong}.`]),
    ...(config.temporary !== null ? [temporaryNotice(config)] : []),
    ...(config.fromForm && config.apiKey === undefined ? [KEYLESS_NOTICE] : []),
  ];
  const news: string[] = [];
  const http = new HttpTransport(clock, config.sandbox ? {} : config);
  let sandbox: Promise<{ url: string }> | undefined;
  const api = new OpenFunnelClient({
    baseUrl: config.sandbox ? new URL('http://sandbox.invalid/') : config.baseUrl,
    apiKey: config.sandbox ? SANDBOX_KEY : config.apiKey,
    clock,
    random: Math.random,
    userAgent: `openfunnel-lookalikes-mcp/${version}`,
    send: config.sandbox
      ? async (exchange) => {
          sandbox ??= openSandbox(config);
          const { url } = await sandbox;
          return http.send({ ...exchange, url: new URL(exchange.url.pathname + exchange.url.search, url) });
        }
      : http.send,
  });
  const { stateDirectory, usualStateDirectory: usual } = config;
  const folders = usual === null ? null : new StateFolders(stateDirectory, usual, clock);
  const ledger = new Ledger({
    directory: stateDirectory,
    ...(folders && { elsewhere: () => folders.others() }),
    account: fingerprint(config.sandbox ? SANDBOX_KEY : (config.apiKey ?? '')),
    clock,
  });
  const thread = given.thread ?? new SqlThread({ file: SQL_THREAD, clock });
  const services = makeServices({
    api,
    ledger,
    clock,
    random: Math.random,
    exportDirectory: config.exportDirectory,
    stateDirectory: config.stateDirectory,
    thread,
    keepRows: config.keepRows,
    onDamage: (jobId, why) => {
      log('a list was set aside', { job_id: jobId, why });
      news.push(
        `The copy of job ${jobId} stored on this machine was set aside (${why}). The job is read from OpenFunnel again when it is asked for.`,
      );
    },
    confirmAbove: config.confirmAbove,
    dailyCredits: config.dailyCredits,
    sandbox: config.sandbox,
    notices,
    news: () => news.splice(0),
    settingsWords,
  });
  return {
    ...services,
    async close() {
      await Promise.all([services.close(), given.thread ? undefined : thread.end()]);
    },
  };
}

/** Said in the sandbox that an empty key in the form asks for. */
const KEYLESS_NOTICE = `The API key in this extension's form is empty. For real searches the user fills in “${FORM_FIELDS.OPENFUNNEL_API_KEY}” (${FORM_PLACE}).`;

function temporaryNotice({ stateDirectory, exportDirectory }: Config): string {
  return `This user has no home folder, so jobs (${stateDirectory}) and files (${exportDirectory}) may be deleted by the system: set OPENFUNNEL_STATE_DIR and OPENFUNNEL_EXPORT_DIR to folders that last.`;
}

const sandboxCode = later(() => import('./sandbox/index.ts'));

async function openSandbox(config: Config) {
  const { fileStore, startSandbox } = await sandboxCode().catch((error: unknown) => {
    throw new TransportError('program', true, error);
  });
  return startSandbox({
    speed: config.sandboxSpeed,
    store: fileStore(join(config.stateDirectory, 'upstream.jsonl')),
  });
}

/** Tells two accounts apart without telling anything about the key. */
function fingerprint(key: string): string {
  // Loaded here, at the first call, and not at every start.
  const { createHash } = process.getBuiltinModule('node:crypto');
  return createHash('sha256').update(`openfunnel-lookalikes-mcp\0${key}`).digest('hex').slice(0, 16);
}
