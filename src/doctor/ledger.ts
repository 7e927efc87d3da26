import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { AppendLog, FileUnusable } from '../disk/append-log.ts';
import { systemClock } from '../lib/clock.ts';
import { LEDGER_FILE } from '../spending/ledger.ts';
import { parseLedgerRecord } from '../spending/ledger-records.ts';
import type { Finding } from './finding.ts';

/** How many records the ledger of submits has, and which of its lines can't be read. */
export async function ledgerFinding(directory: string): Promise<Finding> {
  const check = 'ledger';
  const path = join(directory, LEDGER_FILE);
  const file = new AppendLog({
    directory,
    fileName: LEDGER_FILE,
    clock: systemClock,
    parse: parseLedgerRecord,
  });
  const refusal = await file.read().then(
    () => null,
    (error: unknown) => (error instanceof FileUnusable ? codeOf(error.cause) : 'unknown'),
  );
  if (refusal !== null) {
    return {
      check,
      verdict: 'problem',
      says: `The record of your searches (${path}) can't be read (${refusal}). It is what keeps the same search from being billed twice: until it can be read, earlier searches are not recognised, and with OPENFUNNEL_DAILY_CREDITS set nothing is submitted.`,
      advice:
        'Give your user the right to read and write this file. Only if that is impossible, move it away; a new one starts by itself, and earlier searches are then unknown.',
      facts: { exists: true, readable: false, refusal },
    };
  }
  const exists = await access(path).then(
    () => true,
    () => false,
  );
  if (!exists)
    return {
      check,
      verdict: 'ok',
      says: 'No searches recorded yet; the first submit starts the record.',
      facts: { exists },
    };
  const records = file.entries.filter((entry) => 'record' in entry).length;
  const { count: damaged, lines } = file.damage;
  const facts = { exists, readable: true, records, damaged };
  const all = counted(records, 'record');
  if (damaged === 0) return { check, verdict: 'ok', says: `${all} of searches.`, facts };
  const named = `line${damaged === 1 ? '' : 's'} ${lines.slice(0, 5).join(', ')}${damaged > 5 ? ' …' : ''}`;
  return {
    check,
    verdict: 'problem',
    says: `The record of your searches (${path}) has ${counted(damaged, 'line')} that can't be read (${named}), and ${all} that can. A search of the last two days may be among them, so submits ask you first until these lines are two days old.`,
    advice:
      'Compare list_bulk_jobs with the OpenFunnel dashboard. If no search of the last two days is missing, close all clients and remove those lines from the file.',
    facts,
  };
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}

function codeOf(cause: unknown): string {
  return (cause as NodeJS.ErrnoException | undefined)?.code ?? 'unknown';
}
