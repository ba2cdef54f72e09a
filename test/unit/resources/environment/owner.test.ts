import { describe, expect, test } from 'vitest';
import { Annotation, Label } from '../../../../core/labels.ts';
import { claimedError } from '../../../../resources/environment/claim.ts';
import { environment } from '../../../../resources/environment/handler.ts';
import { ownershipOf } from '../../../../resources/environment/owner.ts';

const wanted = { repository: '/src/shop/.git', branch: 'feat/a' };

function namespace(labels: Record<string, string>, annotations: Record<string, string> = {}) {
  return { metadata: { name: 'wt-shop--feat-a', labels, annotations } };
}
const ours = { [Label.managedBy]: 'coppice', [Label.environmentId]: '0a1b2c3d' };

describe('an existing namespace', () => {
  test('is ours when repository and branch match, wherever the worktree is now', () => {
    const annotations = {
      [Annotation.repository]: '/src/shop/.git',
      [Annotation.branch]: 'feat/a',
      [Annotation.worktree]: '/moved',
    };
    expect(ownershipOf(namespace(ours, annotations), wanted)).toEqual({
      kind: 'ours',
      environmentId: '0a1b2c3d',
    });
  });

  test.each([
    ['another branch', { [Annotation.repository]: '/src/shop/.git', [Annotation.branch]: 'feat-a' }],
    ['another repository', { [Annotation.repository]: '/src/other/.git', [Annotation.branch]: 'feat/a' }],
  ])('is not ours when it names %s', (_what, annotations) => {
    expect(ownershipOf(namespace(ours, annotations), wanted).kind).toBe('another');
  });

  test('is foreign without our label, whatever it names', () => {
    const annotations = { [Annotation.repository]: '/src/shop/.git', [Annotation.branch]: 'feat/a' };
    expect(ownershipOf(namespace({}, annotations), wanted)).toEqual({ kind: 'foreign' });
  });
});

test('a claimedError names both branches, and both repositories where they differ', () => {
  expect(claimedError('feat-a', { ...wanted, branch: 'feat-a' }, wanted).message).toBe(
    'the environment feat-a belongs to branch feat-a, so branch feat/a cannot have it',
  );
  expect(claimedError('feat-a', { ...wanted, repository: '/src/b/.git' }, wanted).message).toContain(
    'belongs to branch feat/a of /src/b/.git, so branch feat/a of /src/shop/.git',
  );
});

describe('the state of an environment', () => {
  const inputs = {
    kubeconfig: '/k',
    context: 'coppice',
    cluster: 'uid',
    app: 'shop',
    slug: 'feat-a',
    ...wanted,
    worktree: '/src/a',
    commit: 'c',
  };
  const state = { ...inputs, environmentId: '0a1b2c3d', namespace: 'wt-shop--feat-a' };
  const context = { signal: new AbortController().signal };

  test('is refused for another branch with the same slug', () => {
    expect(environment.check?.({ ...inputs, branch: 'feat-a' }, inputs)).toHaveLength(1);
    expect(environment.check?.({ ...inputs, commit: 'd' }, inputs)).toEqual([]);
  });

  test('is replaced for another cluster, and only updated for another commit or a moved worktree', async () => {
    expect(await environment.diff(state, inputs, context)).toEqual({ changes: false, replaces: [] });
    expect(await environment.diff(state, { ...inputs, cluster: 'other' }, context)).toMatchObject({
      replaces: ['cluster'],
    });
    expect(await environment.diff(state, { ...inputs, commit: 'd', worktree: '/moved' }, context)).toEqual({
      changes: true,
      replaces: [],
    });
  });
});
