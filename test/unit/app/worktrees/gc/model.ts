import fc from 'fast-check';
import type { Known } from '../../../../../app/activity/known.ts';
import { allTouches, type Touch, type TouchKind } from '../../../../../app/activity/touch.ts';
import { requestTouches } from '../../../../../app/telemetry/requests.ts';
import { judgeClock, type LastRun } from '../../../../../app/worktrees/gc/clock.ts';
import type { EnvironmentFacts, Facts, WorktreeFacts } from '../../../../../app/worktrees/gc/facts.ts';
import type { Limits } from '../../../../../app/worktrees/gc/judge.ts';
import { namespaceName } from '../../../../../core/names.ts';

/** What really is, whatever can be seen of it: times are ages in milliseconds by a clock that is right. */
export interface RealWorktree {
  readonly role: 'linked' | 'main' | 'current' | 'default branch';
  readonly folder: boolean;
  readonly ages: readonly number[];
  /** Another worktree is in its folder. */
  readonly outer: boolean;
  readonly uncommitted: number;
  readonly ownCommits: number;
  readonly pushed: boolean;
  readonly merged: boolean;
  readonly leftBehind: number;
  readonly submoduleCommits: number;
  readonly lock: 'none' | 'of a running process' | 'of an ended process' | 'of somebody';
  readonly rebasing: boolean;
  readonly processes: number;
  readonly deleteAfter: number | undefined;
  /** Facts about it that cannot be read in this run. */
  readonly unreadable: readonly (keyof WorktreeFacts)[];
  readonly environment: RealEnvironment | undefined;
}

export interface RealEnvironment {
  readonly running: boolean;
  readonly workflows: number;
  /** Of what happened in its database and its workflows. */
  readonly ages: readonly number[];
  /** Ages of requests through its route. */
  readonly requests: readonly number[];
  /** Whether requests are counted: nowhere, in a store that answers, or in one that is away. */
  readonly telemetry: 'none' | 'answers' | 'away';
  readonly sleepAfter: number | undefined;
  readonly unreadable: readonly (keyof EnvironmentFacts)[];
}

export interface RealClock {
  /** Milliseconds by which the clock was moved, ahead or back; how long ago really. */
  readonly leap: number;
  readonly leapAge: number;
  /** How long ago gc ran last, and whether the machine was started again since. */
  readonly lastRunAge: number | undefined;
  readonly restarted: boolean;
}

export interface RealWorld {
  readonly clock: RealClock;
  readonly worktrees: readonly RealWorktree[];
}

export const minute = 60_000;
export const hour = 60 * minute;
export const dayLong = 24 * hour;
const realNow = Date.UTC(2026, 10, 30);

const age = fc.oneof(
  fc.integer({ min: 0, max: 2 * hour }),
  fc.integer({ min: 0, max: 3 * dayLong }),
  fc.integer({ min: 0, max: 90 * dayLong }),
);
const ages = fc.array(age, { minLength: 1, maxLength: 4 });
const mostly = <T>(usual: T, ...others: readonly T[]) =>
  fc.oneof(
    { weight: 4, arbitrary: fc.constant(usual) },
    { weight: 1, arbitrary: fc.constantFrom(...others) },
  );

const worktreeFactNames = [
  'folder',
  'touches',
  'uncommitted',
  'unpushed',
  'leftBehind',
  'unpushedInSubmodules',
  'merged',
  'worked',
  'underway',
  'processes',
  'lifetime',
] as const;
const environmentFactNames = ['running', 'workflows', 'touches', 'lifetime'] as const;
const few = <T>(names: readonly T[]) =>
  fc.oneof(
    { weight: 4, arbitrary: fc.constant<T[]>([]) },
    { weight: 1, arbitrary: fc.uniqueArray(fc.constantFrom(...names), { maxLength: 3 }) },
  );

const realEnvironment: fc.Arbitrary<RealEnvironment> = fc.record({
  running: fc.boolean(),
  workflows: mostly(0, 1, 7),
  ages,
  requests: fc.array(age, { maxLength: 2 }),
  telemetry: mostly<RealEnvironment['telemetry']>('answers', 'none', 'away'),
  sleepAfter: fc.constantFrom(undefined, 30 * minute, 4 * hour),
  unreadable: few(environmentFactNames),
});

