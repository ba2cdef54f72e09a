import { environmentName } from '../../../core/names.ts';
import { counted } from '../../../core/text/counted.ts';
import type { Known } from '../../activity/known.ts';
import { latest, type Touch } from '../../activity/touch.ts';
import { type Clock, clockTolerance } from './clock.ts';
import type { EnvironmentFacts, Facts, Lock, Role, RunningProcess, WorktreeFacts } from './facts.ts';
import { day, span } from './words.ts';

export interface Verdict {
  readonly action: 'delete' | 'stop' | 'keep';
  /** Why it could go; none when nothing says so. */
  readonly grounds: readonly string[];
  /** Why it stays all the same. */
  readonly protections: readonly string[];
}

export interface Judged<T> {
  readonly facts: T;
  readonly verdict: Verdict;
}

export interface Judgement {
  readonly worktrees: readonly Judged<WorktreeFacts>[];
  readonly environments: readonly Judged<EnvironmentFacts>[];
}

export interface Limits {
  readonly clock: Clock;
  /** Milliseconds for which what was touched stays, whatever else is true of it. */
  readonly minimumAge: number;
}

/**
 * What goes, what is put to sleep, and what stays, each with its reasons: no file, no process, no clock. What could not
 * be found out keeps a thing where it is.
 */
export function judge({ worktrees, environments }: Facts, limits: Limits): Judgement {
  const judged = worktrees.map((facts) => ({
    facts,
    verdict: judgeWorktree(
      facts,
      environments.filter(({ home }) => home.kind === 'worktree' && home.path === facts.path),
      limits,
    ),
  }));
  return {
    worktrees: judged,
    environments: environments.map((facts) => ({
      facts,
      verdict: judgeEnvironment(facts, homeOf(facts, judged), limits),
    })),
  };
}

function homeOf(
  { home }: EnvironmentFacts,
  judged: readonly Judged<WorktreeFacts>[],
): Judged<WorktreeFacts> | undefined {
  return home.kind === 'worktree' ? judged.find(({ facts }) => facts.path === home.path) : undefined;
}

function judgeWorktree(
  worktree: WorktreeFacts,
  environments: readonly EnvironmentFacts[],
  limits: Limits,
): Verdict {
  if (worktree.roles.length > 0)
    return { action: 'keep', grounds: [], protections: worktree.roles.map((role) => roleWords[role]) };
  const age = ageOf([worktree.touches, ...environments.map(({ touches }) => touches)], limits.clock);
  const isGone = known(worktree.folder) === 'gone';
  const merged = mergedGrounds(worktree);
  const grounds = [
    ...(isGone ? [`its folder ${worktree.path} is gone`] : []),
    ...merged.grounds,
    ...(isGone ? [] : idleGrounds(age, worktree.lifetime, limits.clock)),
  ];
  const protections = [
    ...placeProtections(worktree),
    ...contentProtections(worktree),
    ...processProtections(worktree.processes),
    ...environments.flatMap(workProtections),
    // Nobody can be at work in a folder that is gone, but with what it left running.
    ...(isGone && age.kind === 'known' ? usedLately(environments, limits) : recencyProtections(age, limits)),
  ];
  if (grounds.length > 0)
    return {
      action: protections.length === 0 ? 'delete' : 'keep',
      grounds,
      protections: unique(protections),
    };
  const lifetime = unknowns(['its lifetime', worktree.lifetime]);
  const reasons = [...protections, ...merged.against, ...lifetime, ...usedWords(age, limits)];
  return { action: 'keep', grounds, protections: unique(reasons) };
}

/** What is wrong with touching its folder at all. */
function placeProtections({ inner, lock, folder }: WorktreeFacts): string[] {
  return [
    ...inner.map((path) => `the worktree ${path} is in its folder`),
    ...lockProtections(lock),
    ...('unknown' in folder ? [folder.unknown] : []),
  ];
}

/** What would be lost with it, or might be. */
function contentProtections(worktree: WorktreeFacts): string[] {
  const { uncommitted, unpushed, merged, leftBehind, unpushedInSubmodules, underway } = worktree;
  return [
    ...unknowns(
      ['its changes', uncommitted],
      ['its commits', unpushed],
      ['whether its branch is merged', merged],
      ['what its detached HEAD left behind', leftBehind],
      ['the commits of its submodules', unpushedInSubmodules],
    ),
    ...changeProtections(uncommitted),
    ...operationProtections(underway),
    ...commitProtections(worktree),
  ];
}

const roleWords: Readonly<Record<Role, string>> = {
  main: 'it is the main worktree',
  bare: 'it is the bare repository',
  current: 'you are in it',
  'default branch': 'it has the default branch',
};

