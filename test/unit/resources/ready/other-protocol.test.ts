import { expect, test } from 'vitest';
import { problemOf } from '../../../../resources/ready/other-protocol.ts';

test('a service that speaks something else is told the key', () => {
  expect(problemOf('cache', 'other', false)?.hint).toContain('protocol: tcp');
  expect(problemOf('rpc', 'http2', false)?.hint).toContain('protocol: h2c');
});

test('a silent service may still be busy, but not forever', () => {
  expect(problemOf('web', 'silent', false)).toBeUndefined();
  expect(problemOf('web', 'silent', true)?.hint).toContain('protocol: tcp');
});

test('a service of HTTP has another problem', () => {
  expect(problemOf('web', 'http', true)).toBeUndefined();
});
