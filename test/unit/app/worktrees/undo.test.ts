import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { deletedNow } from '../../../../app/worktrees/trash/age.ts';
import { type DeletedWorktree, writeRecord } from '../../../../app/worktrees/trash/record.ts';
import { undoDeletion } from '../../../../app/worktrees/undo/undo.ts';
import { makeRepository, type TestRepository } from '../../git/repository.ts';
import { testPorts } from '../ports.ts';

const asked = vi.hoisted(() => ({ names: [] as (string | undefined)[] }));
vi.mock('../../../../app/databases/undo.ts', () => ({
  undo: async (_: unknown, { name }: { readonly name: string | undefined }) => asked.names.push(name),
}));

let repository: TestRepository;
beforeEach(() => {
  repository = makeRepository();
  repository.commit('a');
});
afterEach(() => repository.remove());

test('of two deletions of one branch each brings back the database that it kept', async () => {
  const record = (id: string): DeletedWorktree => ({
    version: 1,
    id,
    name: 'feat',
    branch: 'feat',
    tip: repository.git('rev-parse', 'HEAD'),
    deletedAt: deletedNow(),
    keepBranch: false,
    endWorkflows: false,
    environments: [
      { app: 'shop', slug: 'feat', state: 'removed', database: { name: 'shop__feat', snapshot: `of-${id}` } },
    ],
    branchConfig: [],
    keep: [],
    branchOutcome: 'deleted',
    done: true,
  });
  const common = `${repository.top}/.git`;
  for (const id of ['feat-1', 'feat-2']) await writeRecord(common, record(id));
  const options = { name: 'feat-1', branch: undefined, path: undefined };
  const undone = await undoDeletion(options, testPorts({ cwd: repository.top }));
  expect(undone.databases).toEqual([{ app: 'shop', slug: 'feat', state: 'back' }]);
  expect(asked.names).toEqual(['of-feat-1']);
});
