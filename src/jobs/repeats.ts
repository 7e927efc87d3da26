import type { Row } from '../openfunnel/wire.ts';

/**
 * Tells pages that repeat what other pages had: not a company that comes twice, but rows that are the same
 * field by field. (Contract, "Rows": every row has a LinkedIn page that is unique within a search.)
 */
export class Repeats {
  readonly #pageOf = new Map<string, string>();

  /**
   * The earlier page that has most of these rows, where most of them stood on earlier pages; else null, and
   * they are remembered under `page`.
   */
  of(rows: readonly Row[], page: string): string | null {
    if (rows.length === 0) return null;
    const prints = new Set(rows.map(fingerprint));
    const earlier = new Map<string, number>();
    let repeated = 0;
    for (const print of prints) {
      const before = this.#pageOf.get(print);
      if (before === undefined) continue;
      repeated += 1;
      earlier.set(before, (earlier.get(before) ?? 0) + 1);
    }
    if (repeated * 2 > prints.size) {
      return [...earlier].reduce((most, next) => (next[1] > most[1] ? next : most))[0];
    }
    for (const print of prints) if (!this.#pageOf.has(print)) this.#pageOf.set(print, page);
    return null;
  }
}

function fingerprint(row: Row): string {
  // Loaded here, at the first page, and not at every start.
  const { createHash } = process.getBuiltinModule('node:crypto');
  return createHash('sha1').update(JSON.stringify(row)).digest('base64').slice(0, 16);
}
