import * as z from 'zod';
import type { Apart } from '../judging/apart.ts';
import type { Fit } from '../judging/fit.ts';
import { counted, quoted } from '../lib/text.ts';
import type { Judgement } from '../lists/list-fit.ts';
import { type Part, part, type Said } from './answer.ts';
import { number, someNumber, text } from './schema.ts';

const plain = z.number();
const filter = { parameter: z.string(), value: z.string() };
const stretch = { from_row: plain, to_row: plain, judged: plain, share: someNumber, low: plain, high: plain };

/** What every result about a judged list has. */
export const fitFields = {
  fit: z
    .object({
      share: someNumber.describe('Part of the list that fits; null where a stretch is unknown.'),
      low: number('Its 90 % interval, from here.'),
      high: number('To here.'),
      judged: plain,
      keep: plain,
      maybe: number('Count half.'),
      drop: plain,
      basis: text('What all this rests on.'),
      by_depth: z.array(z.object(stretch)),
      expected: someNumber.describe('Companies of the list that fit.'),
      credits_per_fit: someNumber.describe('Credits per fitting company.'),
      stop_at: someNumber.describe('Row behind which the share falls below one half for good.'),
    })
    .nullable()
    .describe('How much of the list fits, by the verdicts so far, as fractions of 1; null without verdicts.'),
  apart: z
    .object({
      keeps: plain,
      drops: plain,
      facts: z.array(
        z.object({
          fact: z.string(),
          value: z.string(),
          keeps: number('Keeps that have it.'),
          of_keeps: plain,
          drops: plain,
          of_drops: plain,
        }),
      ),
      filters: z.array(
        z.object({ ...filter, keeps_left_out: plain, drops_left_out: plain, keeps_unknown: plain }),
      ),
      note: text('How far to trust it.'),
    })
    .nullable()
    .describe('What sets keeps apart from drops, and the filters that follow; null below five of either.'),
};

/** How right a list is, in both halves; no line where nothing is judged. */
export function fitPart(judgement: Judgement | null): Part {
  const { apart = null, judged = [], open = [] } = judgement ?? {};
  const fit = judgement?.fit ? shownFit(judgement.fit) : null;
  const lines = fit ? fitLines(fit, judged.length + open.length) : [];
  return part({ fit, apart }, ...lines, apart && apartLine(apart));
}

/** Companies are told to a tenth, credits to a hundredth, shares to a millionth. */
const UNITS: Readonly<Record<string, number>> = { expected: 10, credits_per_fit: 100 };

/** How right a list is, with its numbers as they are told. */
export function shownFit(fit: Fit): Fit {
  const rounded = (value: number, unit = 1e6) => Math.round(value * unit) / unit;
  return JSON.parse(JSON.stringify(fit), (name, value) =>
    typeof value === 'number' ? rounded(value, UNITS[name]) : value,
  );
}

/** How much of a list fits, and what a fitting company costs, by `shownFit`. @param companies Those that count. */
export function fitWords(fit: Fit, companies: number): string {
  const { share: of, low, high, credits_per_fit } = fit;
  const expected = `${fit.expected} of ${counted(companies, 'company')}`;
  const said =
    of === null
      ? `not known of the whole list; between ${percent(low)} and ${percent(high)} of it fit, whatever the rest is like`
      : low === high
        ? `exactly ${percent(of)}, ${expected}`
        : `${percent(of)} (90 % interval ${range(low, high)}), about ${expected} (${Math.round(low * companies)}–${Math.round(high * companies)})`;
  const cost = credits_per_fit === null ? '' : `; ${credits_per_fit} credits per fitting company`;
  return `Fit: ${said}${cost}.`;
}

function fitLines(fit: Fit, companies: number): Said[] {
  const { keep, maybe, drop, basis, by_depth } = fit;
  const depths = by_depth.map(
    ({ from_row, to_row, ...depth }) =>
      `rows ${from_row}–${to_row} ${depth.share === null ? 'not known' : percent(depth.share)} (${depth.low === depth.high ? 'exact' : range(depth.low, depth.high)}, ${depth.judged} judged)`,
  );
  return [
    `${fitWords(fit, companies)} Verdicts: ${keep} keep, ${maybe} maybe, ${drop} drop. ${basis}`,
    `Fit by rank: ${depths.join('; ')}`,
  ];
}

/** To a tenth of a percent; what is not all is not called all, nor what is something nothing. */
function percent(part: number): string {
  const tenths = Math.round(part * 1_000);
  const told = part > 0 && part < 1 ? Math.min(999, Math.max(1, tenths)) : tenths;
  return `${told / 10} %`;
}

function range(low: number, high: number): string {
  return `${percent(low).replace(' %', '')}–${percent(high)}`;
}

/** But for the filters, which the next step names. */
function apartLine({ keeps, drops, facts, note }: Apart): Said {
  const told = facts.map(
    ({ fact, value, ...of }) =>
      `${fact} ${fact === 'employees' ? value : quoted(value, 60)} ${of.keeps} of ${of.of_keeps} keeps, ${of.drops} of ${of.of_drops} drops`,
  );
  return `What sets ${keeps} keeps apart from ${drops} drops, of those known: ${told.join('; ') || 'nothing'}. ${note}`;
}

/** The search to propose to the user after what sets the keeps apart; null where nothing does. */
export function searchToPropose({ apart, fit }: Judgement): string | null {
  if (!apart || !fit || apart.facts.length === 0) return null;
  const { keeps, drops } = apart;
  const filters = apart.filters.map(
    ({ parameter, value, keeps_left_out, drops_left_out, keeps_unknown }) =>
      `${parameter} ${value} (would have left out ${keeps_left_out} of ${keeps} keeps and ${drops_left_out} of ${drops} drops; ${keeps_unknown} keeps unknown)`,
  );
  return `For a better search propose to the user, and submit only with their yes (a new job, billed anew): submit_lookalikes_bulk with the same seeds, a query of at most 200 characters that you write by what sets the keeps apart${filters.length === 0 ? '' : `, and the filters that follow: ${filters.join(', ')}`}.`;
}
