import { describe } from 'vitest';
import { figuresOfInvented } from '../fit-figures.ts';

// The recorded searches, with many draws, are in test/heavy/fit-figures.test.ts.

describe('of invented lists', figuresOfInvented);
