import { cutText } from '../lib/text.ts';

/** A reason that is this short already stays as it is. Characters. */
const SHORT = 55;
const GIST = 28;
/**
 * How reasons begin before they say anything: "Ramp fits because it is an", "Yes — it offers". Words that
 * weigh the match ("barely fits", "does not fit") are none of these, so they stay.
 */
const LEAD_IN =
  /^(?:(?:[\p{Lu}\p{N}]\S{0,60} ){1,6}(?:fits|matches)(?: the trait)? (?:because|since|as|by|with|through)|Yes [—–-]) (?:it )?(?:(?:is|offers|provides) )?(?:(?:an?|the) )?/u;

/** The gist of a match reason, for results in which nobody asked for it: its words, not its courtesies. */
export function gistOf(reason: string): string {
  if (reason.length <= SHORT) return reason;
  const text = reason.slice(0, 1_000).replace(LEAD_IN, '').replace(/["“”]/g, '');
  const wordEnd = text.lastIndexOf(' ', GIST);
  return cutText(text, wordEnd > GIST / 2 ? wordEnd : GIST);
}
