/** How a check came out: `note` is nothing wrong, but worth knowing. */
export type Outcome = 'ok' | 'note' | 'problem';

/** What one check found. */
export interface Finding {
  /** What was looked at; the same word in every release, so that reports can be compared. */
  check: string;
  verdict: Outcome;
  /** For the person at this machine; may name folders, never the key. */
  says: string;
  /** What to do, where there is something to do. */
  advice?: string;
  /** For a bug report: words and numbers that tell nothing of the person, the key, the searches or the lists. */
  facts?: Readonly<Record<string, string | number | boolean | null>>;
}

/** All findings for a person: a line each, and the advice below it. */
export function asText(version: string, findings: readonly Finding[]): string {
  const width = Math.max(...findings.map(({ check }) => check.length));
  const lines = findings.flatMap(({ check, verdict, says, advice }) => [
    `${verdict.padEnd('problem'.length)}  ${check.padEnd(width)}  ${says}`,
    ...(advice === undefined ? [] : [`${' '.repeat('problem'.length + width + 4)}→ ${advice}`]),
  ]);
  const problems = findings.filter(({ verdict }) => verdict === 'problem').length;
  const sum = problems === 0 ? 'All is well.' : `${problems} to mend.`;
  return `openfunnel-lookalikes-mcp ${version}\n\n${lines.join('\n')}\n\n${sum}\n`;
}

/** All findings for a bug report, as JSON; `says` stays out of it, since it can name folders. */
export function asJson(version: string, findings: readonly Finding[]): string {
  const report = {
    name: 'openfunnel-lookalikes-mcp',
    version,
    ok: findings.every(({ verdict }) => verdict !== 'problem'),
    findings: findings.map(({ check, verdict, facts = {}, advice }) => ({
      check,
      verdict,
      ...facts,
      ...(advice === undefined ? {} : { advice }),
    })),
  };
  return `${JSON.stringify(report, null, 2)}\n`;
}
