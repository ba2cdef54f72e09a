import { findSpec, loadSpec } from '../../config/spec/load.ts';
import type { Check } from '../../core/check.ts';
import { hasCode, messageOf } from '../../core/errors.ts';
import { environmentName, slugOf } from '../../core/names.ts';
import { age } from '../../core/text/duration.ts';
import { identify } from '../../git/identity.ts';
import { isNewsOf } from '../../resources/ready/check.ts';
import { lockState, type StackLock, stackLocks } from '../engine/index.ts';
import { othersInWorktree, renamedAmong } from '../environments/branch-now.ts';
import type { ObservedEnvironment, ObservedService } from '../environments/observe.ts';
import { renamedFix } from '../environments/renamed.ts';
import { status } from '../environments/status.ts';
import type { Ports } from '../ports.ts';

/** The worktree, its spec, and its environment if there is one. Outside of a repository there is nothing to check. */
export async function environmentChecks(ports: Ports): Promise<Check[]> {
  const { cwd } = ports;
  const found = await identify(cwd).then(
    (identity) => ({ identity }),
    (error: unknown) => ({ error }),
  );
  if ('error' in found) return [withoutWorktree(found.error)];
  const { identity } = found;
  const slug = slugOf(identity.branch);
  const worktree = { name: 'worktree', ok: true, detail: `${identity.worktree}, branch ${identity.branch}` };
  let file: string;
  try {
    file = await findSpec(cwd);
  } catch {
    return [worktree, { name: 'spec', ok: true, detail: 'no coppice.yaml here; wt init writes one' }];
  }
  const { spec } = await loadSpec(file);
  const stack = { project: spec.name, stack: slug };
  return [
    worktree,
    { name: 'spec', ok: true, detail: file },
    ...(await lockChecks(stack)),
    ...(await switchedChecks({ ...identity, app: spec.name, slug })),
    ...(await readinessChecks(ports)),
  ];
}

function withoutWorktree(error: unknown): Check {
  return { name: 'worktree', ok: hasCode(error, 'COPPICE_NOT_A_REPOSITORY'), detail: messageOf(error) };
}

async function lockChecks(stack: { project: string; stack: string }): Promise<Check[]> {
  const locks = await stackLocks(stack);
  return Promise.all(locks.map(lockCheck));
}

async function lockCheck(lock: StackLock): Promise<Check> {
  const since = age(Date.now() - lock.timestamp.getTime());
  const owner = `${lock.username}@${lock.hostname}, process ${lock.pid}, for ${since}`;
  const stale = (await lockState(lock)) === 'stale';
  return {
    name: 'lock',
    ok: !stale,
    detail: stale ? `held by a process that has ended (${owner})` : `held by ${owner}`,
    fix: 'wt up clears it',
  };
}

/** What other branches brought up from this worktree runs the files of the branch that it is on now. */
async function switchedChecks(here: Parameters<typeof othersInWorktree>[0]): Promise<Check[]> {
  const others = await othersInWorktree(here);
  const renamed = await renamedAmong(others, here.worktree);
  return others.map(({ app, slug }) => {
    const name = environmentName(app, slug);
    const gone = renamed.find((one) => one.slug === slug);
    return {
      name,
      ok: false,
      detail: `was brought up from this worktree, which is on ${here.branch} now: the files of that branch run on its data`,
      fix: gone === undefined ? `wt down ${name}, or switch back` : renamedFix(gone),
    };
  });
}

/** The same judgement as that of `wt status`. */
async function readinessChecks(ports: Ports): Promise<Check[]> {
  const found = await status({}, ports).catch((error: unknown) => {
    if (hasCode(error, 'COPPICE_NO_CLUSTER')) return undefined;
    throw error;
  });
  if (!found) return [{ name: 'environment', ok: true, detail: 'not up; wt up brings it up' }];
  const name = `${found.name.app}/${found.name.slug}`;
  if (found.kind === 'absent') return [{ name, ok: true, detail: 'not up; wt up brings it up' }];
  if (found.kind !== 'present') return [{ name, ok: true, detail: 'was removed; its namespace is ending' }];
  const { state, seen, problems } = found;
  return [
    { name, ok: state === 'up' || state === 'stopped', detail: state, fix: 'wt status' },
    ...problems.map(({ kind, what }) => ({ name: kind, ok: false, detail: what, fix: 'wt status' })),
    ...seen.services.map((service) => ({
      name: `service ${service.name}`,
      ok: service.state === 'ready' || service.state === 'stopped',
      detail: [service.state, ...service.reasons, ...(service.error ? [service.error] : [])].join(': '),
      fix: nextCommand(service),
    })),
    ...(state === 'stopped' ? [] : routeChecks(seen)),
  ];
}

/** Only what says more than its service: the route of one that fails answers 503, and that is one fault, not two. */
function routeChecks({ routes, services }: ObservedEnvironment): Check[] {
  return routes
    .filter((route) => route.ready || isNewsOf(route, services))
    .map(({ service, url, ready, status, reason }) => ({
      name: 'route',
      ok: ready,
      detail: `${url} ${reason ?? `answers ${status}`}`,
      fix: `wt logs ${service}, then wt up`,
    }));
}

function nextCommand({ name, age, ended }: ObservedService): string {
  if (age === undefined && !ended) return 'wt status, then wt up';
  return `wt logs ${name}${ended ? ' --previous' : ''}`;
}
