/**
 * The rule this product exists for: completion is read from `status`, never from `next_cursor`
 * (contract, "status and one page"). A status that we don't know is no end.
 */
export function isTerminal(status: string): boolean {
  return status === 'completed' || status === 'failed' || status === 'cancelled';
}

/** Whether the rows that can be read are all there will ever be, unchanged. */
export function isFinal(status: string): boolean {
  return status === 'completed' || status === 'cancelled';
}
