import type * as z from 'zod';
import { jsonIn, parseShallow } from '../lib/json.ts';
import { invalidResponse } from './failures.ts';
import type { HttpAnswer } from './http.ts';

/** The documented form of a cursor, which is the name of its page as well. */
const PAGE_NAME = /^page_\d+$/;

/** Whether a page is called otherwise than its cursor. Of a cursor that is no page's name nothing can be told. */
export function namesAnother(page: string, cursor: string): boolean {
  return PAGE_NAME.test(page) && PAGE_NAME.test(cursor) && page !== cursor;
}

/** Also 202: a job that is not done yet is answered with it by some. */
export function isSuccess({ status }: HttpAnswer): boolean {
  return status >= 200 && status < 300;
}

/** A body of the documented form. @throws {OpenFunnelError} `upstream_invalid_response` where it is none. */
export function parseBody<S extends z.ZodType>(answer: HttpAnswer, schema: S): z.output<S> {
  if (answer.body.trim() === '') throw invalidResponse(answer.status, 'the body was empty');
  const json = jsonIn(answer.body, parseShallow);
  if (json === undefined) throw invalidResponse(answer.status, 'the body was not JSON');
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  if (issue?.code === 'custom' && issue.path.length === 0)
    throw invalidResponse(answer.status, issue.message);
  const field = issue?.path.join('.') || 'the body';
  throw invalidResponse(answer.status, `"${field}" did not have the documented form`);
}
