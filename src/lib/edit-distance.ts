/** A name as all spellings of it have it: in lower case, without blanks, `_` and `-`. */
export function plainName(name: string): string {
  return name.toLowerCase().replace(/[\s_-]/g, '');
}

/**
 * The known names that differ from one of at most 100 characters by `most` letters or fewer, the nearest first.
 * @param parted Whether a name that is a part of the other, of three letters or more, is near too.
 */
export function nearNames(name: string, known: readonly string[], most: number, parted = false): string[] {
  const wanted = plainName(name);
  if (wanted === '' || name.length > 100) return [];
  const isPart = (part: string, whole: string) => parted && part.length > 2 && whole.includes(part);
  const distanceTo = (other: string) =>
    isPart(wanted, other) || isPart(other, wanted) ? 0.5 : editDistance(wanted, other, most);
  return known
    .map((each) => ({ each, distance: distanceTo(plainName(each)) }))
    .filter(({ distance }) => distance <= most)
    .sort((a, b) => a.distance - b.distance)
    .map(({ each }) => each);
}

/**
 * The letters by which two texts differ, two that changed places as one, or `max + 1` as soon as it is sure to be more
 * than `max` (the optimal string alignment distance).
 */
export function editDistance(a: string, b: string, max: number): number {
  if (Math.abs(a.length - b.length) > max) return max + 1;
  let above = Array.from({ length: b.length + 1 }, (_, index) => index);
  let before: number[] = [];
  for (let row = 1; row <= a.length; row += 1) {
    const line = [row];
    for (let column = 1; column <= b.length; column += 1) {
      const replaced = (above[column - 1] ?? 0) + (a[row - 1] === b[column - 1] ? 0 : 1);
      const swapped = a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      const best = Math.min(replaced, (above[column] ?? 0) + 1, (line[column - 1] ?? 0) + 1);
      line.push(swapped ? Math.min(best, (before[column - 2] ?? best) + 1) : best);
    }
    if (Math.min(...line) > max) return max + 1;
    before = above;
    above = line;
  }
  return Math.min(above[b.length] ?? 0, max + 1);
}
