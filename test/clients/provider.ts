import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Conversation, type ToolCall } from './conversation.ts';

// A model that is a script: an HTTP server on loopback which answers in the words of four providers' interfaces with
// the next tool call of the conversation, so that agents run whole, without a model and without a network.

/** Any JSON, as it is looked into here. */
// biome-ignore lint/suspicious/noExplicitAny: four foreign formats are walked through
type Json = any;

export interface Provider {
  /** Without a slash at the end. */
  url: string;
  /** Null until a request offered the server's tools. */
  conversation: () => Conversation | null;
  /** Requests that came, method and path, in order. */
  requests: string[];
  close: () => Promise<void>;
}

const LAST_WORDS = 'The list is collected and exported.';

export async function startProvider(): Promise<Provider> {
  let conversation: Conversation | null = null;
  const requests: string[] = [];

  /** What the model says: a call by the name that the client gave the tool, or undefined for words. */
  function decide(
    names: readonly string[],
    results: readonly string[],
  ): (ToolCall & { name: string }) | undefined {
    const ours = names.filter((name) => /[a-z]_[a-z]/.test(name));
    if (!ours.some((name) => name.endsWith('submit_lookalikes_bulk'))) return undefined;
    conversation ??= new Conversation(
      ours.map((name) => /(?:^|__|_)((?:submit|wait|get|query|export)_[a-z_]+)$/.exec(name)?.[1] ?? name),
    );
    // A request that was repeated is answered as before.
    const call =
      results.length < conversation.calls.length
        ? conversation.calls[results.length]
        : conversation.next(results.at(-1));
    const name = call && ours.find((candidate) => candidate.endsWith(call.tool));
    return call && name ? { ...call, name } : undefined;
  }

  const server = createServer(async (req, res) => {
    const path = new URL(req.url ?? '/', 'http://x').pathname;
    requests.push(`${req.method} ${path}`);
    const body = await readJson(req);
    if (/\/responses$/.test(path)) return responses(body, res, decide);
    if (/\/chat\/completions$/.test(path)) return chat(body, res, decide);
    if (/\/messages$/.test(path)) return messages(body, res, decide);
    if (/:(stream)?generateContent$/i.test(path)) return gemini(body, res, decide, /stream/i.test(path));
    if (/count_?tokens$/i.test(path)) return json(res, { input_tokens: 100, totalTokens: 100 });
    if (/\/models/.test(path))
      return json(res, { object: 'list', data: [{ id: 'scripted', object: 'model' }], models: [] });
    json(res, {});
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    conversation: () => conversation,
    requests,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

type Decide = (
  names: readonly string[],
  results: readonly string[],
) => (ToolCall & { name: string }) | undefined;

async function readJson(req: IncomingMessage): Promise<Json> {
  let text = '';
  for await (const chunk of req) text += chunk;
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}

function json(res: ServerResponse, body: unknown): void {
  res.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

function stream(res: ServerResponse, events: ReadonlyArray<{ event?: string; data: unknown }>): void {
  res.writeHead(200, { 'content-type': 'text/event-stream' });
  for (const { event, data } of events)
    res.write(
      `${event ? `event: ${event}\n` : ''}data: ${typeof data === 'string' ? data : JSON.stringify(data)}\n\n`,
    );
  res.end();
}

/** All text of a value, whatever it is wrapped in. */
function textOf(value: Json): string {
  if (typeof value === 'string') return value;
  return JSON.stringify(value ?? '');
}

/** OpenAI's Responses, as Codex speaks it. Tools can stand in namespaces. */
function responses(body: Json, res: ServerResponse, decide: Decide): void {
  const tools: Array<{ name: string; namespace?: string }> = (body.tools ?? []).flatMap((tool: Json) =>
    Array.isArray(tool.tools)
      ? tool.tools.map((inner: Json) => ({ name: inner.name, namespace: tool.name }))
      : [{ name: tool.name ?? '' }],
  );
  const results = (body.input ?? [])
    .filter((item: Json) => item.type === 'function_call_output')
    .map((item: Json) => textOf(item.output));
  const call = decide(
    tools.map(({ name }) => name),
    results,
  );
  const namespace = tools.find(({ name }) => name === call?.name)?.namespace;
  const item = call
    ? {
        type: 'function_call',
        id: `fc_${results.length}`,
        call_id: `call_${results.length}`,
        name: call.name,
        ...(namespace ? { namespace } : {}),
        arguments: JSON.stringify(call.args),
        status: 'completed',
      }
    : {
        type: 'message',
        id: `msg_${results.length}`,
        role: 'assistant',
        status: 'completed',
        content: [{ type: 'output_text', text: LAST_WORDS, annotations: [] }],
      };
  const usage = {
    input_tokens: 1,
    output_tokens: 1,
    total_tokens: 2,
    input_tokens_details: { cached_tokens: 0 },
    output_tokens_details: { reasoning_tokens: 0 },
  };
  const response = {
    id: `resp_${results.length}`,
    object: 'response',
    status: 'completed',
    model: 'scripted',
    output: [item],
    usage,
  };
  if (body.stream === false) {
    json(res, response);
    return;
  }
  stream(
    res,
    [
      { type: 'response.created', response: { ...response, status: 'in_progress', output: [] } },
      { type: 'response.output_item.added', output_index: 0, item },
      { type: 'response.output_item.done', output_index: 0, item },
      { type: 'response.completed', response },
    ].map((data) => ({ event: data.type, data })),
  );
}

/** OpenAI's chat completions, as opencode and Cline speak them. */
function chat(body: Json, res: ServerResponse, decide: Decide): void {
  const results = (body.messages ?? [])
    .filter((message: Json) => message.role === 'tool')
    .map((message: Json) => textOf(message.content));
  const call = decide(
    (body.tools ?? []).map((tool: Json) => tool.function?.name ?? ''),
    results,
  );
  const toolCalls = call && [
    {
      index: 0,
      id: `call_${results.length}`,
      type: 'function',
      function: { name: call.name, arguments: JSON.stringify(call.args) },
    },
  ];
  const message = toolCalls
    ? { role: 'assistant', content: null, tool_calls: toolCalls }
    : { role: 'assistant', content: LAST_WORDS };
  const finish = toolCalls ? 'tool_calls' : 'stop';
  const usage = { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 };
  const base = { id: `chat_${results.length}`, created: 1, model: 'scripted' };
  if (!body.stream) {
    json(res, {
      ...base,
      object: 'chat.completion',
      choices: [{ index: 0, message, finish_reason: finish }],
      usage,
    });
    return;
  }
  const chunk = (delta: unknown, finish_reason: string | null) => ({
    data: { ...base, object: 'chat.completion.chunk', choices: [{ index: 0, delta, finish_reason }] },
  });
  stream(res, [
    chunk(message, null),
    chunk({}, finish),
    { data: { ...base, object: 'chat.completion.chunk', choices: [], usage } },
    { data: '[DONE]' },
  ]);
}

/** Anthropic's messages, as Claude Code speaks them. */
function messages(body: Json, res: ServerResponse, decide: Decide): void {
  const results = (body.messages ?? [])
    .flatMap((message: Json) => (Array.isArray(message.content) ? message.content : []))
    .filter((block: Json) => block.type === 'tool_result')
    .map((block: Json) => textOf(block.content));
  const call = decide(
    (body.tools ?? []).map((tool: Json) => tool.name ?? ''),
    results,
  );
  const block = call
    ? { type: 'tool_use', id: `toolu_${results.length}`, name: call.name, input: call.args }
    : { type: 'text', text: LAST_WORDS };
  const message = {
    id: `msg_${results.length}`,
    type: 'message',
    role: 'assistant',
    model: body.model ?? 'scripted',
    stop_reason: call ? 'tool_use' : 'end_turn',
    stop_sequence: null,
    usage: { input_tokens: 1, output_tokens: 1 },
  };
  if (!body.stream) {
    json(res, { ...message, content: [block] });
    return;
  }
  const start = call ? { ...block, input: {} } : { type: 'text', text: '' };
  const delta = call
    ? { type: 'input_json_delta', partial_json: JSON.stringify(call.args) }
    : { type: 'text_delta', text: LAST_WORDS };
  stream(
    res,
    [
      { type: 'message_start', message: { ...message, stop_reason: null, content: [] } },
      { type: 'content_block_start', index: 0, content_block: start },
      { type: 'content_block_delta', index: 0, delta },
      { type: 'content_block_stop', index: 0 },
      {
        type: 'message_delta',
        delta: { stop_reason: message.stop_reason, stop_sequence: null },
        usage: { output_tokens: 1 },
      },
      { type: 'message_stop' },
    ].map((data) => ({ event: data.type, data })),
  );
}

/** Google's generateContent, as Gemini CLI speaks it; its model is told to set `wait_for_previous` in every call. */
function gemini(body: Json, res: ServerResponse, decide: Decide, streamed: boolean): void {
  const results = (body.contents ?? [])
    .flatMap((content: Json) => content.parts ?? [])
    .filter((part: Json) => part.functionResponse)
    .map((part: Json) => textOf(part.functionResponse.response));
  const names = (body.tools ?? [])
    .flatMap((tool: Json) => tool.functionDeclarations ?? [])
    .map((declaration: Json) => declaration.name ?? '');
  const call = decide(names, results);
  const part = call
    ? { functionCall: { name: call.name, args: { ...call.args, wait_for_previous: true } } }
    : { text: LAST_WORDS };
  const answer = {
    candidates: [{ index: 0, content: { role: 'model', parts: [part] }, finishReason: 'STOP' }],
    usageMetadata: { promptTokenCount: 1, candidatesTokenCount: 1, totalTokenCount: 2 },
    modelVersion: 'scripted',
  };
  if (!streamed) {
    json(res, answer);
    return;
  }
  stream(res, [{ data: answer }]);
}
