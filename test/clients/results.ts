/** What became of a run of one client. */
export interface ClientRow {
  id: string;
  title: string;
  version: string;
  /** true, or what came instead of what was expected. */
  steps: Record<string, true | string>;
}

/** What `npm run clients` found, as CLIENTS.md shows it. */
export interface Results {
  /** In the order of the columns. */
  steps: string[];
  clients: ClientRow[];
}

/** Relative to the root. */
export const RESULTS_FILE = '.github/clients.json';

/** The clients that others wrote: the suite is none, and the plugin is another way into one that counts already. */
export function othersClients<Row extends { id: string }>(clients: readonly Row[]): Row[] {
  return clients.filter(({ id }) => !/^conformance$|-plugin$/.test(id));
}

/** The clients with their versions, for the README. */
export function clientNames({ clients }: Results): string {
  const names = othersClients(clients).map(({ title, version }) => `${title} (${version})`);
  return `${names.slice(0, 7).join(', ')},\n${names.slice(7).join(', ')}.`;
}

/** The table of CLIENTS.md: a row for each client, a column for each step. */
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
