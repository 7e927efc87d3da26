const FIRST_SLOTS = 8_192;
/** Slots that are looked at for a text; keys that somebody made to lie in one place take a `Map`. */
const MAX_STEPS = 64;

/** A number for each text, as in a `Map`: found in half the time, and with little for the garbage collector. */
export class KeyNumbers {
  /** Places in the lists below, each plus 1; 0 for none. At most half of them are taken. */
  #slots = new Int32Array(FIRST_SLOTS);
  #hashes = new Int32Array(FIRST_SLOTS / 2);
  readonly #keys: string[] = [];
  #numbers = new Int32Array(FIRST_SLOTS / 2);
  readonly #others = new Map<string, number>();

  /** The number of a text; -1 for none, in which case it gets the one that is given, if any. */
  get(key: string, given = -1): number {
    const hash = hashOf(key);
    const slot = this.#slotOf(key, hash);
    const place = slot === -1 ? 0 : (this.#slots[slot] ?? 0);
    const before = place > 0 ? this.#numbers[place - 1] : this.#others.get(key);
    if (before !== undefined && before !== -1) return before;
    if (given !== -1) this.#put(key, hash, slot, given);
    return -1;
  }

  /** Gives a text this number in place of the one that it had; -1 for none. */
  set(key: string, number: number): void {
    const hash = hashOf(key);
    this.#put(key, hash, this.#slotOf(key, hash), number);
  }

  #put(key: string, hash: number, slot: number, number: number): void {
    const place = slot === -1 ? 0 : (this.#slots[slot] ?? 0);
    if (place > 0) this.#numbers[place - 1] = number;
    else if (slot === -1 || this.#others.has(key)) this.#others.set(key, number);
    else {
      const added = this.#keys.push(key);
      this.#slots[slot] = added;
      this.#hashes[added - 1] = hash;
      this.#numbers[added - 1] = number;
      if (this.#keys.length === this.#hashes.length) this.#grow();
    }
  }

  /** The slot of a text, or the free one that it would get; -1 where there is none. */
  #slotOf(key: string, hash: number): number {
    const slots = this.#slots;
    const mask = slots.length - 1;
    for (let step = 0; step < MAX_STEPS; step += 1) {
      const slot = (hash + step) & mask;
      const place = slots[slot] ?? 0;
      if (place === 0 || (this.#hashes[place - 1] === hash && this.#keys[place - 1] === key)) return slot;
    }
    return -1;
  }

  #grow(): void {
    const hashes = this.#hashes;
    const slots = new Int32Array(this.#slots.length * 2);
    const mask = slots.length - 1;
    this.#hashes = longer(hashes);
    this.#numbers = longer(this.#numbers);
    for (let place = 0; place < hashes.length; place += 1) {
      let slot = (hashes[place] ?? 0) & mask;
      // At most as many steps as in the smaller table, where there was more in the way.
      while (slots[slot] !== 0) slot = (slot + 1) & mask;
      slots[slot] = place + 1;
    }
    this.#slots = slots;
  }
}

function longer(numbers: Int32Array): Int32Array<ArrayBuffer> {
  const twice = new Int32Array(numbers.length * 2);
  twice.set(numbers);
  return twice;
}

function hashOf(key: string): number {
  let hash = key.length;
  for (let at = 0; at < key.length; at += 1) hash = Math.imul(hash ^ key.charCodeAt(at), 16_777_619);
  return hash ^ (hash >>> 15);
}
