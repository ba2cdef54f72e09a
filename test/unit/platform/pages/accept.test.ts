import { expect, test } from 'vitest';
import { formatFor } from '../../../../platform/pages/program/accept.ts';

test.each([
  [undefined, 'text'],
  ['*/*', 'text'],
  ['text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8', 'html'],
  ['application/json, text/plain, */*', 'json'],
  ['application/problem+json', 'json'],
  ['text/html;q=0.5, application/json', 'json'],
  ['application/json;q=0, text/html', 'html'],
  ['image/avif,image/webp,*/*', 'text'],
  ['TEXT/HTML', 'html'],
])('a client that accepts %s gets %s', (accept, format) => {
  expect(formatFor(accept)).toBe(format);
});
