import { readdirSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Home } from './harness.ts';

let home: Home;
beforeEach(() => {
  home = new Home();
});
afterEach(() => home.remove());

test('help in a repository without a spec writes nothing into the home', async () => {
  const top = home.repository();
  const before = readdirSync(home.folder);
  expect((await home.wt(top, ['--help'])).code).toBe(0);
  expect(readdirSync(home.folder)).toEqual(before);
});