const realWorktree: fc.Arbitrary<RealWorktree> = fc.record({
  role: mostly<RealWorktree['role']>('linked', 'main', 'current', 'default branch'),
  folder: mostly(true, false),
  ages,
  outer: mostly(false, true),
  uncommitted: mostly(0, 1, 12),
  ownCommits: fc.constantFrom(0, 1, 3),
  pushed: fc.boolean(),
  merged: fc.boolean(),
  leftBehind: mostly(0, 1),
  submoduleCommits: mostly(0, 2),
  lock: mostly<RealWorktree['lock']>('none', 'of a running process', 'of an ended process', 'of somebody'),
  rebasing: mostly(false, true),
  processes: mostly(0, 1, 3),
  deleteAfter: fc.constantFrom(undefined, dayLong, 7 * dayLong, 30 * dayLong),
  unreadable: few(worktreeFactNames),
  environment: fc.option(realEnvironment, { nil: undefined }),
});

const realClock: fc.Arbitrary<RealClock> = fc.record({
  leap: fc.oneof(
    { weight: 3, arbitrary: fc.constant(0) },
    { weight: 1, arbitrary: fc.integer({ min: -400 * dayLong, max: 400 * dayLong }) },
  ),
  leapAge: age,
  lastRunAge: fc.option(age, { nil: undefined }),
  restarted: fc.boolean(),
});

export const realWorld: fc.Arbitrary<RealWorld> = fc.record({
  clock: realClock,
  worktrees: fc.array(realWorktree, { minLength: 1, maxLength: 3 }),
});

/** How long ago anything last happened with it, really; requests that nobody counts happen unseen. */
export function realAge({ ages, environment }: RealWorktree): number {
  return Math.min(...ages, ...usedAges(environment));
}

/** Ages of what happened in an environment, seen or not, but for requests where no telemetry is. */
export function usedAges(environment: RealEnvironment | undefined): readonly number[] {
  if (environment === undefined) return [];
  const { ages, requests, telemetry } = environment;
  return telemetry === 'none' ? ages : [...ages, ...requests];
}

/** Those of them that a run of gc can see. */
function seenAges(environment: RealEnvironment | undefined): readonly number[] {
  return environment?.telemetry === 'answers' ? usedAges(environment) : (environment?.ages ?? []);
}

/** What the clock showed at that time. */
function shown({ leap, leapAge }: RealClock, age: number): number {
  return realNow - age + (age <= leapAge ? leap : 0);
}

/** Every time at which anything happened, gc's own last run included. */
function happened({ clock, worktrees }: RealWorld): number[] {
  const others = worktrees.flatMap(({ ages, environment }) => [...ages, ...usedAges(environment)]);
  return clock.lastRunAge === undefined ? others : [...others, clock.lastRunAge];
}

/** Whether anything on the machine could tell that the clock leapt ahead; a small leap is none. */
export function leapCanBeSeen(world: RealWorld): boolean {
  const { leap, leapAge, lastRunAge, restarted } = world.clock;
  if (leap <= 0) return true;
  const sameStart = lastRunAge !== undefined && !restarted && lastRunAge > leapAge;
  return sameStart || happened(world).every((age) => age > leapAge);
}

export function limitsIn(world: RealWorld): Limits {
  const { clock } = world;
  const uptime = 200 * dayLong;
  const lastRun: LastRun | undefined =
    clock.lastRunAge === undefined
      ? undefined
      : {
          at: shown(clock, clock.lastRunAge),
          uptime: clock.restarted ? uptime + dayLong : uptime - clock.lastRunAge,
          boot: clock.restarted ? 'before' : 'now',
        };
  const signs = world.worktrees.flatMap(({ ages, environment }) =>
    [...ages, ...seenAges(environment)].map((age) => shown(clock, age)),
  );
  const now = { at: shown(clock, 0), uptime, boot: 'now' };
  return {
    clock: judgeClock({ now, signs, ...(lastRun && { lastRun }) }),
    minimumAge: dayLong,
  };
}

