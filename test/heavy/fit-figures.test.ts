import { describe } from 'vitest';
import { figuresOfRecorded } from '../fit-figures.ts';
import { realVerdicts } from '../real-rows.ts';

describe.skipIf(!realVerdicts)('of recorded searches that were judged', () => figuresOfRecorded(400));
