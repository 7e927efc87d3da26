/** How much more than in CI is tried: `TEST_SCALE=20 npm test` kills, invents and repeats twenty times as much. */
const SCALE = Number(process.env.TEST_SCALE ?? '1');
if (!(SCALE > 0)) throw new Error('TEST_SCALE must be a number above 0');

/** `count` cases, small in CI and larger on demand; at least one. */
export function scaled(count: number): number {
  return Math.max(1, Math.round(count * SCALE));
}
