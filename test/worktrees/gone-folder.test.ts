import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { packageRoot } from '../../core/package-root.ts';
import { Home } from './harness.ts';

let home: Home;
let shop: string;
beforeEach(() => {
  home = new Home();
  shop = home.repository();
});
afterEach(() => home.remove());

/** Runs `wt` in a folder that is removed, or is another one by then. */
function inGone(script: string, args: readonly string[]) {
  const gone = join(shop, 'gone');
  mkdirSync(gone);
  const words = [process.execPath, join(packageRoot(), 'bin', 'wt'), ...args];
  return spawnSync('sh', ['-c', `${script}; exec "$0" "$@"`, ...words], {
    cwd: gone,
    env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: undefined, ...home.env, PWD: gone },
    encoding: 'utf8',
  });
}

test.each([[[]], [['list']], [['undo']], [['doctor']]])(
  'wt %j in a folder that was deleted says so, and where to go',
  (args) => {
    const { status, stdout, stderr } = inGone('rmdir ../gone', args);
    expect(stdout).toBe('');
    expect(stderr).toBe(`error: the current folder, ${join(shop, 'gone')}, was deleted\n  try: cd ${shop}\n`);
    expect(status).toBe(1);
  },
);

test('as JSON there too', () => {
  const { status, stdout, stderr } = inGone('rmdir ../gone', ['list', '--json']);
  expect(JSON.parse(stdout)).toMatchObject({ code: 'COPPICE_NO_FOLDER', hint: `cd ${shop}` });
  expect(stderr).toBe('');
  expect(status).toBe(1);
});

test('one that was made again at the same path is entered again', () => {
  const { stderr } = inGone('rmdir ../gone; mkdir ../gone', ['list']);
  expect(stderr).toContain(`try: cd ${join(shop, 'gone')}\n`);
});

test('help needs no folder', () => {
  expect(inGone('rmdir ../gone', ['delete', '--help'])).toMatchObject({ status: 0, stderr: '' });
});
