/** The band of rank in which `row` lies (from 0), where rows 1 to `total` are cut into `bands` equal bands. */
export function bandOf(row: number, total: number, bands: number): number {
  return Math.floor(((row - 1) * bands) / total);
}

/**
 * Companies to judge next: one out of each of `size` equal bands of rank without a verdict in it, by a hash of the job and
 * the row, so that the same call gives the same. Where all bands are served, each is halved, and so on.
 * @param candidates rows still open, from 1 @returns up to `size` rows, in such an order that its first few are spread too
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
    .map((row) => ({ row, place: placeOf(row) }))
    .sort((a, b) => a.place - b.place);
  const sample: number[] = [];
  let cut = 0;
  for (let bands = size; sample.length < size && cut < total; bands *= 2) {
    cut = Math.min(bands, total);
    const served = new Set([...taken].map((row) => bandOf(row, total, cut)));
    const firsts = new Map<number, number>();
    for (const { row } of open) {
      const band = bandOf(row, total, cut);
      if (!served.has(band) && !firsts.has(band)) firsts.set(band, row);
    }
    const inTurn = [...firsts].sort(([a], [b]) => turnOf(a, cut) - turnOf(b, cut));
    for (const [, row] of inTurn.slice(0, size - sample.length)) {
      sample.push(row);
      taken.add(row);
    }
  }
  return sample;
}

/**
 * The rest of the sample of which a part is judged, or of one twice as large, which has it in it; else `spreadSample`.
 * @param candidates open and judged rows @returns `goesOn`: nothing is judged yet, or a part of the sample and nothing else
 */
export function nextOfSample(
  jobId: string,
  candidates: readonly number[],
  judged: readonly number[],
  total: number,
  size: number,
) {
  let complete = false;
  for (const wanted of [size, size * 2]) {
    if (wanted > size && wanted * 2 > candidates.length) break;
    const sample = spreadSample(jobId, candidates, [], total, wanted);
    if (judged.some((row) => !sample.includes(row))) continue;
    const rows = sample.filter((row) => !judged.includes(row)).slice(0, size);
    if (rows.length > 0) return { rows, goesOn: !complete };
    complete = true;
  }
  return { rows: spreadSample(jobId, candidates, judged, total, size), goesOn: false };
}

/** Where a row stands in the order in which a job's rows are taken: 48 bits of a hash. */
function places(jobId: string): (row: number) => number {
  const { createHash } = process.getBuiltinModule('node:crypto');
  const job = createHash('sha1').update(`${jobId}\0`);
  return (row) => job.copy().update(String(row)).digest().readUIntBE(0, 6);
}

/** When a band comes, by its number's bits read backwards: first, middle, quarters, eighths … */
function turnOf(band: number, bands: number): number {
  let turn = 0;
  for (let left = 1; left < bands; left *= 2) turn = turn * 2 + (Math.floor(band / left) % 2);
  return turn;
}
