import type * as z from 'zod';
import { oneLine } from '../../lib/text.ts';

const MAX_NAMED = 5;

/** What is wrong with the arguments of a call, in words: each wrong parameter by name, with what it wants. Of a parse with `reportInput`. */
export function describeIssues(tool: string, issues: readonly z.core.$ZodIssue[]): string {
  const said = issues.slice(0, MAX_NAMED).map((issue) => {
    const path = issue.path.length === 0 ? 'the arguments' : oneLine(issue.path.map(String).join('.'), 80);
    return issue.input === undefined
      ? `${path}: required`
      : `${path}: ${wanted(issue)}, not ${shown(issue.input)}`;
  });
  return `Invalid input for ${tool}: ${said.join('; ')}.`;
}

function wanted(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return `must be ${KINDS[issue.expected] ?? issue.expected}`;
    case 'invalid_value':
      return `must be one of ${issue.values.map(String).join(', ')}`;
    case 'too_big':
      return `must ${measure(issue.origin, `at most ${issue.maximum}`)}`;
    case 'too_small':
      return `must ${measure(issue.origin, `at least ${issue.minimum}`)}`;
    case 'invalid_union':
      return 'must have one of the documented forms';
    default:
      return oneLine(issue.message, 200);
  }
}

const KINDS: Readonly<Record<string, string>> = {
  int: 'a whole number',
  number: 'a number',
  string: 'a text',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
};

function measure(origin: string, bound: string): string {
  if (origin === 'string') return `have ${bound} characters`;
  return origin === 'array' ? `have ${bound} items` : `be ${bound}`;
}

function shown(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(oneLine(value, 60));
  if (Array.isArray(value)) return `a list of ${value.length}`;
  return typeof value === 'object' && value !== null ? 'an object' : String(value);
}
