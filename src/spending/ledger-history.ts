import { isTerminal, type SubmitBody } from '../openfunnel/wire.ts';
import type { LedgerRecord } from './ledger-records.ts';

/** A job that was submitted or looked at from this machine, as last seen. Times in ISO 8601, UTC. */
export type LedgerJob = ReturnType<typeof newJob>;

export interface Submission {
  /** Its intent, or what stands for it in records of older versions. */
  key: string;
  /** Milliseconds since the epoch. */
  at: number;
  request: SubmitBody;
  label: string | null;
  other_key: boolean;
  /** `open`: its outcome is not noted (yet). `lost`: the answer is known to be lost. */
  outcome: 'open' | 'lost' | 'refused' | 'job';
  job_id: string | null;
  credits_before: number | null;
}

export interface History {
  jobs: Map<string, LedgerJob>;
  submissions: Map<string, Submission>;
}

/** What the records of a ledger add up to, in their order. A record that comes twice counts once. */
export function historyOf(records: Iterable<LedgerRecord>, account: string): History {
  const history: History = { jobs: new Map(), submissions: new Map() };
  for (const record of records) apply(history, record, record.account !== account);
  return history;
}

function apply({ jobs, submissions }: History, record: LedgerRecord, other_key: boolean): void {
  const { at } = record;
  const submission = (key: string, { request, label = null }: Search) => {
    const none = { outcome: 'open', job_id: null, credits_before: null } as const;
    const made: Submission = { key, at: Date.parse(at), request, label, other_key, ...none };
    const known = submissions.get(key) ?? made;
    submissions.set(key, known);
    return known;
  };
  const jobSeen = (seen: Seen) => {
    const job = jobs.get(seen.job_id) ?? newJob(seen, other_key);
    jobs.set(seen.job_id, job);
    return job;
  };
  switch (record.type) {
    case 'intent':
      submission(record.intent, record).credits_before ??= record.credits_left ?? null;
      return;
    case 'submit': {
      const { job_id, request, label = null, doubtful } = record;
      const submit = submission(record.intent ?? `job ${job_id}`, record);
      Object.assign(submit, { outcome: 'job', job_id });
      const job = jobSeen(record);
      if (job.request !== null) return;
      // It went out when the intent was noted, some time before it was answered.
      const submitted_at = submit.at < Date.parse(at) ? new Date(submit.at).toISOString() : at;
      const { credits_before } = submit;
      Object.assign(job, { submitted_at, request, label, credits_before, doubtful: doubtful === true });
      return;
    }
    case 'refused': {
      const refused = submissions.get(record.intent);
      if (refused && refused.outcome !== 'job') refused.outcome = 'refused';
      return;
    }
    case 'lost': {
      const lost = submission(record.intent ?? `lost ${at}`, record);
      if (lost.outcome === 'open') lost.outcome = 'lost';
      return;
    }
    case 'status':
    case 'seen': {
      const job = jobSeen(record);
      job.missing_since = null;
      const { status, processed, credits } = record;
      const terminal = isTerminal(status);
      // Two processes may note out of order: what has ended stays ended.
      if (job.terminal && !terminal) return;
      Object.assign(job, { status, terminal, processed, checked_at: at, credits: credits ?? job.credits });
      if (terminal) job.ended_at ??= at;
      return;
    }
    case 'noted':
    case 'missing': {
      const job = jobs.get(record.job_id);
      if (job && record.type === 'missing') job.missing_since ??= at;
      else if (job && record.type === 'noted')
        Object.assign(job, { label: record.label ?? job.label, hidden: record.hidden ?? job.hidden });
    }
  }
}

type Search = Pick<Extract<LedgerRecord, { type: 'lost' }>, 'request' | 'label'>;

interface Seen {
  job_id: string;
  at: string;
  status: string;
  processed?: number | null;
  credits?: number | null | undefined;
}

function newJob({ job_id, at, status, processed = null, credits = null }: Seen, other_key: boolean) {
  const terminal = isTerminal(status);
  return {
    job_id,
    /** Null where it was submitted elsewhere, as are `request` and `label`. */
    submitted_at: null as string | null,
    noted_at: at,
    request: null as SubmitBody | null,
    /** The user's own word for it; never sent. */
    label: null as string | null,
    hidden: false,
    status,
    terminal,
    processed,
    /** What its manifest says that it cost; null until it has ended, and where that was never seen. */
    credits,
    checked_at: at,
    /** When it was first seen to have ended. */
    ended_at: terminal ? at : null,
    /** Since when upstream has answered that it knows no such job; null where it knows it. */
    missing_since: null as string | null,
    /** Another API key submitted it: this one may not be able to read it. */
    other_key,
    /** Its id was read out of an answer of an odd shape. */
    doubtful: false,
    /** Credits that were left right before its submit; null where that is not known. */
    credits_before: null as number | null,
  };
}
