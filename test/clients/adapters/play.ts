import { Conversation } from '../conversation.ts';

/** What an adapter makes of its client. */
export interface Connected {
  /** Names of the server's tools. */
  tools: () => Promise<string[]>;
  /** A call's result, or the error that the client makes of a failed one, as text: all that the client hands on. */
  call: (tool: string, args: Record<string, unknown>) => Promise<string>;
  /** How many resources, where the client has them. */
  resources?: () => Promise<number>;
  /** How many prompts, where the client has them. */
  prompts?: () => Promise<number>;
  /** More to say of the connection, such as the revision that was agreed on. */
  notes?: () => Record<string, string | number>;
  close: () => Promise<void>;
}

/** How the server is started. */
export const SERVER: { command: string; args: string[]; env: Record<string, string> } = JSON.parse(
  process.env.CLIENTS_SERVER ?? '{}',
);

/** Plays the conversation through a client and prints what became of it as one line of JSON. */
export async function play(connect: () => Promise<Connected>): Promise<void> {
  const started = performance.now();
  const client = await connect();
  const steps: Record<string, true | string> = { connect: true };
  const connectMs = Math.round(performance.now() - started);
  try {
    const tools = await client.tools();
    steps.list = tools.includes('submit_lookalikes_bulk') || `tools: ${tools.join(' ')}`;
    const conversation = new Conversation(tools);
    for (let call = conversation.next(undefined); call; ) {
      const result = await client.call(call.tool, call.args).catch((error: unknown) => `${error}`);
      call = conversation.next(result);
    }
    Object.assign(steps, conversation.outcome());
    for (const what of ['resources', 'prompts'] as const) {
      if (!client[what]) continue;
      steps[what] = await client[what]().then(
        (count) => count > 0 || 'none',
        (error: unknown) => `${error}`,
      );
    }
    process.stdout.write(
      `\n${JSON.stringify({ steps, tools: tools.length, connectMs, ...client.notes?.() })}\n`,
    );
  } finally {
    await client.close();
  }
}
