import type { CoreV1Event, V1Pod } from '@kubernetes/client-node';
import type { Kube } from '../../cluster/kube/client.ts';
import { whyNotReady } from '../../cluster/kube/pods.ts';
import { Annotation, Label } from '../../config/labels.ts';
import type { ExpectedRoute, ExpectedService, ReadyPlan } from './plan.ts';
import { type Answer, ask } from './request.ts';

export interface ServiceState {
  readonly name: string;
  /** `failing`: waiting longer will not help. `off`: no pods are wanted, and there are none. */
  readonly state: 'ready' | 'starting' | 'failing' | 'off';
  readonly ready: number;
  readonly replicas: number;
  /** Why it is not ready, for people. */
  readonly reason?: string;
  /** The pod that the reason is about. */
  readonly pod?: string;
  /** Pods of any version that are still there, for as long as they are. */
  readonly pods: number;
}

export interface RouteState extends ExpectedRoute {
  readonly ready: boolean;
  readonly status?: number;
  readonly reason?: string;
}

export interface Readiness {
  readonly ready: boolean;
  readonly services: readonly ServiceState[];
  readonly routes: readonly RouteState[];
}

/** How it stands right now: one list of pods and one request per route, all at once. Throws when the API does not answer. */
export async function readiness(kube: Kube, plan: ReadyPlan): Promise<Readiness> {
  const [services, routes] = await Promise.all([serviceStates(kube, plan), routeStates(plan)]);
  return { ready: allReady(services) && routes.every((route) => route.ready), services, routes };
}

export function allReady(services: readonly ServiceState[]): boolean {
  return services.every(({ state }) => state === 'ready' || state === 'off');
}

export async function serviceStates(kube: Kube, { namespace, services }: ReadyPlan): Promise<ServiceState[]> {
  // From the API server's cache: SQLite is not asked, and a pod that is a moment old changes nothing here.
  const request = { namespace, labelSelector: Label.service, resourceVersion: '0' };
  const { items } = await kube.core.listNamespacedPod(request);
  return services.map((service) => stateOf(service, items));
}

/** The state of one service, from all pods of the namespace. */
export function stateOf(
  expected: ExpectedService,
  pods: readonly V1Pod[],
  events: readonly CoreV1Event[] = [],
): ServiceState {
  const { name, replicas, configHash } = expected;
  const mine = pods.filter(
    ({ metadata }) => metadata?.labels?.[Label.service] === name && !metadata.deletionTimestamp,
  );
  const current = mine.filter((pod) => configHash === undefined || hashOf(pod) === configHash);
  const problems = current.flatMap((pod) => {
    const problem = whyNotReady(pod, events);
    return problem ? [{ ...problem, pod: pod.metadata?.name ?? '' }] : [];
  });
  const ready = current.length - problems.length;
  const base = { name, ready, replicas, pods: mine.length };
  const worst = problems.find(({ hopeless }) => hopeless) ?? problems[0];
  if (worst)
    return { ...base, state: worst.hopeless ? 'failing' : 'starting', reason: worst.reason, pod: worst.pod };
  if (mine.length > current.length)
    return { ...base, state: 'starting', reason: 'pods of an older version still run' };
  if (ready < replicas)
    return { ...base, state: 'starting', reason: ready === 0 ? 'has no pods' : 'has too few pods' };
  if (ready > replicas) return { ...base, state: 'starting', reason: 'has more pods than it should' };
  return { ...base, state: replicas === 0 ? 'off' : 'ready' };
}

function hashOf({ metadata }: V1Pod): string | undefined {
  return metadata?.annotations?.[Annotation.configHash];
}

export function routeStates({ routes, http, headers = {} }: ReadyPlan): Promise<RouteState[]> {
  if (!http) return Promise.resolve(routes.map((route) => ({ ...route, ready: true })));
  return Promise.all(
    routes.map(async (route) => judge(route, headers, await ask(http, route.host, route.path))),
  );
}

/** The id alone proves nothing: Traefik sets the headers on its own 503 too. */
export function judge(
  route: ExpectedRoute,
  headers: Readonly<Record<string, string>>,
  { status, headers: answered = {}, failure }: Answer,
): RouteState {
  if (status === undefined) return { ...route, ready: false, reason: failure ?? 'no answer' };
  const wrong = Object.entries(headers).find(([name, value]) => answered[name.toLowerCase()] !== value);
  if (wrong) {
    const got = answered[wrong[0].toLowerCase()];
    const reason =
      got === undefined ? `answers ${status} and not from this environment` : `answers as ${got}`;
    return { ...route, ready: false, status, reason };
  }
  if (status >= 500) return { ...route, ready: false, status, reason: `answers ${status}` };
  return { ...route, ready: true, status };
}
