import { expect, test } from 'vitest';
import { isTool } from '../../../../instrumentation/node/tools.ts';

test.each([
  '/usr/lib/node_modules/npm/bin/npm-cli.js',
  '/usr/local/lib/node_modules/npm/bin/npx-cli.js',
  '/usr/lib/node_modules/corepack/dist/pnpm.js',
  '/tmp/.cache/node/corepack/v1/pnpm/9.1.0/bin/pnpm.cjs',
  '/app/.yarn/releases/yarn-4.9.1.cjs',
  '/app/node_modules/nodemon/bin/nodemon.js',
  '/app/node_modules/tsx/dist/cli.mjs',
  '/app/node_modules/.pnpm/concurrently@9.1.0/node_modules/concurrently/dist/bin/concurrently.js',
  '/app/node_modules/@biomejs/biome/bin/biome',
])('%s only starts others', (program) => {
  expect(isTool(program)).toBe(true);
});

test.each([
  '/app/server.js',
  '/app/npm/server.js',
  '/app/yarn.js.map',
  '/app/node_modules/next/dist/bin/next',
  '/app/node_modules/tsx-server/main.js',
  '/app/node_modules/@acme/npm/main.js',
  '/app/packages/node_modules/api/main.js',
])('%s is an app', (program) => {
  expect(isTool(program)).toBe(false);
});
