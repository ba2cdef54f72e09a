import { expect, test } from 'vitest';
import { isLocked } from '../../../../../app/worktrees/create/locked.ts';
import { pullRequestOf } from '../../../../../app/worktrees/create/pull-request.ts';

test.each([
  ['pr:12', 12],
  ['PR:#12', 12],
  ['mr:7', 7],
  ['https://github.com/a/b/pull/12', 12],
  ['https://github.com/a/b/pull/12/files?x#y', 12],
  ['https://codeberg.org/a/b/pulls/3', 3],
  ['https://gitlab.com/g/s/b/-/merge_requests/5', 5],
])('%s is number %d', (name, number) => {
  expect(pullRequestOf(name)?.number).toBe(number);
});

test.each(['feat/pr', 'pr-12', 'pr:x', 'https://github.com/a/b'])('%s is none', (name) => {
  expect(pullRequestOf(name)).toBeUndefined();
});

const places = (name: string, remotes: Record<string, string>) =>
  pullRequestOf(name)
    ?.places(new Map(Object.entries(remotes)))
    .map(({ remote, theirs }) => `${remote} ${theirs}`);

test('the host of a remote decides what is tried first, and a fork asks what it was forked from', () => {
  expect(places('pr:1', { origin: 'git@github.com:me/b', upstream: 'https://github.com/a/b' })).toEqual([
    'upstream refs/pull/1/head',
    'upstream refs/merge-requests/1/head',
    'origin refs/pull/1/head',
    'origin refs/merge-requests/1/head',
  ]);
  expect(places('pr:1', { origin: 'git@gitlab.com:a/b' })?.[0]).toBe('origin refs/merge-requests/1/head');
  expect(places('mr:1', { origin: 'git@git.example.com:a/b' })?.[0]).toBe(
    'origin refs/merge-requests/1/head',
  );
});

test.each([
  ['error: could not lock config file .git/config: File exists', true],
  ["fatal: Unable to create '/w/.git/packed-refs.lock': File exists.", true],
  ["fatal: cannot lock ref 'refs/heads/x': Unable to create '/w/x.lock': File exists.", true],
  ["fatal: could not create directory of '.git/worktrees/x': File exists", true],
  ['fatal: failed to read .git/worktrees/x/commondir: Success', true],
  ["fatal: cannot lock ref 'refs/heads/f/x': 'refs/heads/f' exists; cannot create 'refs/heads/f/x'", false],
  ["fatal: '/w/x' already exists", false],
])('whether another try can help after %s', (stderr, helps) => {
  expect(isLocked({ stderr })).toBe(helps);
});
