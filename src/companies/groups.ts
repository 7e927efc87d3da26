/**
 * Which rows are one company: those that share a key, and those that share one with one of these, and so on.
 *
 * @param keysByRow The identity keys of each row (see `companyOf`). A row without keys is a company of its own.
 * @returns For each row the index of the first row of the same company; its own where it is the first. Takes time
 * in proportion to the number of keys.
 */
export function groupsOf(keysByRow: readonly (readonly string[])[]): Int32Array {
  const firstOf = Int32Array.from(keysByRow, (_, index) => index);
  const find = (index: number): number => {
    let at = index;
    for (let next = firstOf[at] ?? at; next !== at; next = firstOf[at] ?? at) {
      firstOf[at] = firstOf[next] ?? next;
      at = firstOf[at] ?? at;
    }
    return at;
  };
  const rowOf = new Map<string, number>();
  for (const [index, keys] of keysByRow.entries()) {
    for (const key of keys) {
      const other = rowOf.get(key);
      if (other === undefined) {
        rowOf.set(key, index);
        continue;
      }
      const [one, two] = [find(index), find(other)];
      if (one < two) firstOf[two] = one;
      else firstOf[one] = two;
    }
  }
  for (let index = 0; index < firstOf.length; index += 1) firstOf[index] = find(index);
  return firstOf;
}
