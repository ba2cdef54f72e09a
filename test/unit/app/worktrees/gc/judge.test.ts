import { expect, test } from 'vitest';
import { judgeClock, type LastRun } from '../../../../../app/worktrees/gc/clock.ts';
import type { EnvironmentFacts, WorktreeFacts } from '../../../../../app/worktrees/gc/facts.ts';
import { judge } from '../../../../../app/worktrees/gc/judge.ts';

const now = Date.UTC(2026, 10, 30, 12);
const hour = 3_600_000;
const day = 24 * hour;
const clock = judgeClock({ now: { at: now, uptime: day }, signs: [now] });
const limits = { clock, minimumAge: day };

const idle: WorktreeFacts = {
  path: '/r/shop.feat',
  name: 'feat',
  branch: 'feat',
  roles: [],
  folder: { value: 'there' },
  inner: [],
  touches: { value: [{ by: 'commit', at: now - 9 * day - hour }] },
  uncommitted: { value: 0 },
  unpushed: { value: 0 },
  leftBehind: { value: 0 },
  unpushedInSubmodules: { value: 0 },
  merged: { value: undefined },
  worked: { value: true },
  underway: { value: undefined },
  upstreamGone: false,
  processes: { value: [] },
  lifetime: { value: { deleteAfter: 7 * day } },
};
const asleep: EnvironmentFacts = {
  app: 'shop',
  slug: 'feat',
  home: { kind: 'worktree', path: '/r/shop.feat' },
  running: { value: true },
  workflows: { value: 0 },
  touches: { value: [{ by: 'database', at: now - 2 * hour }] },
  lifetime: { value: { sleepAfter: hour, deleteAfter: 7 * day } },
};

const worktree = (facts: Partial<WorktreeFacts>, environments: readonly EnvironmentFacts[] = []) =>
  judge({ worktrees: [{ ...idle, ...facts }], environments }, limits).worktrees[0]?.verdict;
const environment = (facts: Partial<EnvironmentFacts>, home: Partial<WorktreeFacts> = {}) =>
  judge({ worktrees: [{ ...idle, ...home }], environments: [{ ...asleep, ...facts }] }, limits)
    .environments[0]?.verdict;

test('the proof is a text: what, how, and since when', () => {
  expect(worktree({})).toEqual({
    action: 'delete',
    grounds: ['nobody touched it for 9 days (last: commit, 2026-11-21)'],
    protections: [],
  });
  const merged = { value: { into: 'main', how: 'by squash or rebase' } };
  expect(worktree({ merged, upstreamGone: true, lifetime: { value: {} } })?.grounds).toEqual([
    'merged into main by squash or rebase, and its upstream is gone',
  ]);
});

