/**
 * For each row, by its identity keys (see `companyOf`), the index of the first row of the same company; its own where it is
 * the first. Rows are one company that share a key, directly or by way of others; one without keys is a company of its own.
 * In linear time.
 */
export function groupsOf(keysByRow: readonly (readonly string[])[]): number[] {
  const firstOf = keysByRow.map((_, index) => index);
  const find = (index: number): number => {
    let at = index;
    for (let next = firstOf[at] ?? at; next !== at; next = firstOf[at] ?? at) {
      firstOf[at] = firstOf[next] ?? next;
      at = firstOf[at] ?? at;
    }
    return at;
  };
  const rowOf = new Map<string, number>();
  for (const [index, keys] of keysByRow.entries())
    for (const key of keys) {
      const [one, two] = [find(index), find(rowOf.get(key) ?? index)];
      firstOf[Math.max(one, two)] = Math.min(one, two);
      if (!rowOf.has(key)) rowOf.set(key, index);
    }
  return firstOf.map((_, index) => find(index));
}
