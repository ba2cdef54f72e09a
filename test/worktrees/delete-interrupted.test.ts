import { existsSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { moveRegistration, moveTree } from '../../app/worktrees/delete/move-aside.ts';
import { condemn, planDeletion } from '../../app/worktrees/delete/plan.ts';
import { risksOf } from '../../app/worktrees/delete/risks.ts';
import { subjectOf } from '../../app/worktrees/delete/subject.ts';
import { repositoryAt } from '../../app/worktrees/repository.ts';
import { type DeletedWorktree, writeRecord } from '../../app/worktrees/trash/record.ts';
import { deleteReferences, writeReferences } from '../../git/references.ts';
import { Home } from './harness.ts';

let home: Home;
let shop: string;
let feat: string;
beforeEach(() => {
  home = new Home();
  shop = home.repository();
  feat = join(home.folder, 'shop.feat');
  home.git(shop, 'worktree', 'add', '-q', '-b', 'feat', feat);
});
afterEach(() => home.remove());

type Step = (record: DeletedWorktree, common: string) => unknown;

/** What a deletion does, in its order; a kill can come after each. */
const steps: readonly (readonly [name: string, step: Step])[] = [
  ['the record was written', (record, common) => writeRecord(common, record)],
  ['references keep its commits', ({ keep }, common) => writeReferences(common, keep)],
  ['its folder was moved', moveTree],
  [
    "git's own folder was moved, and the .git file not yet",
    ({ id }, common) =>
      renameSync(
        join(common, 'worktrees', 'shop.feat'),
        join(common, 'coppice', 'trash', id, 'registration'),
      ),
  ],
  ['all was moved', moveRegistration],
  [
    'the branch was deleted',
    ({ tip = '' }, common) => deleteReferences(common, [{ ref: 'refs/heads/feat', sha: tip }]),
  ],
];

/** Does the first steps as `wt delete` does them, and goes no further. */
async function interrupt(count: number): Promise<void> {
  const repository = await repositoryAt(shop);
  const subject = await subjectOf('feat', repository, shop);
  if (subject.kind !== 'worktree') throw new Error(`feat is a ${subject.kind}`);
  const condemned = await condemn(subject, repository, {
    keepBranch: false,
    purge: false,
    together: [],
    usual: () => Promise.resolve({ name: 'main', references: new Map() }),
  });
  const record = await planDeletion(condemned, await risksOf(condemned), { endWorkflows: false });
  for (const [, step] of steps.slice(0, count)) await step(record, repository.common);
}

const state = () => ({
  folder: existsSync(feat),
  worktrees: home.git(shop, 'worktree', 'list').split('\n').length,
  branch: home.git(shop, 'branch', '--list', 'feat') !== '',
});

for (const [at, [name]] of steps.entries()) {
  test(`killed when ${name}: the same command ends it, and an undo brings it back`, async () => {
    home.write(feat, { 'new.txt': 'new' });
    await interrupt(at + 1);
    const again = await home.wt(shop, ['delete', 'feat', '--discard-changes']);
    expect(again, again.stdout + again.stderr).toMatchObject({ code: 0 });
    expect(state()).toEqual({ folder: false, worktrees: 1, branch: false });
    const undone = await home.wt(shop, ['undo']);
    expect(undone, undone.stderr).toMatchObject({ code: 0 });
    expect(state()).toEqual({ folder: true, worktrees: 2, branch: true });
    expect(home.git(feat, 'status', '--porcelain')).toBe('?? new.txt');
  });
}

test('an undo of a killed deletion brings back what was moved', async () => {
  home.write(feat, { 'new.txt': 'new' });
  await interrupt(4);
  expect(await home.wt(shop, ['undo'])).toMatchObject({ code: 0 });
  expect(home.git(feat, 'status', '--porcelain')).toBe('?? new.txt');
  expect(home.git(shop, 'for-each-ref', 'refs/coppice')).toBe('');
});

test('what is committed between the check and the deletion of the branch stays', async () => {
  await interrupt(5);
  const newer = home.git(shop, 'commit-tree', '-p', 'feat', '-m', 'Newer', 'feat^{tree}');
  home.git(shop, 'update-ref', 'refs/heads/feat', newer);
  const result = await home.wt(shop, ['delete', 'feat', '--json']);
  expect(JSON.parse(result.stdout)).toMatchObject({ deletions: [{ branchOutcome: 'kept_raced' }] });
  expect(home.git(shop, 'rev-parse', 'feat')).toBe(newer);
});

test('two deletions of one worktree at once both end well', async () => {
  const both = await Promise.all([home.wt(shop, ['delete', 'feat']), home.wt(shop, ['delete', 'feat'])]);
  expect(both.map(({ code }) => code)).toEqual([0, 0]);
  expect(state()).toEqual({ folder: false, worktrees: 1, branch: false });
});

test('killed while its hook runs, nothing was touched', async () => {
  const hook =
    'version: 1\nname: shop\nservices:\n  web: { runtime: node, command: node a.js, port: 3000 }\nhooks:\n  deleted: touch "$HOME/began" && sleep 600\n';
  home.commit(feat, { 'coppice.yaml': hook }, 'Hook');
  const running = home.startWt(shop, ['delete', 'feat', '--yes', '--discard-commits']);
  const { until } = await import('../../core/until.ts');
  await until(() => existsSync(join(home.folder, 'began')), { every: 20, within: 60_000 });
  running.kill('SIGKILL');
  await running.ended;
  expect(state()).toEqual({ folder: true, worktrees: 2, branch: true });
  const again = await home.wt(shop, [
    'delete',
    'feat',
    '--skip-hooks',
    '--discard-commits',
    '--end-processes',
  ]);
  expect(again, again.stdout + again.stderr).toMatchObject({ code: 0 });
  expect(state()).toEqual({ folder: false, worktrees: 1, branch: false });
});