test.each<[string, Partial<WorktreeFacts>, RegExp]>([
  ['changes', { uncommitted: { value: 2 } }, /^2 files have uncommitted changes$/],
  ['commits', { unpushed: { value: 2 } }, /^2 commits are in no other branch and in no remote$/],
  [
    'commits of a submodule',
    { unpushedInSubmodules: { value: 1 } },
    /^1 commit of its submodules is in no remote$/,
  ],
  ['what HEAD left', { leftBehind: { value: 1 } }, /^1 commit is only in its reflog or refs\/worktree$/],
  [
    'a process',
    { processes: { value: [{ pid: 12, name: 'claude' }] } },
    /^a process runs in it \(pid 12, claude\)$/,
  ],
  ['a lock', { lock: { reason: 'usb', ended: { unknown: '?' } } }, /^it is locked: usb$/],
  ['a rebase', { underway: { value: 'rebase' } }, /^a rebase is under way in it$/],
  [
    'another worktree in it',
    { inner: ['/r/shop.feat/in'] },
    /^the worktree \/r\/shop\.feat\/in is in its folder$/,
  ],
  [
    'an unreadable index',
    { uncommitted: { unknown: 'bad index' } },
    /^its changes could not be read: bad index$/,
  ],
  [
    'the future',
    { touches: { value: [{ by: 'files', at: now + day }] } },
    /^its last touch is in the future \(files/,
  ],
])('%s keeps it', (_, facts, reason) => {
  const verdict = worktree(facts);
  expect(verdict?.action).toBe('keep');
  expect(verdict?.protections[0]).toMatch(reason);
});

test('a branch without commits of its own is not merged, and goes by age alone', () => {
  const merged = { value: { into: 'main', how: 'by fast-forward' } };
  const fresh = { merged, worked: { value: false } };
  expect(worktree({ ...fresh, lifetime: { value: {} } })).toMatchObject({ action: 'keep', grounds: [] });
  expect(worktree(fresh)?.grounds).toEqual([expect.stringMatching(/^nobody touched it/)]);
});

test('the environment of a worktree keeps it: by its work, by its use, and by being unknown', () => {
  expect(worktree({}, [{ ...asleep, workflows: { value: 2 } }])?.protections).toContain(
    '2 workflows run in shop/feat',
  );
  expect(worktree({}, [{ ...asleep, running: { unknown: 'the cluster is down' } }])?.protections).toContain(
    'the state of shop/feat could not be read: the cluster is down',
  );
  expect(worktree({}, [asleep])).toMatchObject({ action: 'keep', grounds: [] });
});

test('an environment falls asleep when nobody touched it or its worktree', () => {
  const used = { lifetime: { value: {} } };
  expect(environment({}, used)).toMatchObject({
    action: 'stop',
    grounds: ['asleep: nobody touched it for 2 hours (last: database, 2026-11-30)'],
  });
  expect(environment({}, { touches: { value: [{ by: 'files', at: now - hour / 2 }] } })?.action).toBe('keep');
  expect(environment({}, { ...used, processes: { value: [{ pid: 3, name: 'vim' }] } })?.action).toBe('keep');
  expect(environment({ workflows: { value: 1 } }, used)?.action).toBe('keep');
  expect(environment({ running: { value: false } }, used)?.action).toBe('keep');
  expect(environment({ lifetime: { value: { deleteAfter: day } } }, used)?.action).toBe('keep');
});

test('an environment that lost its worktree goes, unless its branch may come back or something runs in it', () => {
  const lost = (branch: 'gone' | 'merged' | 'there') => ({
    kind: 'lost' as const,
    branch,
    proof: 'its worktree is gone',
  });
  const noSleep = {
    lifetime: { value: { deleteAfter: 7 * day } },
    touches: { value: [{ by: 'up' as const, at: now - 2 * day }] },
  };
  expect(environment({ ...noSleep, home: lost('gone') })?.action).toBe('delete');
  expect(environment({ ...noSleep, home: lost('merged') })?.action).toBe('delete');
  expect(environment({ ...noSleep, home: lost('there') })?.action).toBe('keep');
  expect(environment({ ...noSleep, home: lost('gone'), workflows: { value: 1 } })?.action).toBe('keep');
  expect(environment({ ...noSleep, home: lost('gone'), running: { unknown: 'down' } })?.action).toBe('keep');
  expect(environment({ ...noSleep, home: { kind: 'unknown', why: 'x' } })?.action).toBe('keep');
});

test.each(['up', 'database', 'request', 'workflow'] as const)(
  'an environment that lost its worktree stays for a day after a touch: %s',
  (by) => {
    const touched = (at: number) => ({
      home: { kind: 'lost' as const, branch: 'gone' as const, proof: 'its worktree is gone' },
      lifetime: { value: {} },
      touches: {
        value: [
          { by: 'up' as const, at: now - 9 * day },
          { by, at },
        ],
      },
    });
    const verdict = environment(touched(now - day + hour));
    expect(verdict).toMatchObject({ action: 'keep', protections: [`touched 23 hours ago (${by})`] });
    expect(environment(touched(now - day - hour))?.action).toBe('delete');
  },
);

test('requests that are not known keep everything that they could have kept', () => {
  const why = 'requests are not known: Prometheus does not answer';
  const unknown = { touches: { unknown: why } };
  const protections = [`when it was touched is unknown: ${why}`];
  const lost = { kind: 'lost' as const, branch: 'gone' as const, proof: 'its worktree is gone' };
  expect(environment({ ...unknown, home: lost })).toMatchObject({ action: 'keep', protections });
  expect(environment(unknown, { lifetime: { value: {} } })).toMatchObject({ action: 'keep', grounds: [] });
  expect(worktree({}, [{ ...asleep, ...unknown }])).toMatchObject({ action: 'keep', protections });
  const merged = { value: { into: 'main', how: 'by squash or rebase' } };
  expect(worktree({ merged }, [{ ...asleep, ...unknown }])).toMatchObject({ action: 'keep', protections });
  const gone = { folder: { value: 'gone' as const } };
  expect(worktree(gone, [{ ...asleep, ...unknown }])).toMatchObject({ action: 'keep', protections });
});

test('an environment that only answers requests stays awake', () => {
  const answered = (at: number) =>
    environment({ touches: { value: [{ by: 'request' as const, at }] } }, { lifetime: { value: {} } });
  expect(answered(now - hour / 2)).toMatchObject({
    action: 'keep',
    protections: ['its worktree stays', 'touched 30 minutes ago (request)'],
  });
  expect(answered(now - 2 * hour)?.action).toBe('stop');
});

test('an environment in use keeps the worktree whose folder is gone', () => {
  const gone = { folder: { value: 'gone' as const } };
  const of = (at: number) =>
    worktree(gone, [{ ...asleep, touches: { value: [{ by: 'database' as const, at }] } }]);
  expect(of(now - hour)).toMatchObject({
    action: 'keep',
    protections: ['touched 60 minutes ago (database)'],
  });
  expect(of(now - 2 * day)?.action).toBe('delete');
});

test('the environment of a renamed branch stays with its worktree, and says how to remove it', () => {
  const home = {
    kind: 'worktree' as const,
    path: idle.path,
    switched: { from: 'old', to: 'feat' },
  };
  const verdict = environment({ slug: 'old', home, lifetime: { value: {} } }, { lifetime: { value: {} } });
  expect(verdict?.action).toBe('keep');
  expect(verdict?.protections).toContain(
    'it was brought up on old, and its worktree is on feat now: `wt down shop/old` removes it',
  );
});

test('time without a sign counts a day later', () => {
  const at = (lastRun: LastRun | undefined, signs: number[], moment = now) =>
    judgeClock({ now: { at: moment, uptime: 9 * day, boot: 'b' }, signs, ...(lastRun && { lastRun }) });
  const leapt = at(undefined, [now - 40 * day]);
  expect(leapt.until).toBe(now - 40 * day);
  expect(at(leapt.run, [now], now + hour).until).toBe(now + hour - 40 * day);
  expect(at({ ...leapt.run, uptime: 8 * day }, [now], now + day).doubt).toBeUndefined();
  // Another run in the same start of the machine saw the time pass.
  expect(at({ at: now - 3 * day, uptime: 6 * day, boot: 'b' }, [now - 9 * day]).doubt).toBeUndefined();
  expect(at({ at: now - 33 * day, uptime: 6 * day, boot: 'b' }, [now]).until).toBe(now - 30 * day);
});
