import { describe } from 'vitest';
import { figuresOfInvented, figuresOfRecorded } from '../fit-figures.ts';
import { realVerdicts } from '../real-rows.ts';
import { scaled } from '../scale.ts';

// Many more draws of the recorded searches are in test/heavy/fit-figures.test.ts.

describe('of invented lists', figuresOfInvented);
describe.skipIf(!realVerdicts)('of recorded searches that were judged', () => figuresOfRecorded(scaled(60)));
