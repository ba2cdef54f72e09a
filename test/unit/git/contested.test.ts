import { rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { requireUncontested } from '../../../git/contested.ts';
import { identify } from '../../../git/identity.ts';
import { recordOrigin } from '../../../git/origin.ts';
import { makeRepository, type TestRepository } from './repository.ts';

let repository: TestRepository;
let path: (name: string) => string;
beforeEach(() => {
  repository = makeRepository();
  path = (name) => join(repository.folder, name);
  repository.commit('a');
  vi.stubEnv('XDG_DATA_HOME', path('data'));
});
afterEach(() => {
  vi.unstubAllEnvs();
  repository.remove();
});

/** Whether the worktree in `second` may have the environment that the one in `first` brought up. */
async function contest(first: string, second: string): Promise<void> {
  const { repository, branch, worktree } = await identify(first);
  const identity = await identify(second);
  return requireUncontested({ app: 'shop', slug: 'x', identity }, { repository, branch, worktree });
}
const refused = (first: string, second: string) => ({
  code: 'COPPICE_CLAIMED',
  message: expect.stringMatching(new RegExp(`${first}.* and this is ${second}$`)),
  hint: expect.stringContaining('wt up --as NAME'),
});

test('a branch that is checked out twice keeps its environment in the first worktree', async () => {
  repository.git('worktree', 'add', '-q', path('b'), '-b', 'b');
  repository.git('worktree', 'add', '-q', '--force', path('again'), 'b');
  await expect(contest(path('b'), path('again'))).rejects.toMatchObject(refused(path('b'), path('again')));
});

test('a branch that is called like a detached worktree does not get its environment', async () => {
  repository.git('worktree', 'add', '-q', '--detach', path('loose'));
  repository.git('switch', '-q', '-c', 'loose');
  await expect(contest(path('loose'), repository.top)).rejects.toMatchObject(
    refused(path('loose'), repository.top),
  );
  await expect(contest(repository.top, path('loose'))).rejects.toMatchObject(
    refused(repository.top, path('loose')),
  );
});

test('a detached main worktree and a linked one whose folders have one name do not share', async () => {
  repository.git('switch', '-q', '--detach');
  repository.git('worktree', 'add', '-q', '--detach', path('slot/shop'));
  await expect(contest(repository.top, path('slot/shop'))).rejects.toMatchObject(
    refused(repository.top, path('slot/shop')),
  );
});

test('a new detached worktree does not get what a removed one of its name left', async () => {
  repository.git('worktree', 'add', '-q', '--detach', path('1/pool'));
  const first = await identify(path('1/pool'));
  repository.git('worktree', 'remove', path('1/pool'));
  repository.git('worktree', 'add', '-q', '--detach', path('2/pool'));
  const identity = await identify(path('2/pool'));
  expect(identity.branch).toBe(first.branch);
  await expect(requireUncontested({ app: 'shop', slug: 'pool', identity }, first)).rejects.toMatchObject({
    message: expect.stringContaining(`${path('1/pool')}, which is gone`),
  });
});

test.each([
  ['that took its branch over', () => {}],
  ['that has it during a rebase', () => repository.gitIn(path('b'), 'bisect', 'start')],
])('a branch takes its environment along to another worktree %s', async (_what, after) => {
  repository.git('worktree', 'add', '-q', path('a'), '-b', 'feat');
  const first = await identify(path('a'));
  repository.gitIn(path('a'), 'switch', '-q', '-c', 'other');
  repository.git('worktree', 'add', '-q', path('b'), 'feat');
  after();
  const identity = await identify(path('b'));
  expect(identity.branch).toBe('feat');
  await requireUncontested({ app: 'shop', slug: 'feat', identity }, first);
});

test('a branch whose worktree is gone keeps its environment elsewhere', async () => {
  repository.git('worktree', 'add', '-q', path('a'), '-b', 'feat');
  const first = await identify(path('a'));
  rmSync(path('a'), { recursive: true });
  repository.git('worktree', 'prune');
  repository.git('worktree', 'add', '-q', path('b'), 'feat');
  await requireUncontested({ app: 'shop', slug: 'feat', identity: await identify(path('b')) }, first);
});

test('a detached worktree that was moved keeps its environment', async () => {
  repository.git('worktree', 'add', '-q', '--detach', path('1/pool'));
  const first = await identify(path('1/pool'));
  await recordOrigin({ app: 'shop', slug: 'pool' }, first);
  repository.git('worktree', 'move', path('1/pool'), path('moved'));
  const identity = await identify(path('moved'));
  expect(identity.branch).toBe(first.branch);
  await requireUncontested({ app: 'shop', slug: 'pool', identity }, first);
});

test('a worktree that a symbolic link leads to is the same one', async () => {
  repository.git('worktree', 'add', '-q', path('b'), '-b', 'b');
  const first = await identify(path('b'));
  symlinkSync(path('b'), path('link'));
  const identity = { ...first, worktree: path('link') };
  await requireUncontested({ app: 'shop', slug: 'b', identity }, first);
});
