/** What became of a run of one client. */
export interface ClientRow {
  id: string;
  title: string;
  version: string;
  /** true, or what came instead of what was expected. */
  steps: Record<string, true | string>;
}

/** What `npm run clients` found, as the README's table shows it. */
export interface Results {
  /** In the order of the columns. */
  steps: string[];
  clients: ClientRow[];
}

/** Relative to the root. */
export const RESULTS_FILE = '.github/clients.json';

/** The README's table: a row a client, a column a step. */
export function clientTable({ steps, clients }: Results): string {
  const cell = (outcome: true | string | undefined) =>
    outcome === undefined ? '–' : outcome === true ? '✓' : '✗';
  return [
    `| Client | Version | ${steps.join(' | ')} |`,
    `| --- | --- |${' :-: |'.repeat(steps.length)}`,
    ...clients.map(
      (row) =>
        `| ${row.title} | ${row.version} | ${steps.map((step) => cell(row.steps[step])).join(' | ')} |`,
    ),
  ].join('\n');
}
