/** How a check came out: `note` means that nothing is wrong, but something is worth knowing. */
export type Outcome = 'ok' | 'note' | 'problem';

/** What one check found. */
export interface Finding {
  /** What was checked; the same word in every release, so that reports can be compared. */
  check: string;
  verdict: Outcome;
  /** What is the case, and what follows from it. For the person at this machine; may name folders, never the key. */
  says: string;
  /** What to do, where there is something to do. Names no folder. */
  advice?: string;
  /** For a bug report: words and numbers that reveal nothing about the person, the key, the searches or the lists. */
  facts?: Readonly<Record<string, string | number | boolean | null>>;
}

/** All findings for a person: one line each, with the advice below it. */
export function asText(version: string, findings: readonly Finding[]): string {
  const width = Math.max(...findings.map(({ check }) => check.length));
  const lines = findings.flatMap(({ check, verdict, says, advice }) => [
    `${verdict.padEnd('problem'.length)}  ${check.padEnd(width)}  ${says}`,
    ...(advice === undefined ? [] : [`${' '.repeat('problem'.length + width + 4)}→ ${advice}`]),
  ]);
  const problems = problemsIn(findings);
  const sum =
    problems === 0 ? 'No problems found.' : `${problems} problem${problems === 1 ? '' : 's'} found.`;
  return `openfunnel-lookalikes-mcp ${version}\n\n${lines.join('\n')}\n\n${sum}\n`;
}

/** All findings for a bug report, as JSON; `says` is left out, since it can name folders. */
export function asJson(version: string, findings: readonly Finding[]): string {
  const report = {
    name: 'openfunnel-lookalikes-mcp',
    version,
    ok: problemsIn(findings) === 0,
    problems: problemsIn(findings),
    findings: findings.map(({ check, verdict, facts = {}, advice }) => ({
      check,
      verdict,
      ...facts,
      ...(advice === undefined ? {} : { advice }),
    })),
  };
  return `${JSON.stringify(report, null, 2)}\n`;
}

/** How many of the findings are problems. */
export function problemsIn(findings: readonly Finding[]): number {
  return findings.filter(({ verdict }) => verdict === 'problem').length;
}
