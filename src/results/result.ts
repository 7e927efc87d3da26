import { type ErrorCode, OpenFunnelError } from '../openfunnel/errors.ts';

/** What a tool call returns: text for a model, and the same facts structured. */
export interface ToolResult {
  content: Array<{ type: 'text'; text: string } | ResourceLink>;
  structuredContent: Record<string, unknown>;
  isError?: true;
}

/** A link to something the client can open. */
export interface ResourceLink {
  type: 'resource_link';
  uri: string;
  name: string;
  mimeType: string;
  description: string;
}

export interface ErrorFacts {
  code: ErrorCode;
  message: string;
  http_status: number | null;
  retryable: boolean;
  retry_after_seconds: number | null;
  submitted: 'no' | 'unknown';
}

/** A success: `text` renders `structured`; notices stand in both. */
export function success(
  structured: Record<string, unknown>,
  text: string,
  notices: readonly string[] = [],
): ToolResult {
  return {
    content: [{ type: 'text', text: [...notices.map((notice) => `NOTE: ${notice}`), text].join('\n') }],
    structuredContent: notices.length === 0 ? structured : { ...structured, notices },
  };
}

/** The same result with more notices, before those that it has, in both its halves. */
export function withNotices(result: ToolResult, notices: readonly string[]): ToolResult {
  if (notices.length === 0) return result;
  const said = (result.structuredContent.notices as string[] | undefined) ?? [];
  const lines = notices.map((notice) => `NOTE: ${notice}\n`).join('');
  return {
    ...result,
    content: result.content.map((part) =>
      part.type === 'text' ? { type: 'text', text: lines + part.text } : part,
    ),
    structuredContent: { ...result.structuredContent, notices: [...notices, ...said] },
  };
}

/** The same result with a link behind its text. */
export function withLink(result: ToolResult, link: ResourceLink): ToolResult {
  return { ...result, content: [...result.content, link] };
}

/** The same result without links; what they point at stands in the text as well. */
export function withoutLinks(result: ToolResult): ToolResult {
  return { ...result, content: result.content.filter(({ type }) => type !== 'resource_link') };
}

/** A failure, with what is known beside it in `structured` and `text`. */
export function failure(
  error: OpenFunnelError,
  {
    structured = {},
    text = '',
    notices = [],
  }: { structured?: Record<string, unknown>; text?: string; notices?: readonly string[] } = {},
): ToolResult {
  const facts: ErrorFacts = {
    code: error.code,
    message: error.message,
    http_status: error.httpStatus,
    retryable: error.retryable,
    retry_after_seconds: error.retryAfterSeconds,
    submitted: error.submitted,
  };
  const lines = [
    `ERROR ${error.code}: ${error.message}`,
    `Submitted: ${error.submitted}. Retry: ${retry(error)}.`,
    ...notices.map((notice) => `NOTE: ${notice}`),
  ];
  if (text !== '') lines.push(text);
  return {
    content: [{ type: 'text', text: lines.join('\n') }],
    structuredContent: {
      ...(error.jobId === null ? {} : { job_id: error.jobId }),
      ...structured,
      ...(notices.length === 0 ? {} : { notices }),
      error: facts,
    },
    isError: true,
  };
}

function retry({ retryable, retryAfterSeconds }: OpenFunnelError): string {
  if (!retryable) return 'not as it is';
  return retryAfterSeconds === null ? 'yes, in a little while' : `yes, after ${retryAfterSeconds} s`;
}

/** A failure of input: names what is wrong, before anything was sent. */
export function invalidInput(message: string): OpenFunnelError {
  return new OpenFunnelError(
    'invalid_input',
    `${message} Nothing was sent; correct the arguments and call again.`,
  );
}
