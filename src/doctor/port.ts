import { createServer } from 'node:net';
import type { Finding } from './finding.ts';

/** Whether the sandbox could be served on a port of this machine. Listens on it for a moment. */
export async function portFinding(port: number): Promise<Finding> {
  const check = 'port';
  const server = createServer();
  const refusal = await new Promise<string | null>((resolve) => {
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'unknown'));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(null)));
  });
  if (refusal === null)
    return { check, verdict: 'ok', says: `Port ${port} is free.`, facts: { free: true, refusal } };
  const why =
    refusal === 'EADDRINUSE'
      ? 'is in use by another program'
      : refusal === 'EACCES'
        ? 'may not be used by this user'
        : `can't be used (${refusal})`;
  return {
    check,
    verdict: 'problem',
    says: `Port ${port} ${why}, so the sandbox can't be served on it.`,
    advice: 'Choose another: --serve-sandbox PORT (0 takes any free one).',
    facts: { free: false, refusal },
  };
}
