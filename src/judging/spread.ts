/** The band of rank in which `row` lies (from 0), where rows 1 to `total` are cut into `bands` equal bands. */
export function bandOf(row: number, total: number, bands: number): number {
  return Math.floor(((row - 1) * bands) / total);
}

/**
 * Companies to judge next, spread over a list: one out of each of `size` equal bands of rank, chosen by a hash of
 * the job and the row. Nothing is drawn, so the same call gives the same companies.
 *
 * A band with a verdict in it counts as served. Where all are served, each is halved, and the halves without a
 * verdict come next, and so on: what is judged stays spread over the list however often this is asked.
 *
 * @param candidates rows still open, from 1: without seeds, duplicates, known companies and judged ones
 * @param judged rows with a verdict
 * @param total rows of the list
 * @param size companies wanted
 * @returns up to `size` rows, fewer only where fewer are open; in such an order that its first few are spread over
 *   the list as well, for a caller who has room for a part of them
 */
export function spreadSample(
  jobId: string,
  candidates: readonly number[],
  judged: readonly number[],
  total: number,
  size: number,
): number[] {
  const taken = new Set(judged);
  const placeOf = places(jobId);
  const open = candidates
    .filter((row) => !taken.has(row) && row >= 1 && row <= total)
    .map((row) => ({ row, place: placeOf(row) }));
  const sample: number[] = [];
  let cut = 0;
  for (let bands = size; sample.length < size && cut < total; bands *= 2) {
    cut = Math.min(bands, total);
    const served = new Set([...taken].map((row) => bandOf(row, total, cut)));
    const firsts = new Map<number, { row: number; place: number }>();
    for (const company of open) {
      const band = bandOf(company.row, total, cut);
      const first = firsts.get(band);
      if (!served.has(band) && (first === undefined || company.place < first.place))
        firsts.set(band, company);
    }
    const rows = [...firsts.values()].map(({ row }) => row).sort((a, b) => a - b);
    for (const row of farApart(rows).slice(0, size - sample.length)) {
      sample.push(row);
      taken.add(row);
    }
  }
  return sample;
}

/** Where a row stands in the order in which a job's rows are taken: 48 bits of a hash. */
function places(jobId: string): (row: number) => number {
  const { createHash } = process.getBuiltinModule('node:crypto');
  const job = createHash('sha1').update(`${jobId}\0`);
  return (row) => job.copy().update(String(row)).digest().readUIntBE(0, 6);
}

/** The same items in the order of their places' bits read backwards: first, middle, quarters, eighths … */
function farApart<T>(items: readonly T[]): T[] {
  const width = Math.max(1, Math.ceil(Math.log2(items.length)));
  const backwards = (place: number) => {
    let bits = 0;
    for (let bit = 0; bit < width; bit += 1) bits = bits * 2 + ((place >> bit) & 1);
    return bits;
  };
  return items
    .map((item, place) => ({ item, turn: backwards(place) }))
    .sort((a, b) => a.turn - b.turn)
    .map(({ item }) => item);
}
