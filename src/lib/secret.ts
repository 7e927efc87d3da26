import { spellingsOf } from './text.ts';

/** A word so short is no key, and could stand in anybody's text. Characters. */
const SHORTEST = 8;

/** A secret that must never be shown, however it is written (see `spellingsOf`). */
export class Secret {
  readonly #spellings: RegExp | null;

  /** @param value In ASCII; undefined, or too short to be a key, for none. */
  constructor(value: string | undefined) {
    this.#spellings = value === undefined || value.length < SHORTEST ? null : spellingsOf(value);
  }

  /** Whether the text holds it in any form. */
  isIn(text: string): boolean {
    return this.#spellings !== null && text.search(this.#spellings) !== -1;
  }

  /** The text with a mark in its place. A text in JSON stays one. */
  mask(text: string): string {
    return this.#spellings === null ? text : text.replaceAll(this.#spellings, '[api key]');
  }
}
