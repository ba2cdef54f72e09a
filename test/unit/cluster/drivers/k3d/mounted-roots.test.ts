import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { mountedRoots } from '../../../../../cluster/drivers/k3d/mounted-roots.ts';
import { realPath } from '../../../../../core/real-path.ts';

/** As realpath(3) on macOS 15 answers. */
const mac = (path: string) =>
  path.replace(/^\/(tmp|var|etc)(?=\/|$)/, '/private/$1').replace(/^\/users\//i, '/Users/');
const dumps = '/Users/ada/.local/share/coppice/dumps';

test("the user's own folder contains the dumps, so nothing else is mounted", () => {
  expect(mountedRoots(['/Users/ada'], dumps, mac)).toEqual(['/Users/ada']);
});

test("with roots elsewhere the dumps are mounted too, and none of coppice's other data", () => {
  expect(mountedRoots(['/Volumes/work'], dumps, mac)).toEqual(['/Volumes/work', dumps]);
});

test("a root is mounted by its real path, like git's paths of the worktrees below it", () => {
  expect(mountedRoots(['/tmp/work', '/users/ada'], dumps, mac)).toEqual(['/private/tmp/work', '/Users/ada']);
  expect(mountedRoots(['/tmp/work', '/private/tmp/work', '/Users'], dumps, mac)).toEqual([
    '/private/tmp/work',
    '/Users',
  ]);
});

let folder: string;
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'coppice-roots-')));
  mkdirSync(join(folder, 'var/home/ada'), { recursive: true });
  symlinkSync('var/home', join(folder, 'home'));
});
afterEach(() => rmSync(folder, { recursive: true }));

test('a symbolic link to the home folder is followed, also for what does not exist yet', () => {
  expect(realPath(join(folder, 'home/ada'))).toBe(join(folder, 'var/home/ada'));
  expect(realPath(join(folder, 'home/ada/.local/share'))).toBe(join(folder, 'var/home/ada/.local/share'));
  expect(realPath('/no-such-folder/at/all')).toBe('/no-such-folder/at/all');
});
