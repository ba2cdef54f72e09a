import fc from 'fast-check';
import { expect, test } from 'vitest';
import { judge, type Verdict } from '../../../../../app/worktrees/gc/judge.ts';
import { repetitions } from '../../../../series.ts';
import {
  dayLong,
  factsIn,
  hour,
  isContained,
  leapCanBeSeen,
  limitsIn,
  minute,
  type RealEnvironment,
  type RealWorktree,
  type RealWorld,
  realAge,
  realWorld,
  usedAges,
} from './model.ts';

const cases = repetitions({ test: 10_000, soak: 500_000 });

/** Why it would be wrong to delete it, from what really is. */
function alive(real: RealWorktree, world: RealWorld): string | undefined {
  if (real.role !== 'linked') return real.role;
  if (real.processes > 0) return 'a process runs in it';
  if (real.outer) return 'another worktree is in it';
  if (real.rebasing) return 'a rebase is under way';
  if (real.folder && real.uncommitted > 0) return 'dirty';
  if (real.ownCommits > 0 && !real.pushed && !real.merged) return 'unpushed';
  if (real.leftBehind > 0) return 'left behind by HEAD';
  if (real.submoduleCommits > 0) return 'unpushed in a submodule';
  if (real.lock === 'of somebody' || real.lock === 'of a running process') return 'locked';
  if ((real.environment?.workflows ?? 0) > 0) return 'workflows run';
  const limit = dayLong - 10 * minute;
  // Of a worktree whose folder is gone only its environment can be in use.
  const age = real.folder ? realAge(real) : Math.min(...usedAges(real.environment));
  return age < limit && leapCanBeSeen(world) ? 'touched lately' : undefined;
}

/** Whether it is of no use to anybody, and everything about it can be seen. */
function dead(real: RealWorktree, world: RealWorld): boolean {
  if (alive(real, world) !== undefined || world.clock.leap !== 0) return false;
  if (real.unreadable.length > 0 || (real.environment?.unreadable.length ?? 0) > 0) return false;
  if (real.environment?.telemetry === 'away') return false;
  const age = realAge(real) - unseenTime(world);
  if (!real.folder) return Math.min(...usedAges(real.environment)) - unseenTime(world) >= dayLong;
  if (age < dayLong) return false;
  return (isContained(real) && real.ownCommits > 0) || age >= (real.deleteAfter ?? Number.POSITIVE_INFINITY);
}

/** A machine on which nothing happened may have slept, or its clock leapt: only another run in the same start tells. */
function unseenTime({ clock, worktrees }: RealWorld): number {
  if (clock.lastRunAge !== undefined && !clock.restarted) return 0;
  return Math.min(...worktrees.map(realAge), ...(clock.lastRunAge === undefined ? [] : [clock.lastRunAge]));
}

function verdictsOf(world: RealWorld) {
  const { worktrees, environments } = judge(factsIn(world), limitsIn(world));
  return world.worktrees.map((real, index) => ({
    real,
    verdict: worktrees[index]?.verdict as Verdict,
    environment: environments.find(({ facts }) => facts.slug === `feat-${index}`)?.verdict,
  }));
}

function check(world: RealWorld): void {
  for (const { real, verdict, environment } of verdictsOf(world)) {
    const why = alive(real, world);
    if (verdict.action === 'delete') {
      expect(why, 'deleted').toBeUndefined();
      expect(real.unreadable.filter((name) => name !== 'lifetime' && name !== 'worked')).toEqual([]);
      expect(verdict.grounds.join('')).not.toBe('');
      expect(real.environment?.telemetry, 'deleted without knowing its requests').not.toBe('away');
      expect(environment?.action ?? 'delete').toBe('delete');
    } else {
      expect(verdict.protections.join(''), 'kept without a reason').not.toBe('');
      expect(environment?.action).not.toBe('delete');
    }
    if (dead(real, world)) expect(verdict, 'dead, and kept').toMatchObject({ action: 'delete' });
    if (environment?.action === 'stop') expect(mayStop(real, real.environment, world)).toBe(true);
    if (environment?.action === 'keep') expect(environment.protections.join('')).not.toBe('');
  }
}

/** Whether nothing but its requests says that it may not go or sleep. */
function isKeptByRequests(real: RealWorktree, world: RealWorld): boolean {
  if (real.environment?.telemetry !== 'answers') return false;
  const silent = { ...real, environment: { ...real.environment, requests: [] } };
  const mayGo = alive(silent, world) === undefined && alive(real, world) !== undefined;
  const maySleep = mayStop(silent, silent.environment, world) && !mayStop(real, real.environment, world);
  return mayGo || maySleep;
}

function mayStop(real: RealWorktree, environment: RealEnvironment | undefined, world: RealWorld): boolean {
  if (environment === undefined || !environment.running || environment.workflows > 0) return false;
  if (environment.telemetry === 'away') return false;
  const isIdle = realAge(real) >= (environment.sleepAfter ?? Number.POSITIVE_INFINITY) - 10 * minute;
  return real.processes === 0 && (isIdle || !leapCanBeSeen(world));
}

test(`in ${cases} randomised worlds nothing alive, dirty or unpushed goes, and nothing dead stays without a reason`, () => {
  fc.assert(fc.property(realWorld, check), { numRuns: cases });
});

test('the worlds have what the property is about', () => {
  const seen = { deleted: 0, kept: 0, stopped: 0, leapt: 0, dead: 0, alive: 0, requested: 0 };
  for (const world of fc.sample(realWorld, { numRuns: 6000, seed: 13 })) {
    for (const { real, verdict, environment } of verdictsOf(world)) {
      if (verdict.action === 'delete') seen.deleted += 1;
      else seen.kept += 1;
      if (environment?.action === 'stop') seen.stopped += 1;
      if (world.clock.leap > hour) seen.leapt += 1;
      if (dead(real, world)) seen.dead += 1;
      if (isKeptByRequests(real, world)) seen.requested += 1;
      if (alive(real, world) !== undefined) seen.alive += 1;
    }
  }
  for (const [what, count] of Object.entries(seen)) expect(count, what).toBeGreaterThan(100);
});
