import { part, type ToolAnswer } from '../../results/answer.ts';
import { CHOSEN_BUDGET, firstFitting, type Sizes } from '../../results/budget.ts';

/** A result for the view: its text is the same facts in JSON, for hosts that hand on nothing but text. */
export function viewResult<Facts extends object>(facts: Facts, notices: readonly string[] = []): ToolAnswer {
  return { parts: [part(Object.fromEntries(Object.entries(facts)), JSON.stringify(facts))], notices };
}

/** The same of the first of these sizes with which the result fits its budget, else of the last. */
export function fittingResult<Size, Facts extends object>(
  sizes: Sizes<Size>,
  build: (size: Size) => Facts,
  notices: readonly string[] = [],
): ToolAnswer {
  return firstFitting(sizes, CHOSEN_BUDGET, (size) => viewResult(build(size), notices));
}
