import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Home } from './harness.ts';

let home: Home;
let hub: string;
let shop: string;
beforeEach(() => {
  home = new Home();
  hub = home.repository('hub');
  home.git(home.folder, 'clone', '-q', hub, 'shop');
  shop = join(home.folder, 'shop');
});
afterEach(() => home.remove());

async function create(folder: string, ...args: string[]) {
  const result = await home.wt(folder, ['create', '--json', ...args]);
  expect(result.stdout, result.stderr).not.toBe('');
  return { exit: result.code, ...JSON.parse(result.stdout) };
}
/** Commits on another branch of the hub, and returns the full sha. */
function push(branch: string, file: string, from = 'main'): string {
  home.git(hub, 'checkout', '-q', '-B', branch, from);
  const commit = home.commit(hub, { [file]: file }, file);
  home.git(hub, 'checkout', '-q', 'main');
  return commit;
}
const tip = (folder: string, revision = 'HEAD') => home.git(folder, 'rev-parse', revision);

test('of a branch that only a remote has, nothing else is fetched, and it is followed', async () => {
  const commit = push('feat/theirs', 'a');
  push('other', 'b');
  home.git(hub, 'tag', 'v9', 'feat/theirs');
  const made = await create(shop, 'feat/theirs');
  expect(made).toMatchObject({ created: true, base: { name: 'origin/feat/theirs', commit } });
  expect(tip(made.path)).toBe(commit);
  expect(home.git(made.path, 'rev-parse', '--abbrev-ref', '@{upstream}')).toBe('origin/feat/theirs');
  const refs = home.git(shop, 'for-each-ref', '--format=%(refname)').split('\n');
  expect(refs).not.toContain('refs/remotes/origin/other');
  expect(refs).not.toContain('refs/tags/v9');
});

test('origin/x is the branch x, and one that the remote lacks is an error', async () => {
  const commit = push('x', 'a');
  const made = await create(shop, 'origin/x');
  expect(made).toMatchObject({ branch: 'x', path: join(home.folder, 'shop.x') });
  expect(tip(made.path)).toBe(commit);
  expect(await create(shop, 'origin/x')).toMatchObject({ exit: 0, created: false });
  expect(await create(shop, 'origin/none')).toMatchObject({ exit: 2, code: 'COPPICE_NO_REF' });
  expect(await create(shop, 'origin/x', '--from', 'main')).toMatchObject({ exit: 2 });
});

test('a branch of several remotes has to be named with its remote, unless git has a usual one', async () => {
  push('both', 'a');
  home.git(home.folder, 'clone', '-q', '--bare', hub, 'fork.git');
  home.git(shop, 'remote', 'add', 'fork', join(home.folder, 'fork.git'));
  const refused = await create(shop, 'both');
  expect(refused).toMatchObject({ exit: 2, code: 'COPPICE_AMBIGUOUS' });
  expect(refused.message).toContain('origin/both and fork/both');
  home.git(shop, 'config', 'checkout.defaultRemote', 'fork');
  expect(await create(shop, 'both')).toMatchObject({ created: true, base: { name: 'fork/both' } });
});

test('a clone of one branch, without tracking of others, follows the branch all the same', async () => {
  push('feat', 'a');
  home.git(home.folder, 'clone', '-q', '--single-branch', `file://${hub}`, 'single');
  const made = await create(join(home.folder, 'single'), 'feat');
  expect(made).toMatchObject({ created: true, base: { name: 'origin/feat' } });
  expect(home.git(made.path, 'config', 'branch.feat.merge')).toBe('refs/heads/feat');
});

test('a new branch begins at the upstream where that is ahead, and at the local branch where that is', async () => {
  const theirs = home.commit(hub, { a: 'a' }, 'Theirs');
  home.git(shop, 'fetch', '-q');
  expect(await create(shop, 'one')).toMatchObject({ base: { name: 'origin/main', commit: theirs } });
  home.git(shop, 'merge', '-q', '--ff-only', 'origin/main');
  const ours = home.commit(shop, { b: 'b' }, 'Ours');
  expect(await create(shop, 'two')).toMatchObject({ base: { name: 'main', commit: ours } });
  home.commit(hub, { c: 'c' }, 'Theirs again');
  home.git(shop, 'fetch', '-q');
  expect(await create(shop, 'three')).toMatchObject({ base: { name: 'main', commit: ours } });
});

test('a remote that does not answer is a note where the branch can be new, and an error where it is named', async () => {
  home.git(shop, 'remote', 'set-url', 'origin', join(home.folder, 'nowhere'));
  const made = await create(shop, 'feat');
  expect(made).toMatchObject({ exit: 0, created: true });
  expect(made.notes.join()).toContain('origin could not be asked');
  expect(await create(shop, 'origin/other')).toMatchObject({ exit: 1, code: 'COPPICE_FETCH' });
  // What was fetched last is what there is.
  expect(await create(shop, 'origin/main')).toMatchObject({ exit: 0, created: false, path: shop });
});

test('a pull request has a branch of its own, which moves on only where nothing is lost', async () => {
  const first = push('theirs', 'a');
  home.git(hub, 'update-ref', 'refs/pull/12/head', 'theirs');
  home.git(hub, 'branch', '-qD', 'theirs');
  const made = await create(shop, 'pr:12');
  expect(made).toMatchObject({ branch: 'pr-12', created: true, path: join(home.folder, 'shop.pr-12') });
  expect(tip(made.path)).toBe(first);
  expect(home.git(shop, 'config', 'branch.pr-12.merge')).toBe('refs/pull/12/head');
  expect(home.git(shop, 'remote')).toBe('origin');
  expect(home.git(shop, 'for-each-ref', 'refs/coppice')).toBe('');

  const second = push('theirs', 'b', first);
  home.git(hub, 'update-ref', 'refs/pull/12/head', second);
  const again = await create(shop, 'pr:12');
  expect(again).toMatchObject({ created: false, path: made.path });
  expect(again.notes.join()).toContain('moved on');
  expect(tip(made.path)).toBe(second);
  expect(home.git(made.path, 'status', '--porcelain')).toBe('');

  const own = home.commit(made.path, { mine: 'mine' }, 'Mine');
  home.git(hub, 'update-ref', 'refs/pull/12/head', push('theirs', 'c', second));
  expect((await create(shop, 'pr:12')).notes.join()).toContain('left as it is');
  expect(tip(made.path)).toBe(own);
});

test('a merge request is found where only those are, and a number that is none says so', async () => {
  const commit = push('theirs', 'a');
  home.git(hub, 'update-ref', 'refs/merge-requests/7/head', 'theirs');
  const made = await create(shop, 'pr:7');
  expect(made).toMatchObject({ branch: 'pr-7', created: true });
  expect(tip(made.path)).toBe(commit);
  expect(await create(shop, 'mr:8')).toMatchObject({ exit: 2, code: 'COPPICE_NO_REF' });
  home.git(shop, 'remote', 'remove', 'origin');
  expect((await create(shop, 'pr:9')).message).toContain('no remote');
});
