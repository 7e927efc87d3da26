import { part, type ToolAnswer } from '../../results/answer.ts';
import { CHOSEN_BUDGET, fits } from '../../results/budget.ts';

/** A result for the view: its text is the same facts in JSON, for hosts that hand on nothing but text. */
export function viewResult<Facts extends object>(facts: Facts, notices: readonly string[] = []): ToolAnswer {
  return { parts: [part(Object.fromEntries(Object.entries(facts)), JSON.stringify(facts))], notices };
}

/** Sizes to try, the largest first. */
export type Sizes<Size> = readonly [Size, ...Size[]];

/** What `build` makes of the first of these sizes with which the result fits its budget, else of the last. */
export function fittingResult<Size, Facts extends object>(
  [largest, ...smaller]: Sizes<Size>,
  build: (size: Size) => Facts,
  notices: readonly string[] = [],
): ToolAnswer {
  let result = viewResult(build(largest), notices);
  for (const size of smaller) {
    if (fits(result, CHOSEN_BUDGET)) break;
    result = viewResult(build(size), notices);
  }
  return result;
}
