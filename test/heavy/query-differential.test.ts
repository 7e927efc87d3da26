import { test } from 'vitest';
import { answersAsJavaScript } from '../query-differential.ts';

test(
  '500 questions have the answers that plain JavaScript gives, and change no kept file',
  () => answersAsJavaScript(500),
  240_000,
);
