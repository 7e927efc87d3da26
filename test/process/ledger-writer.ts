import { systemClock } from '../../src/lib/clock.ts';
import { Ledger } from '../../src/spending/ledger.ts';

// Records submits one by one and prints each id once it is on the disk; run by tests as a process of its own.
const [directory = '', name = '', count = '0'] = process.argv.slice(2);
const ledger = new Ledger({
  directory,
  account: 'a',
  clock: systemClock,
});
for (let index = 0; index < Number(count); index += 1) {
  const request = { query: 'q'.repeat(200), limit: 100 };
  await ledger.record({ type: 'submit', job_id: `${name}-${index}`, request, status: 'pending' });
  process.stdout.write(`${name}-${index}\n`);
}
