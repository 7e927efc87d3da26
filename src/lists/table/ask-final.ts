import { OpenFunnelError } from '../../openfunnel/errors.ts';
import type { Answer, Statement } from '../../sql/messages.ts';
import { QueryError } from '../../sql/thread.ts';
import type { CollectedLists } from '../collected.ts';
import { finalList } from '../marking.ts';

/** Asks the companies of one final job. @throws {OpenFunnelError} also where a statement of ours has no answer. */
export async function askFinal(
  lists: CollectedLists,
  jobId: string,
  statement: Statement,
  call: { signal: AbortSignal },
): Promise<Answer> {
  const list = await finalList(lists, jobId, call);
  const [answer] = await inWords(lists.ask([list], [statement], { signal: call.signal }));
  return answer ?? { columns: [], rows: [], rowCount: 0 };
}

/** What `work` answers; a statement of ours that has no answer is no fault of the caller's. @throws {OpenFunnelError} */
export async function inWords<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof QueryError)) throw error;
    throw new OpenFunnelError(
      'timeout',
      `The companies could not be looked through (${error.failure.kind}). Try again; a narrower selection may help.`,
      { retryable: true, cause: error },
    );
  }
}
