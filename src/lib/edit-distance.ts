/** A name as all spellings of it have it: in lower case, without blanks, `_` and `-`. */
export function plainName(name: string): string {
  return name.toLowerCase().replace(/[\s_-]/g, '');
}

/** The known name that differs least from one of at most 100 characters, by `most` letters; undefined for none. */
export function nearestName(name: string, known: readonly string[], most: number): string | undefined {
  if (name.length > 100) return undefined;
  const all = known.map((each) => ({
    each,
    distance: editDistance(plainName(name), plainName(each), most),
  }));
  return all.filter(({ distance }) => distance <= most).sort((a, b) => a.distance - b.distance)[0]?.each;
}

/** The Levenshtein distance of two texts, or `max + 1` as soon as it is sure to be more than `max`. */
export function editDistance(a: string, b: string, max: number): number {
  if (Math.abs(a.length - b.length) > max) return max + 1;
  let above = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let row = 1; row <= a.length; row += 1) {
    const line = [row];
    for (let column = 1; column <= b.length; column += 1) {
      const replaced = (above[column - 1] ?? 0) + (a[row - 1] === b[column - 1] ? 0 : 1);
      line.push(Math.min(replaced, (above[column] ?? 0) + 1, (line[column - 1] ?? 0) + 1));
    }
    if (Math.min(...line) > max) return max + 1;
    above = line;
  }
  return Math.min(above[b.length] ?? 0, max + 1);
}
