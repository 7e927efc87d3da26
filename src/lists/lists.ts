import type { Clock } from '../lib/clock.ts';
import { checkSeeds, type Found, type Lookup, lookUp } from './lookup.ts';

/** What the work on lists rests on. */
export interface ListsParts {
  api: Lookup;
  clock: Clock;
}

/** What belongs to one call, as far as lists are concerned. */
export interface ListCall {
  signal: AbortSignal;
}

/** Everything that can be done with lists of companies: look-ups, known companies, judgements. */
export class Lists {
  readonly #parts: ListsParts;

  constructor(parts: ListsParts) {
    this.#parts = parts;
  }

  /** Looks companies up by name, domain or LinkedIn URL: see `lookUp`. */
  lookUp(companies: readonly string[], { signal }: ListCall): Promise<Found[]> {
    return lookUp(this.#parts.api, companies, signal);
  }

  /** Looks the seeds of a submit up before it: see `checkSeeds`. */
  checkSeeds(
    seeds: readonly string[],
    options: { hasQuery: boolean; allowed: boolean },
    { signal }: ListCall,
  ): Promise<string[]> {
    return checkSeeds(this.#parts.api, this.#parts.clock, seeds, { ...options, signal });
  }
}
