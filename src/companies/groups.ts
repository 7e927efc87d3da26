/** Which rows are one company, told as they come: those that share a key, directly or by way of others. In linear time. */
export class Groups {
  readonly #firstOf: number[] = [];
  readonly #rowOf = new Map<string, number>();

  /** Takes the next row over, by its identity keys (see `companyOf`). One without keys is a company of its own. */
  add(keys: readonly string[]): void {
    const index = this.#firstOf.push(this.#firstOf.length) - 1;
    for (const key of keys) {
      const other = this.#rowOf.get(key);
      if (other === undefined) {
        this.#rowOf.set(key, index);
        continue;
      }
      const [one, two] = [this.#find(index), this.#find(other)];
      if (one < two) this.#firstOf[two] = one;
      else this.#firstOf[one] = two;
    }
  }

  /** For each row the index of the first row of the same company; its own where it is the first. */
  firsts(): number[] {
    return this.#firstOf.map((_, index) => this.#find(index));
  }

  #find(index: number): number {
    const firstOf = this.#firstOf;
    let at = index;
    for (let next = firstOf[at] ?? at; next !== at; next = firstOf[at] ?? at) {
      firstOf[at] = firstOf[next] ?? next;
      at = firstOf[at] ?? at;
    }
    return at;
  }
}

/** `Groups.firsts` of rows that are all there. */
export function groupsOf(keysByRow: readonly (readonly string[])[]): number[] {
  const groups = new Groups();
  for (const keys of keysByRow) groups.add(keys);
  return groups.firsts();
}
