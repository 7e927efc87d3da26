import { quoted, setOf } from '../lib/text.ts';
import { isKnownStatus } from '../openfunnel/wire.ts';

/** A word that upstream chose: as it is where it is one of the documented ones, else in quotes. */
export function word(text: string, known: boolean): string {
  return known ? text : quoted(text, 100);
}

/** Pages from one to another, in order. */
export function pageRange(first: string, last: string): string {
  return first === last ? first : `${first} to ${last}`;
}

/** A page's name, or a range, as upstream gives it: plain where nothing in it could be taken for anything else. */
export function pageWord(name: string): string {
  return word(name, /^[A-Za-z0-9_.-]{1,100}(?: to [A-Za-z0-9_.-]{1,100})?$/.test(name));
}

/** Stages of a job that runs (contract, "status and one page"). */
export const STAGES = setOf('retrieving_companies qualifying_companies reranking_companies');

/** Whether a stage is documented; a job that has ended has its status there. */
export function isKnownStage(stage: string): boolean {
  return STAGES.has(stage) || isKnownStatus(stage);
}

/** A status as upstream words it. */
export function statusWord(status: string): string {
  return word(status, isKnownStatus(status));
}
