import { isTerminal } from '../openfunnel/status.ts';
import type { SubmitBody } from '../openfunnel/wire.ts';
import type { LedgerRecord } from './ledger-records.ts';

/** A job that was submitted or looked at from this machine, as last seen. */
export interface LedgerJob {
  job_id: string;
  /** ISO 8601, UTC; null where the job was submitted elsewhere. */
  submitted_at: string | null;
  /** When the ledger first heard of it; ISO 8601, UTC. */
  noted_at: string;
  /** What was asked for; null where the job was submitted elsewhere. */
  request: SubmitBody | null;
  /** The user's own word for it; never sent. */
  label: string | null;
  /** Whether the user does not want to see it in lists. */
  hidden: boolean;
  status: string;
  terminal: boolean;
  processed: number | null;
  /** What its manifest says that it cost; null until it has ended, and where that was never seen. */
  credits: number | null;
  /** When `status` was last read; ISO 8601, UTC. */
  checked_at: string;
  /** When it was first seen to have ended; ISO 8601, UTC. */
  ended_at: string | null;
  /** Since when upstream has answered that it knows no such job; ISO 8601, UTC, and null where it knows it. */
  missing_since: string | null;
  /** Whether another API key submitted it: this one may not be able to read it. */
  other_key: boolean;
  /** Whether its id was read out of an answer of an odd shape. */
  doubtful: boolean;
  /** Credits that were left right before its submit; null where that is not known. */
  credits_before: number | null;
}

/** One submit, from its intent on. */
export interface Submission {
  /** Its intent, or what stands for it in records of older versions. */
  key: string;
  /** Its place among all submits in the file: the earlier one goes first. */
  order: number;
  /** Milliseconds since the epoch. */
  at: number;
  request: SubmitBody;
  label: string | null;
  other_key: boolean;
  /** `open`: its outcome is not noted (yet). `lost`: the answer is known to be lost. */
  outcome: 'open' | 'lost' | 'refused' | 'job';
  job_id: string | null;
  /** Credits that were left right before; null where that is not known. */
  credits_before: number | null;
}

/** What the records of a ledger add up to, in their order. A record that comes twice counts once. */
export class History {
  readonly #account: string;
  readonly jobs = new Map<string, LedgerJob>();
  readonly submissions = new Map<string, Submission>();

  /** @param account Fingerprint of the API key; what others did is marked. */
  constructor(account: string) {
    this.#account = account;
  }

  apply(record: LedgerRecord): void {
    switch (record.type) {
      case 'intent':
        this.#submission(record.intent, record).credits_before ??= record.credits_left ?? null;
        return;
      case 'submit':
        this.#submit(record);
        return;
      case 'refused': {
        const submission = this.submissions.get(record.intent);
        if (submission && submission.outcome !== 'job') submission.outcome = 'refused';
        return;
      }
      case 'lost': {
        const submission = this.#submission(record.intent ?? `lost ${record.at}`, record);
        if (submission.outcome === 'open') submission.outcome = 'lost';
        return;
      }
      case 'seen':
        if (!this.jobs.has(record.job_id)) this.#job(record, { submitted_at: null, request: null });
        else this.#status(record);
        return;
      case 'status':
        this.#status(record);
        return;
      case 'noted': {
        const job = this.jobs.get(record.job_id);
        if (job) job.label = record.label ?? job.label;
        if (job) job.hidden = record.hidden ?? job.hidden;
        return;
      }
      case 'missing': {
        const job = this.jobs.get(record.job_id);
        if (job) job.missing_since ??= record.at;
        return;
      }
    }
  }

  #submission(
    key: string,
    { account, at, request, label }: Extract<LedgerRecord, { request: SubmitBody }>,
  ): Submission {
    const known = this.submissions.get(key);
    if (known) return known;
    const submission: Submission = {
      key,
      order: this.submissions.size,
      at: Date.parse(at),
      request,
      label: label ?? null,
      other_key: account !== this.#account,
      outcome: 'open',
      job_id: null,
      credits_before: null,
    };
    this.submissions.set(key, submission);
    return submission;
  }

  #submit(record: Extract<LedgerRecord, { type: 'submit' }>): void {
    const submission = this.#submission(record.intent ?? `job ${record.job_id}`, record);
    submission.outcome = 'job';
    submission.job_id = record.job_id;
    const known = this.jobs.get(record.job_id);
    // It went out when the intent was noted, some time before it was answered.
    const submitted_at = submission.at < Date.parse(record.at) ? isoTime(submission.at) : record.at;
    if (!known) {
      const { request, label, doubtful } = record;
      this.#job(
        { ...record, processed: null },
        {
          submitted_at,
          request,
          label: label ?? null,
          doubtful: doubtful === true,
          credits_before: submission.credits_before,
        },
      );
    } else if (known.request === null) {
      known.submitted_at = submitted_at;
      known.request = record.request;
      known.label = record.label ?? null;
      known.credits_before = submission.credits_before;
    }
  }

  #job(
    seen: {
      account: string;
      job_id: string;
      at: string;
      status: string;
      processed: number | null;
      credits?: number | null | undefined;
    },
    more: Pick<LedgerJob, 'submitted_at' | 'request'> & Partial<LedgerJob>,
  ): void {
    const { account, job_id, at, status, processed, credits = null } = seen;
    const terminal = isTerminal(status);
    this.jobs.set(job_id, {
      job_id,
      noted_at: at,
      label: null,
      hidden: false,
      status,
      terminal,
      processed,
      credits,
      checked_at: at,
      ended_at: terminal ? at : null,
      missing_since: null,
      other_key: account !== this.#account,
      doubtful: false,
      credits_before: null,
      ...more,
    });
  }

  #status({
    job_id,
    at,
    status,
    processed,
    credits,
  }: Extract<LedgerRecord, { type: 'status' | 'seen' }>): void {
    const job = this.jobs.get(job_id);
    if (job) job.missing_since = null;
    const terminal = isTerminal(status);
    // Two processes may note out of order: what has ended stays ended.
    if (!job || (job.terminal && !terminal)) return;
    job.status = status;
    job.terminal = terminal;
    job.processed = processed;
    job.credits = credits ?? job.credits;
    job.checked_at = at;
    if (terminal) job.ended_at ??= at;
  }
}

function isoTime(ms: number): string {
  return new Date(ms).toISOString();
}
