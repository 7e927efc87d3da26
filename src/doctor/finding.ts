import { counted } from '../lib/text.ts';

/** How a check came out: `note` means that nothing is wrong, but something is worth knowing. */
export type Outcome = 'ok' | 'note' | 'problem';

/** Words and numbers that reveal nothing about the person, the key, the searches or the lists. */
export type Facts = Readonly<Record<string, string | number | boolean | null>>;

export interface Finding {
  /** What was checked; the same word in every release, so that reports can be compared. */
  check: string;
  verdict: Outcome;
  /** What is the case, and what follows from it. For the person at this machine; may name folders, never the key. */
  says: string;
  /** What to do, where there is something to do. Names no folder. */
  advice?: string;
  /** For a bug report. */
  facts: Facts;
}

/** What a person is told: what is wrong and what follows, and what to do. */
export type Told = readonly [says: string, advice: string];

/** A finding: nothing to do. */
export function ok(check: string, says: string, facts: Facts): Finding {
  return { check, verdict: 'ok', says, facts };
}

const told =
  (verdict: Outcome) =>
  (check: string, [says, advice]: Told, facts: Facts): Finding => ({ check, verdict, says, advice, facts });

/** A finding worth knowing, with what to do. */
export const note = told('note');

/** A finding that something is wrong, with what to do. */
export const problem = told('problem');

/** All findings for a person, or as JSON for a bug report: then without `says`, which can name folders. */
export function report(version: string, findings: readonly Finding[], json: boolean) {
  const problems = findings.filter(({ verdict }) => verdict === 'problem').length;
  const ok = problems === 0;
  if (json) {
    const told = findings.map(({ says: _, facts, advice, ...rest }) => ({
      ...rest,
      ...facts,
      ...(advice && { advice }),
    }));
    const all = { name: 'openfunnel-lookalikes-mcp', version, ok, problems, findings: told };
    return { text: `${JSON.stringify(all, null, 2)}\n`, ok };
  }
  const width = Math.max(...findings.map(({ check }) => check.length));
  const lines = findings.flatMap(({ check, verdict, says, advice }) => [
    `${verdict.padEnd('problem'.length)}  ${check.padEnd(width)}  ${says}`,
    ...(advice === undefined ? [] : [`${' '.repeat('problem'.length + width + 4)}→ ${advice}`]),
  ]);
  const sum = ok ? 'No problems found.' : `${counted(problems, 'problem')} found.`;
  return { text: `openfunnel-lookalikes-mcp ${version}\n\n${lines.join('\n')}\n\n${sum}\n`, ok };
}
