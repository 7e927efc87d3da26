import { describe, expect, test } from 'vitest';
import { findJobId } from '../../src/openfunnel/job-id.ts';

describe('the id in an answer', () => {
  const UUID = 'd8a1bddb-44f1-4c7f-87a7-f37496354ff6';
  test.each([
    [`{"job_id":"${UUID}"}`, UUID],
    [`\ufeff{"job_id":" ${UUID} "}`, UUID],
    [`{"JobId":7715}`, '7715'],
    [`{"result":{"job":{"id":"${UUID}","status":"pending"}}}`, UUID],
    [`[{"job_id":"a1"}]`, 'a1'],
    [`{"id":"request-1","job_id":"a1"}`, 'a1'],
    [`"${UUID}"`, UUID],
    [`Accepted: ${UUID}`, UUID],
    [`{"job_id":"a1","message":`, 'a1'],
    [`event: x\ndata: {"job_id":"a1"}`, 'a1'],
    [`[{"id":"a1"},{"id":"a2"}]`, null],
    ['{"status":"pending"}', null],
    [`{"error":"no","request_id":"${UUID}"}`, null],
    ['{"job_id":"../x"}', null],
    [`{"job_id":"${UUID.slice(0, 20)}`, null],
    ['', null],
  ])('%s', (answer, id) => {
    expect(findJobId(answer, true)).toBe(id);
  });

  test('is not guessed where the answer may be about something else', () => {
    expect(findJobId(`{"id":"${UUID}"}`, false)).toBeNull();
    expect(findJobId(`<html>request ${UUID}</html>`, false)).toBeNull();
    expect(findJobId(`{"error":{"job_id":"a1"}}`, false)).toBe('a1');
  });
});
