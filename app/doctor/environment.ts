import { findSpec, loadSpec } from '../../config/spec/load.ts';
import type { Check } from '../../core/check.ts';
import { hasCode, messageOf } from '../../core/errors.ts';
import { slugOf } from '../../core/names.ts';
import { age } from '../../core/text/duration.ts';
import { identify } from '../../git/identity.ts';
import { connectCluster } from '../clusters/connection.ts';
import { readyPlanOf } from '../clusters/readiness.ts';
import { lockState, type StackLock, stackLocks } from '../engine/index.ts';

/** The worktree, its spec, and its environment if there is one. Outside of a repository there is nothing to check. */
export async function environmentChecks(cwd: string): Promise<Check[]> {
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
    ...(await readinessChecks(stack)),
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

async function readinessChecks(stack: { project: string; stack: string }): Promise<Check[]> {
  const name = `${stack.project}/${stack.stack}`;
  const plan = await readyPlanOf(stack);
  if (!plan) return [{ name, ok: true, detail: 'not up; wt up brings it up' }];
  const { kube } = await connectCluster();
  const { readiness } = await import('../../resources/ready/check.ts');
  const { services, routes } = await readiness(kube, plan);
  return [
    ...services.map(({ name, state, reason }) => ({
      name: `service ${name}`,
      ok: state === 'ready' || state === 'off',
      detail: reason ? `${state}: ${reason}` : state,
      fix: 'wt status, then wt up',
    })),
    ...routes.map(({ host, path, ready, status, reason }) => ({
      name: 'route',
      ok: ready,
      detail: `http://${host}${path} ${reason ?? `answers ${status}`}`,
      fix: 'wt up',
    })),
  ];
}