function mergedGrounds({ merged, worked, upstreamGone }: WorktreeFacts): {
  readonly grounds: readonly string[];
  readonly against: readonly string[];
} {
  const found = known(merged);
  if (found === undefined) {
    const against = upstreamGone && 'value' in merged ? ['its upstream is gone, but it is not merged'] : [];
    return { grounds: [], against };
  }
  if ('unknown' in worked)
    return { grounds: [], against: [`whether it was worked on is unknown: ${worked.unknown}`] };
  if (!worked.value)
    return { grounds: [], against: [`it has no commits of its own yet, beside ${found.into}`] };
  const upstream = upstreamGone ? ', and its upstream is gone' : '';
  return { grounds: [`merged into ${found.into} ${found.how}${upstream}`], against: [] };
}

function idleGrounds(age: Age, lifetime: WorktreeFacts['lifetime'], { now }: Clock): string[] {
  const deleteAfter = known(lifetime)?.deleteAfter;
  if (age.kind !== 'known' || deleteAfter === undefined || age.sure < deleteAfter) return [];
  return [`nobody touched it for ${span(now - age.last.at)} (last: ${age.last.by}, ${day(age.last.at)})`];
}

function lockProtections(lock: Lock | undefined): string[] {
  if (lock === undefined || known(lock.ended) === true) return [];
  return [`it is locked${lock.reason === '' ? '' : `: ${lock.reason}`}`];
}

function changeProtections(uncommitted: Known<number>): string[] {
  const count = known(uncommitted) ?? 0;
  return count === 0 ? [] : [`${counted(count, 'file')} ${count === 1 ? 'has' : 'have'} uncommitted changes`];
}

function commitProtections({ merged, unpushed, leftBehind, unpushedInSubmodules }: WorktreeFacts): string[] {
  const own = known(merged) === undefined ? (known(unpushed) ?? 0) : 0;
  const inner = known(unpushedInSubmodules) ?? 0;
  const left = known(leftBehind) ?? 0;
  return [
    ...(own === 0
      ? []
      : [`${counted(own, 'commit')} ${own === 1 ? 'is' : 'are'} in no other branch and in no remote`]),
    ...(left === 0
      ? []
      : [`${counted(left, 'commit')} ${left === 1 ? 'is' : 'are'} only in its reflog or refs/worktree`]),
    ...(inner === 0
      ? []
      : [`${counted(inner, 'commit')} of its submodules ${inner === 1 ? 'is' : 'are'} in no remote`]),
  ];
}

function operationProtections(underway: WorktreeFacts['underway']): string[] {
  if ('unknown' in underway) return unknowns(['what git does in it', underway]);
  return underway.value === undefined ? [] : [`a ${underway.value} is under way in it`];
}

function processProtections(processes: WorktreeFacts['processes']): string[] {
  if ('unknown' in processes) return unknowns(['what runs in it', processes]);
  return processes.value.length === 0 ? [] : [runningWords(processes.value)];
}

function runningWords(processes: readonly RunningProcess[]): string {
  const [first] = processes;
  const others = processes.length > 1 ? ` and ${processes.length - 1} more` : '';
  return `a process runs in it (pid ${first?.pid}, ${first?.name})${others}`;
}

/** What would be lost, or is going on, in the environment that goes with it. */
function workProtections({ app, slug, running, workflows }: EnvironmentFacts): string[] {
  const name = environmentName(app, slug);
  const count = known(workflows) ?? 0;
  return [
    ...unknowns([`the state of ${name}`, running], [`what runs in ${name}`, workflows]),
    ...(count === 0 ? [] : [`${counted(count, 'workflow')} ${count === 1 ? 'runs' : 'run'} in ${name}`]),
  ];
}

/** How long a thing has been left alone. */
type Age =
  | { readonly kind: 'unknown'; readonly why: string }
  | {
      readonly kind: 'known';
      readonly last: Touch;
      /** Milliseconds that have passed for sure; negative when the last touch is in the future. */
      readonly sure: number;
    };

function ageOf(sources: readonly Known<readonly Touch[]>[], { until }: Clock): Age {
  const unread = sources.find((source) => 'unknown' in source);
  if (unread !== undefined && 'unknown' in unread) return { kind: 'unknown', why: unread.unknown };
  const last = latest(sources.flatMap((source) => known(source) ?? []));
  if (last === undefined) return { kind: 'unknown', why: 'there is no sign of it' };
  return { kind: 'known', last, sure: until - last.at };
}

function recencyProtections(age: Age, { clock, minimumAge }: Limits): string[] {
  if (age.kind === 'unknown') return [`when it was touched is unknown: ${age.why}`];
  const { last, sure } = age;
  if (last.at > clock.now + clockTolerance) return [futureWords(last)];
  if (sure >= minimumAge) return [];
  return [`${touchedWords(last, clock.now)}${clock.now - last.at >= minimumAge ? doubtWords(clock) : ''}`];
}