/** What a run can see of the world. */
export function factsIn({ clock, worktrees }: RealWorld): Facts {
  return {
    worktrees: worktrees.map((real, index) => worktreeFacts(real, index, clock)),
    environments: worktrees.flatMap(({ environment }, index) =>
      environment === undefined ? [] : [environmentFacts(environment, index, clock)],
    ),
  };
}

const pathOf = (index: number) => `/r/shop.${index}`;

function worktreeFacts(real: RealWorktree, index: number, clock: RealClock): WorktreeFacts {
  const may = reader(real.unreadable);
  const lifetime = real.deleteAfter === undefined ? {} : { deleteAfter: real.deleteAfter };
  const isOnlyHere = real.ownCommits > 0 && !real.pushed;
  return {
    path: pathOf(index),
    name: `feat-${index}`,
    branch: `feat-${index}`,
    roles: real.role === 'linked' ? [] : [real.role],
    ...lockFacts(real.lock),
    folder: may('folder', real.folder ? ('there' as const) : ('gone' as const)),
    inner: real.outer ? [`${pathOf(index)}/inner`] : [],
    touches: may('touches', touchesAt(real.ages, 'commit', clock)),
    uncommitted: may('uncommitted', real.folder ? real.uncommitted : 0),
    unpushed: may('unpushed', isOnlyHere ? real.ownCommits : 0),
    leftBehind: may('leftBehind', real.leftBehind),
    unpushedInSubmodules: may('unpushedInSubmodules', real.submoduleCommits),
    merged: may('merged', isContained(real) ? { into: 'main', how: 'by squash (#abc1234)' } : undefined),
    worked: may('worked', real.ownCommits > 0),
    upstreamGone: real.pushed && real.merged,
    underway: may('underway', real.rebasing ? 'rebase' : undefined),
    processes: may(
      'processes',
      Array.from({ length: real.processes }, (_, n) => ({ pid: 12 + n, name: 'claude' })),
    ),
    lifetime: may('lifetime', lifetime),
  };
}

/** A branch without commits of its own points at a commit of the default branch. */
export function isContained({ merged, ownCommits }: RealWorktree): boolean {
  return merged || ownCommits === 0;
}

function lockFacts(lock: RealWorktree['lock']): Pick<WorktreeFacts, 'lock'> {
  if (lock === 'none') return {};
  if (lock === 'of somebody')
    return { lock: { reason: 'on a stick', ended: { unknown: 'it names no process' } } };
  return { lock: { reason: 'claude (pid 12)', ended: { value: lock === 'of an ended process' } } };
}

function environmentFacts(real: RealEnvironment, index: number, clock: RealClock): EnvironmentFacts {
  const may = reader(real.unreadable);
  return {
    app: 'shop',
    slug: `feat-${index}`,
    home: { kind: 'worktree', path: pathOf(index) },
    running: may('running', real.running),
    workflows: may('workflows', real.workflows),
    touches: allTouches(
      may('touches', touchesAt(real.ages, 'database', clock)),
      requestsOf(real, index, clock),
    ),
    lifetime: may('lifetime', real.sleepAfter === undefined ? {} : { sleepAfter: real.sleepAfter }),
  };
}

function requestsOf({ requests, telemetry }: RealEnvironment, index: number, clock: RealClock) {
  if (telemetry === 'away') return { unknown: 'requests are not known: Prometheus does not answer' };
  const namespace = namespaceName('shop', `feat-${index}`);
  const [last] = [...requests].sort((one, other) => one - other);
  const found = telemetry === 'none' || last === undefined ? [] : [[namespace, shown(clock, last)] as const];
  return requestTouches({ value: new Map(found) }, namespace);
}

function touchesAt(ages: readonly number[], by: TouchKind, clock: RealClock): Touch[] {
  return ages.map((age) => ({ by, at: shown(clock, age) }));
}

function reader(unreadable: readonly string[]) {
  return <T>(name: string, value: T): Known<T> =>
    unreadable.includes(name) ? { unknown: `the disk failed (${name})` } : { value };
}
