/** One line of the table. */
export interface Figure {
  area: string;
  what: string;
  ours: string;
  baseline: string;
  ratio: string;
  target: string;
  /** Null where there is no target. */
  met: boolean | null;
}

export interface BenchOptions {
  /** Fewer repeats and smaller jobs: shows that it works, not how fast. */
  short: boolean;
}
