import type { V1Deployment, V1Namespace, V1Pod } from '@kubernetes/client-node';
import { type Kube, unlessGone } from '../../cluster/kube/client.ts';
import { eventsOf, whyNotReady } from '../../cluster/kube/pods.ts';
import { CoppiceError } from '../../core/errors.ts';
import { Annotation, Label } from '../../core/labels.ts';
import { requireOwn } from '../target/ownership.ts';
import type { EnvironmentName } from '../target/target.ts';
import { type ObservedInstall, observeInstalls } from './observe-installs.ts';
import { type EnvironmentUrl, routesOf } from './routes.ts';

export type ServiceState = 'ready' | 'starting' | 'failing' | 'stopped';

export interface ObservedService {
  readonly name: string;
  readonly state: ServiceState;
  readonly wanted: number;
  readonly ready: number;
  /** Why not all pods are ready: one sentence for each pod, without repetition. */
  readonly reasons: readonly string[];
  /** Milliseconds since the youngest ready pod started; absent without one. */
  readonly age?: number;
}

/** An environment as the cluster reports it. */
export interface ObservedEnvironment {
  readonly namespace: string;
  readonly ending: boolean;
  readonly stopped: boolean;
  readonly environmentId: string | undefined;
  /** Absolute path of git's common directory. */
  readonly repository: string | undefined;
  readonly branch: string | undefined;
  readonly worktree: string | undefined;
  readonly commit: string | undefined;
  readonly created: Date | undefined;
  readonly services: readonly ObservedService[];
  readonly installs: readonly ObservedInstall[];
  readonly urls: readonly EnvironmentUrl[];
}

/** Undefined when there is no such namespace. */
export async function observe(
  kube: Kube,
  namespace: string,
  httpPort: number,
): Promise<ObservedEnvironment | undefined> {
  const [owner, deployments, pods, installs, urls] = await Promise.all([
    unlessGone(kube.core.readNamespace({ name: namespace })),
    kube.apps.listNamespacedDeployment({ namespace, labelSelector: Label.service }),
    kube.core.listNamespacedPod({ namespace, labelSelector: Label.service }),
    observeInstalls(kube, namespace),
    routesOf(kube, namespace, httpPort),
  ]);
  if (!owner) return undefined;
  const services = await Promise.all(
    deployments.items.map((deployment) => observeService(kube, namespace, deployment, pods.items)),
  );
  return { ...namespaceFacts(owner), namespace, services: services.sort(byRoute(urls)), installs, urls };
}

/** Throws COPPICE_NO_ENVIRONMENT unless the environment exists and is not being removed, and COPPICE_CLAIMED. */
export function requireObserved(
  name: EnvironmentName,
  seen: ObservedEnvironment | undefined,
): asserts seen is ObservedEnvironment {
  if (!seen || seen.ending) throw noEnvironmentError(name);
  requireOwn(name, seen);
}

export function noEnvironmentError({ app, slug, toBringUp: hint = 'wt up' }: EnvironmentName): CoppiceError {
  return new CoppiceError('COPPICE_NO_ENVIRONMENT', `${app}/${slug} is not up`, { hint });
}

function namespaceFacts({ metadata, status }: V1Namespace) {
  const annotations = metadata?.annotations ?? {};
  return {
    ending: status?.phase === 'Terminating',
    stopped: annotations[Annotation.stopped] !== undefined,
    environmentId: metadata?.labels?.[Label.environmentId],
    repository: annotations[Annotation.repository],
    branch: annotations[Annotation.branch],
    worktree: annotations[Annotation.worktree],
    commit: annotations[Annotation.commit],
    created: metadata?.creationTimestamp ? new Date(metadata.creationTimestamp) : undefined,
  };
}

async function observeService(
  kube: Kube,
  namespace: string,
  deployment: V1Deployment,
  all: readonly V1Pod[],
): Promise<ObservedService> {
  const name = deployment.metadata?.labels?.[Label.service] ?? deployment.metadata?.name ?? '';
  const wanted = deployment.spec?.replicas ?? 1;
  const pods = all.filter(
    ({ metadata }) => metadata?.labels?.[Label.service] === name && !metadata.deletionTimestamp,
  );
  const problems = await Promise.all(
    pods.map(async (pod) => {
      if (whyNotReady(pod) === undefined) return undefined;
      return whyNotReady(pod, await eventsOf(kube, namespace, pod.metadata?.name ?? ''));
    }),
  );
  const ready = problems.filter((problem) => problem === undefined).length;
  const failing = problems.some((problem) => problem?.hopeless);
  const reasons = [...new Set(problems.flatMap((problem) => (problem ? [problem.reason] : [])))];
  if (pods.length < wanted && reasons.length === 0)
    reasons.push(whyNoPod(deployment) ?? 'its pods are being created');
  const state = wanted === 0 ? 'stopped' : ready >= wanted ? 'ready' : failing ? 'failing' : 'starting';
  return { name, state, wanted, ready, reasons: state === 'ready' ? [] : reasons, ...ageOf(pods) };
}

/** A quota or an admission rule can prevent pods altogether; only the deployment reports that. */
function whyNoPod({ status }: V1Deployment): string | undefined {
  return status?.conditions?.find(({ type, status }) => type === 'ReplicaFailure' && status === 'True')
    ?.message;
}

function ageOf(pods: readonly V1Pod[]): { age?: number } {
  const began = pods.flatMap(({ status }) =>
    status?.startTime ? [new Date(status.startTime).getTime()] : [],
  );
  return began.length === 0 ? {} : { age: Date.now() - Math.max(...began) };
}

/** The primary service first, as its route is the first one. */
function byRoute(urls: readonly EnvironmentUrl[]): (one: ObservedService, other: ObservedService) => number {
  const place = (name: string) => {
    const at = urls.findIndex(({ service }) => service === name);
    return at < 0 ? urls.length : at;
  };
  return (one, other) => place(one.name) - place(other.name) || one.name.localeCompare(other.name);
}
