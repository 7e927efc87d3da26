import { listOf, parsed, record, text } from '../shape.ts';
import { type Bridge, CallError, type ToolResult } from './bridge.ts';

type Json = Record<string, unknown>;

/** Calls one of the server's tools for the view. Milliseconds. @throws {CallError} where there is no answer. */
export async function callTool(bridge: Bridge, name: string, args: Json, ms?: number): Promise<Json> {
  const result: ToolResult = await bridge.request('tools/call', { name, arguments: args }, ms);
  const data = facts(result);
  if (result.isError !== true && Object.keys(data).length > 0) return data;
  const error = record(data.error);
  const said = text(error.message) || resultText(result);
  if (said === '') throw new CallError(`${name} came back empty`);
  throw new CallError(said, 'refused', error.retryable === true);
}

/** The facts of a result: the structured half, or, where a host took that away, the same in the text. */
function facts(result: ToolResult): Json {
  const structured = record(result.structuredContent);
  if (Object.keys(structured).length > 0) return structured;
  const lines = resultText(result).split('\n');
  return record(
    lines
      .filter((line) => line.startsWith('{'))
      .map(parsed)
      .find((each) => each !== undefined),
  );
}

/** All text of a result. */
export function resultText({ content }: ToolResult): string {
  return listOf((part) => text(record(part).text))(content).join('\n');
}

/** What the call that opened the view was about; null or empty where that is not told. */
export function openedBy(result: ToolResult) {
  const data = facts(result);
  const said = resultText(result);
  const told = (pattern: RegExp) => pattern.exec(said)?.[1] ?? '';
  const quoted = told(/^Searched at first for: ("(?:[^"\\]|\\.)*")$/m);
  return {
    jobId: text(data.job_id) || told(/^Job ([\w-]{1,200}): /m) || null,
    filter: text(data.filter) || text(parsed(quoted)),
    ranks: text(data.rows) || told(/^At first only rows ([\d, -]{1,1000}) are shown\.$/m),
  };
}
