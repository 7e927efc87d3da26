import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { FileUnusable } from '../disk/append-log.ts';
import { systemClock } from '../lib/clock.ts';
import { LedgerFile } from '../spending/ledger-file.ts';
import type { Finding } from './finding.ts';

/** How many records the ledger of submits has, and which of its lines can't be read. */
export async function ledgerFinding(directory: string): Promise<Finding> {
  const check = 'ledger';
  const fileName = 'jobs.jsonl';
  const path = join(directory, fileName);
  let records = 0;
  const file = new LedgerFile({
    directory,
    fileName,
    clock: systemClock,
    onDamage: () => {},
    onRecords: (news) => {
      records += news.length;
    },
  });
  const refusal = await file.catchUp().then(
    () => null,
    (error: unknown) => (error instanceof FileUnusable ? codeOf(error.cause) : 'unknown'),
  );
  if (refusal !== null) {
    return {
      check,
      verdict: 'problem',
      says: `${path} can't be read (${refusal})`,
      advice: 'Give your user the right to read it, or move it away: a new one begins by itself.',
      facts: { exists: true, readable: false, refusal },
    };
  }
  const exists = await access(path).then(
    () => true,
    () => false,
  );
  if (!exists)
    return { check, verdict: 'ok', says: 'none yet; it begins with the first submit', facts: { exists } };
  const { count: damaged, lines } = file.damage;
  const facts = { exists, readable: true, records, damaged };
  if (damaged === 0) return { check, verdict: 'ok', says: `${records} records`, facts };
  const named = `line ${lines.slice(0, 5).join(', ')}${damaged > 5 ? ' …' : ''}`;
  return {
    check,
    verdict: 'problem',
    says: `${records} records, ${damaged} lines that can't be read (${named}) in ${path}`,
    advice:
      'What these lines told of is lost: a search of the last two days may be among them, so submits ask before they are sent until these lines are two days old. Compare list_bulk_jobs with the OpenFunnel dashboard. Once no search of the last two days is missing, move the file away, or remove those lines from it while no client runs.',
    facts,
  };
}

function codeOf(cause: unknown): string {
  return (cause as NodeJS.ErrnoException | undefined)?.code ?? 'unknown';
}
