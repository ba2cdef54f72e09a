import type { CoreV1Event, V1Pod } from '@kubernetes/client-node';
import { type KubeReader, unlessGone } from '../../cluster/kube/client.ts';
import { whyNotReady } from '../../cluster/kube/pods.ts';
import { defined } from '../../core/defined.ts';
import { type Answer, ask } from '../../core/http.ts';
import { Annotation, Label } from '../../core/labels.ts';
import type { ExpectedRoute, ExpectedService, ReadyPlan } from './contract.ts';

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
  /** Existing pods of any version, including those that are ending. */
  readonly pods: number;
}

export interface RouteState extends ExpectedRoute {
  readonly ready: boolean;
  readonly status?: number;
  readonly reason?: string;
}

export interface GatewayState {
  readonly ready: boolean;
  readonly reason?: string;
}

export interface Readiness {
  readonly ready: boolean;
  readonly services: readonly ServiceState[];
  readonly routes: readonly RouteState[];
  readonly gateway?: GatewayState;
}

/** The current state: one list of pods and one request per route, all at once. Throws when the API does not answer. */
export async function readiness(kube: KubeReader, plan: ReadyPlan): Promise<Readiness> {
  const [services, routes, gateway] = await Promise.all([
    serviceStates(kube, plan),
    routeStates(plan),
    gatewayState(kube, plan),
  ]);
  const ready = allReady(services) && routes.every((route) => route.ready) && (gateway?.ready ?? true);
  return { ready, services, routes, ...defined({ gateway }) };
}

const gateways = { group: 'gateway.networking.k8s.io', version: 'v1', plural: 'gateways' };

interface Gateway {
  readonly metadata: { readonly generation: number };
  readonly status?: {
    readonly conditions?: readonly {
      readonly type: string;
      readonly status: string;
      readonly message?: string;
      readonly observedGeneration?: number;
    }[];
  };
}

/** Undefined when the plan names no Gateway. */
export async function gatewayState(
  kube: KubeReader,
  { namespace, gateway: name }: ReadyPlan,
): Promise<GatewayState | undefined> {
  if (name === undefined) return undefined;
  const request = kube.objects.getNamespacedCustomObject({ ...gateways, namespace, name });
  const gateway = await unlessGone(request as Promise<Gateway>);
  if (!gateway) return { ready: false, reason: 'is not there' };
  const programmed = gateway.status?.conditions?.find(({ type }) => type === 'Programmed');
  const current = programmed?.observedGeneration === gateway.metadata.generation;
  if (programmed?.status === 'True' && current) return { ready: true };
  return { ready: false, reason: `is not served: ${programmed?.message ?? 'no reason is known'}` };
}

export function allReady(services: readonly ServiceState[]): boolean {
  return services.every(({ state }) => state === 'ready' || state === 'off');
}

export async function serviceStates(
  kube: KubeReader,
  { namespace, services }: ReadyPlan,
): Promise<ServiceState[]> {
  // From the API server's cache: this spares SQLite, and a slightly outdated pod makes no difference here.
  const request = { namespace, labelSelector: Label.service, resourceVersion: '0' };
  const { items } = await kube.core.listNamespacedPod(request);
  return services.map((service) => stateOf(service, items));
}

/**
 * The state of one service, from all pods of the namespace.
 *
 * @internal Its test passes facts of machines that are not here.
 */
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
    routes.map(async (route) =>
      judge(route, { ...headers, ...route.headers }, await ask(http, route.host, route.path)),
    ),
  );
}

/**
 * The id alone proves nothing: Traefik sets the headers on its own 503 too.
 *
 * @internal Its test passes facts of machines that are not here.
 */
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
  // 503 is the gateway's, before it knows of the pod.
  if (route.http2 ? status === 503 : status >= 500)
    return { ...route, ready: false, status, reason: `answers ${status}` };
  return { ...route, ready: true, status };
}
