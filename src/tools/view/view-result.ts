import { success, type ToolResult } from '../../results/result.ts';

/** A result for the view: its text is the same facts in JSON, for hosts that hand on nothing but text. */
export function viewResult(facts: Record<string, unknown>, notices: readonly string[] = []): ToolResult {
  return success(facts, JSON.stringify(facts), notices);
}
