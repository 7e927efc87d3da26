import * as z from 'zod';
import { success } from '../results/result.ts';
import { defineTool } from './define-tool.ts';

export const getCreditBalance = defineTool({
  name: 'get_credit_balance',
  title: 'Get the credit balance',
  description:
    'Tells how many credits the account has, has used and has left. Before a large submit, or after a job. A running job is billed only when it ends. Free.',
  annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: true },
  input: z.strictObject({}),
  output: z.object({ total_credits: z.number(), credits_used: z.number(), credits_left: z.number() }),
  async handle(_, { money }, call) {
    const { total_credits, credits_used, credits_left } = await money.balance(call);
    return success(
      { total_credits, credits_used, credits_left },
      `Credits: ${credits_left} left, ${credits_used} used, of ${total_credits}.`,
    );
  },
});
