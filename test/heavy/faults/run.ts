import { availableParallelism } from 'node:os';
import { clientRuns } from './clients.ts';
import { connections } from './connections.ts';
import { contradictions } from './contradictions.ts';
import { moneyRuns } from './money.ts';
import type { Finding } from './types.ts';
import { wireRuns } from './wire.ts';
import { WIRE_FAULTS } from './wire-faults.ts';

/** Labs at once: more than cores would make some of them late, and what is late once is wrong. */
const AT_ONCE = availableParallelism();

/** What needs no plan of faults on the wire, by the name it can be asked for with. */
const GROUPS: ReadonlyArray<readonly [string, ReadonlyArray<() => Promise<Finding[]>>]> = [
  ['contradictions', [contradictions]],
  ['connections', [connections]],
  ['clients', clientRuns],
  ['money', moneyRuns],
];

/**
 * Does all that is planned, or what `names` name, and tells what came of it, in the plan's order.
 *
 * @param sample Of the faults on the wire, does only one of each kind.
 */
export async function runAll(names: readonly string[], sample: boolean): Promise<Finding[]> {
  const wanted = (name: string) => names.length === 0 || names.some((each) => name.includes(each));
  const runs = WIRE_FAULTS.filter(({ name, typical }) => wanted(name) && (typical || !sample)).flatMap(
    (fault) => wireRuns(fault),
  );
  for (const [name, group] of GROUPS) if (wanted(name)) runs.push(...group);
  const results: Finding[][] = [];
  let next = 0;
  const worker = async () => {
    while (next < runs.length) {
      const index = next++;
      results[index] = (await runs[index]?.()) ?? [];
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return results.flat();
}
