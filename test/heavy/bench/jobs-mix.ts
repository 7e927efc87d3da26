import type { Random } from '../../../src/lib/clock.ts';

/** A job as upstream would show it, at every moment of its life. */
export interface SimulatedJob {
  /** Milliseconds from submit to end. */
  lengthMs: number;
  limit: number;
  course: 'smooth' | 'bursty';
  /** What a look `ms` after the submit brings. */
  at(ms: number): { status: string; processed: number | null; progress_message: string | null };
}

const SHORTEST_MS = 2_000;
const LONGEST_MS = 30 * 60_000;

/** How the lengths of jobs spread from 2 s to 30 min: alike in each factor of ten, or in each minute. */
export type Spread = 'log-uniform' | 'uniform';

/**
 * A made-up job with the contract's stages: pending, retrieving, qualifying, reranking. Half of the jobs grow
 * smoothly (at a falling, even or rising rate), half in 3 to 14 bursts; every fifth ends below its limit.
 */
export function simulatedJob(random: Random, spread: Spread): SimulatedJob {
  const share =
    spread === 'uniform' ? random() : (LONGEST_MS / SHORTEST_MS) ** random() * (SHORTEST_MS / LONGEST_MS);
  const lengthMs =
    spread === 'uniform' ? SHORTEST_MS + share * (LONGEST_MS - SHORTEST_MS) : share * LONGEST_MS;
  const pendingEnd = lengthMs * 0.05 * random();
  const retrievingEnd = pendingEnd + lengthMs * (0.03 + 0.15 * random());
  const qualifyingEnd = lengthMs * (1 - (0.02 + 0.2 * random()));
  const limit = Math.round(10 * 1_000 ** random());
  const delivered = random() < 0.2 ? Math.round(limit * random()) : limit;
  const course = random() < 0.5 ? 'smooth' : 'bursty';
  const done = course === 'smooth' ? smooth(random) : bursty(random);
  return {
    lengthMs,
    limit,
    course,
    at(ms) {
      const running = (processed: number | null, stage: string) => ({
        status: 'running',
        processed: processed === 0 ? null : processed,
        progress_message: stage,
      });
      if (ms >= lengthMs) {
        return { status: 'completed', processed: delivered, progress_message: 'completed' };
      }
      if (ms < pendingEnd) return { status: 'pending', processed: null, progress_message: null };
      if (ms < retrievingEnd) return running(null, 'retrieving_companies');
      if (ms >= qualifyingEnd) return running(delivered, 'reranking_companies');
      const part = (ms - retrievingEnd) / (qualifyingEnd - retrievingEnd);
      return running(Math.floor(done(part) * delivered), 'qualifying_companies');
    },
  };
}

function smooth(random: Random): (part: number) => number {
  const bend = 0.7 + 0.8 * random();
  return (part) => part ** bend;
}

function bursty(random: Random): (part: number) => number {
  const bursts = 3 + Math.floor(random() * 12);
  const times = Array.from({ length: bursts }, random);
  return (part) => times.filter((time) => time <= part).length / bursts;
}
