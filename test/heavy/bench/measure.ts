/** The middle of some measurements. */
export function median(values: number[]): number {
  return quantile(values, 0.5);
}

export function quantile(values: number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}

export function milliseconds(ms: number): string {
  return ms >= 2_000 ? `${(ms / 1000).toFixed(1)} s` : `${Math.round(ms)} ms`;
}

export function megabytes(mb: number): string {
  return `${Math.round(mb)} MB`;
}

/** How many times smaller `value` is than `baseline`, or the other way round. */
export function times(value: number): string {
  return `× ${value >= 10 ? value.toFixed(1) : value.toFixed(2)}`;
}

export function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}
