import { join } from 'node:path';
import type { Config } from './config/config.ts';
import { JobWatch } from './jobs/job-watch.ts';
import { Jobs, type JobsParts } from './jobs/jobs.ts';
import { Ledger } from './jobs/ledger.ts';
import { isFinal } from './jobs/state.ts';
import { type Clock, systemClock } from './lib/clock.ts';
import type { Log } from './lib/log.ts';
import { Companies } from './lists/companies.ts';
import { Lists } from './lists/lists.ts';
import { Queries } from './lists/query/queries.ts';
import { CompanyTable } from './lists/table/company-table.ts';
import { OpenFunnelClient } from './openfunnel/client.ts';
import { OpenFunnelError } from './openfunnel/errors.ts';
import { HttpTransport } from './openfunnel/http.ts';
import { KeptJobs } from './store/kept-rows.ts';
import { claimFolder } from './store/own-folder.ts';
import { otherStateFolders } from './store/state-folders.ts';
import { confirmCost } from './tools/confirm-cost.ts';
import type { Services } from './tools/define-tool.ts';

const SANDBOX_KEY = 'of_sandbox';

/** File of the thread in which queries run: beside the bundle. */
const QUERY_THREAD = new URL('./query-worker.js', import.meta.url);

/** Ended jobs that are not kept, and would have to be read first, are taken for earlier ones up to this number. */
const MOST_NOT_KEPT = 20;

/** What the services are made of. */
export interface ServiceParts extends Omit<JobsParts, 'api'> {
  api: OpenFunnelClient;
  /** Folder of the ledger, the kept rows and the other records of this machine. */
  stateDirectory: string;
  /** File of the thread in which queries run. */
  queryThread: URL;
  /** Submits with a higher limit need the user's yes; null asks never. Credits. */
  confirmAbove: number | null;
  /** Said in every result. */
  notices?: readonly string[];
  /** What has become known since this was last asked. */
  news?: () => string[];
}

/** The services over their parts. */
export function makeServices(parts: ServiceParts): Services {
  const { api, confirmAbove, sandbox } = parts;
  const jobs = new Jobs(parts);
  const queries = new Queries(parts);
  const companies = new Companies({ ...parts, jobs, queries });
  return {
    jobs,
    watch: new JobWatch(jobs),
    companies,
    table: new CompanyTable(companies),
    lists: new Lists({ ...parts, jobs, companies, finished: () => finishedJobs(parts) }),
    money: {
      balance: ({ signal }) => api.getBalance(signal),
      confirm: (limit, confirmed, call) =>
        confirmCost(limit, confirmed, { confirmAbove, balance: (signal) => api.getBalance(signal) }, call),
    },
    sandbox,
    notices: parts.notices ?? [],
    news: parts.news ?? (() => []),
    holdsKey: (text) => !sandbox && api.holdsKey(text),
    async close() {
      api.abandonPosts();
      await Promise.all([jobs.idle(), queries.end()]);
    },
  };
}

/** The jobs of this machine that have ended, kept ones and the latest of the others. */
async function finishedJobs({ kept, ledger }: Pick<ServiceParts, 'kept' | 'ledger'>) {
  const found = new Map<string, { job_id: string; submitted_at: string | null }>();
  for (const { job_id, submitted_at } of (await kept?.list()) ?? [])
    found.set(job_id, { job_id, submitted_at });
  const { jobs } = await ledger.view();
  const others = jobs.filter(({ job_id, status }) => isFinal(status) && !found.has(job_id));
  for (const { job_id, submitted_at } of others.slice(0, MOST_NOT_KEPT))
    found.set(job_id, { job_id, submitted_at });
  return [...found.values()];
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
  { queryThread = QUERY_THREAD, clock = systemClock }: { queryThread?: URL; clock?: Clock } = {},
): Services {
  const wrong = config.problems.map(({ says }) => says).join('; ');
  if (wrong !== '' && !config.sandbox) {
    throw new OpenFunnelError(
      'invalid_configuration',
      `This server can't be used as it is configured: ${wrong}. Nothing was sent. Ask the user to correct that where their MCP client starts this server ("env" of its configuration), and to restart the client; no other call will work before.`,
    );
  }
  if (config.temporary !== null && !claimFolder(config.temporary)) {
    throw new OpenFunnelError(
      'invalid_configuration',
      `This user has no home folder, and ${config.temporary} belongs to somebody else. Nothing was sent. Ask the user to set OPENFUNNEL_STATE_DIR and OPENFUNNEL_EXPORT_DIR to folders of their own.`,
    );
  }
  const notices = [
    ...(wrong === '' ? [] : [`Settings that can't be used, and whose defaults stand in here: ${wrong}.`]),
    ...(config.temporary !== null ? [temporaryNotice(config)] : []),
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
  const ledger = new Ledger({
    directory: config.stateDirectory,
    // The sandbox knows its own jobs only.
    elsewhere: config.sandbox ? [] : otherStateFolders(config.stateDirectory, config.usualStateDirectory),
    fileName: config.sandbox ? 'sandbox-jobs.jsonl' : 'jobs.jsonl',
    account: fingerprint(config.sandbox ? SANDBOX_KEY : (config.apiKey ?? '')),
    clock,
    onDamage: (line) => log('damaged line in the ledger skipped', { line }),
  });
  return makeServices({
    api,
    ledger,
    clock,
    random: Math.random,
    exportDirectory: config.exportDirectory,
    stateDirectory: config.stateDirectory,
    queryThread,
    kept: config.keepRows
      ? new KeptJobs({
          directory: join(config.stateDirectory, config.sandbox ? 'sandbox-rows' : 'rows'),
          clock,
          onDamage: (jobId, why) => {
            log('damaged file of kept rows set aside', { job_id: jobId, why });
            news.push(
              `The copy of job ${jobId} kept on this machine was damaged (${why}): it was set aside, and the job is read anew from OpenFunnel where it is asked for.`,
            );
          },
        })
      : null,
    confirmAbove: config.confirmAbove,
    dailyCredits: config.dailyCredits,
    sandbox: config.sandbox,
    notices,
    news: () => news.splice(0),
  });
}

function temporaryNotice({ stateDirectory, exportDirectory }: Config): string {
  return `This user has no home folder, so jobs (${stateDirectory}) and files (${exportDirectory}) may be kept only for a while: OPENFUNNEL_STATE_DIR and OPENFUNNEL_EXPORT_DIR name folders that last.`;
}

async function openSandbox(config: Config) {
  const { fileStore, startSandbox } = await import('./sandbox/index.ts');
  return startSandbox({
    speed: config.sandboxSpeed,
    store: fileStore(join(config.stateDirectory, 'sandbox-upstream.jsonl')),
  });
}

/** Tells two accounts apart without telling anything about the key. */
function fingerprint(key: string): string {
  // Loaded here, at the first call, and not at every start.
  const { createHash } = process.getBuiltinModule('node:crypto');
  return createHash('sha256').update(`openfunnel-lookalikes-mcp\0${key}`).digest('hex').slice(0, 16);
}
