import { test } from 'vitest';
import { answersAsJavaScript } from '../query-differential.ts';
import { scaled } from '../scale.ts';

// Many more are in test/heavy/query-differential.test.ts.

test(
  'questions have the answers that plain JavaScript gives over the same rows, and change no kept file',
  () => answersAsJavaScript(scaled(50)),
  240_000 * scaled(1),
);
