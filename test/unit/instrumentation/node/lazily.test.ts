import { expect, test } from 'vitest';
import { packageOf } from '../../../../instrumentation/node/lazily.ts';

test.each([
  ['pg', 'pg'],
  ['mysql2/promise', 'mysql2'],
  ['@redis/client', '@redis/client'],
  ['@nestjs/core/router', '@nestjs/core'],
  ['/app/node_modules/pg/lib/index.js', 'pg'],
  ['/app/node_modules/.pnpm/pg@8.1.0/node_modules/pg/lib/index.js', 'pg'],
  ['/app/node_modules/@nestjs/core/index.js', '@nestjs/core'],
  ['./client', undefined],
  ['/app/pg/index.js', undefined],
])('%s belongs to %s', (request, name) => {
  expect(packageOf(request)).toBe(name);
});