/** Why a worktree stays that nothing says should go. */
function usedWords(age: Age, { clock }: Limits): string[] {
  if (age.kind === 'unknown') return [];
  if (age.last.at > clock.now + clockTolerance) return [futureWords(age.last)];
  return [`${touchedWords(age.last, clock.now)}${doubtWords(clock)}`];
}

function futureWords({ by, at }: Touch): string {
  return `its last touch is in the future (${by}, ${day(at)}): a clock is or was wrong`;
}

function touchedWords({ by, at }: Touch, now: number): string {
  return `touched ${span(now - at)} ago (${by})`;
}

function doubtWords({ doubt, now, until }: Clock): string {
  return doubt === undefined || now - until < doubtWorthSaying ? '' : `; ${doubt}`;
}

const doubtWorthSaying = 3_600_000;

function judgeEnvironment(
  environment: EnvironmentFacts,
  home: Judged<WorktreeFacts> | undefined,
  limits: Limits,
): Verdict {
  if (home?.verdict.action === 'delete')
    return { action: 'delete', grounds: [`it goes with its worktree ${home.facts.path}`], protections: [] };
  const age = ageOf([environment.touches, ...(home ? [home.facts.touches] : [])], limits.clock);
  const lost = lostVerdict(environment, age, limits);
  if (lost?.action === 'delete') return lost;
  const asleep = asleepVerdict(environment, home, age, limits);
  if (asleep.action === 'stop' || lost === undefined) return asleep;
  return lost;
}

/** Undefined for an environment that has a worktree. */
function lostVerdict(environment: EnvironmentFacts, age: Age, limits: Limits): Verdict | undefined {
  const { home, lifetime } = environment;
  if (home.kind === 'worktree') return undefined;
  if (home.kind === 'unknown')
    return { action: 'keep', grounds: [], protections: [`its worktree is unknown: ${home.why}`] };
  const idle = idleGrounds(age, lifetime, limits.clock);
  // Somebody may check the branch out again and want its database.
  if (home.branch === 'there' && idle.length === 0) {
    const why = `${home.proof}, but its branch is there and not merged`;
    return { action: 'keep', grounds: [], protections: [why, ...agedWords(age, limits)] };
  }
  const grounds = [home.proof, ...idle];
  const protections = [...workProtections(environment), ...recencyProtections(age, limits)];
  return { action: protections.length === 0 ? 'delete' : 'keep', grounds, protections };
}

function agedWords(age: Age, limits: Limits): string[] {
  return age.kind === 'unknown' ? [`when it was touched is unknown: ${age.why}`] : usedWords(age, limits);
}

/** What keeps the environments of a folder that is gone. */
function usedLately(environments: readonly EnvironmentFacts[], limits: Limits): string[] {
  return environments.flatMap(({ touches }) => recencyProtections(ageOf([touches], limits.clock), limits));
}

function asleepVerdict(
  environment: EnvironmentFacts,
  home: Judged<WorktreeFacts> | undefined,
  age: Age,
  limits: Limits,
): Verdict {
  const { clock } = limits;
  const { running, lifetime } = environment;
  const sleepAfter = known(lifetime)?.sleepAfter;
  const base = [
    ...workProtections(environment),
    ...unknowns(['its lifetime', lifetime]),
    ...agedWords(age, limits),
  ];
  const why = home === undefined ? [] : ['its worktree stays', ...switchedWords(environment)];
  const isIdle =
    known(running) === true && sleepAfter !== undefined && age.kind === 'known' && age.sure >= sleepAfter;
  if (!isIdle) return { action: 'keep', grounds: [], protections: unique([...why, ...base]) };
  const grounds = [
    `asleep: nobody touched it for ${span(clock.now - age.last.at)} (last: ${age.last.by}, ${day(age.last.at)})`,
  ];
  const protections = [
    ...workProtections(environment),
    ...(home === undefined ? [] : processProtections(home.facts.processes)),
  ];
  return { action: protections.length === 0 ? 'stop' : 'keep', grounds, protections };
}

/** Why nothing is deleted for a branch that is gone while its worktree is there. */
function switchedWords({ app, slug, home }: EnvironmentFacts): string[] {
  if (home.kind !== 'worktree' || home.switched === undefined) return [];
  const { from, to } = home.switched;
  return [
    `it was brought up on ${from}, and its worktree is on ${to} now: \`wt down ${environmentName(app, slug)}\` removes it`,
  ];
}

function known<T>(fact: Known<T>): T | undefined {
  return 'value' in fact ? fact.value : undefined;
}

function unknowns(...facts: readonly (readonly [what: string, fact: Known<unknown>])[]): string[] {
  return facts.flatMap(([what, fact]) =>
    'unknown' in fact ? [`${what} could not be read: ${fact.unknown}`] : [],
  );
}

function unique(texts: readonly string[]): string[] {
  return [...new Set(texts)];
}
