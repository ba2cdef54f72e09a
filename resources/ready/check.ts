import { type KubeReader, unlessGone } from '../../cluster/kube/client.ts';
import { type NamespaceState, namespaceState } from '../../cluster/kube/namespace-state.ts';
import { defined } from '../../core/defined.ts';
import { type Answer, ask } from '../../core/http.ts';
import type { ExpectedRoute, ReadyPlan } from './contract.ts';
import type { ServiceState } from './judge-service.ts';
import { judgeServices } from './judge-services.ts';
import { look, lookAtPods } from './look.ts';

export interface RouteState extends ExpectedRoute {
  readonly ready: boolean;
  readonly status?: number;
  readonly reason?: string;
  /** Where its answer sends the reader. */
  readonly location?: string;
  readonly setsCookie?: boolean;
}

export interface GatewayState {
  readonly ready: boolean;
  readonly reason?: string;
}

export interface Readiness {
  readonly ready: boolean;
  readonly state: EnvironmentState;
  readonly services: readonly ServiceState[];
  readonly routes: readonly RouteState[];
  readonly gateway?: GatewayState;
  /** Its pods may answer until the last moment. */
  readonly namespace: NamespaceState;
}

/** The current state: one list of pods and one request per route, all at once. Throws when the API does not answer. */
export async function readiness(kube: KubeReader, plan: ReadyPlan): Promise<Readiness> {
  const [facts, routes, gateway, namespace] = await Promise.all([
    look(kube, plan),
    routeStates(plan),
    gatewayState(kube, plan),
    namespaceState(kube, plan.namespace),
  ]);
  const services = judgeServices(facts, Date.now());
  const state = environmentState(services, routes);
  const seen = { state, services, routes, namespace, ...defined({ gateway }) };
  return { ...seen, ready: isReadyWithout([], seen) };
}

/** Whether everything but the services of these names, and their routes, is ready. */
export function isReadyWithout(
  names: readonly string[],
  { services, routes, gateway, namespace }: Pick<Readiness, 'services' | 'routes' | 'gateway' | 'namespace'>,
): boolean {
  const state = environmentState(
    services.filter(({ name }) => !names.includes(name)),
    routes.filter(({ service }) => !names.includes(service)),
  );
  return state === 'up' && (gateway?.ready ?? true) && namespace === 'live';
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

/** Whether every service answers, even if it is doubtful for how long. */
export function allAnswer(services: readonly ServiceState[]): boolean {
  return services.every(
    ({ state, hopeless }) => state === 'ready' || state === 'off' || (state === 'degraded' && !hopeless),
  );
}

/** `up` is said only of what is up in every respect. */
export type EnvironmentState = 'up' | 'starting' | 'degraded' | 'failing';

/** The one judgement about an environment, from those about its services and the answers of its routes. */
export function environmentState(
  services: readonly Pick<ServiceState, 'name' | 'state'>[],
  routes: readonly Pick<RouteState, 'service' | 'ready'>[],
): EnvironmentState {
  const some = (state: ServiceState['state']) => services.some((service) => service.state === state);
  if (some('failing')) return 'failing';
  if (some('degraded') || routes.some((route) => isNewsOf(route, services))) return 'degraded';
  return some('starting') ? 'starting' : 'up';
}

/** Whether a route says more than the state of its service: while that starts or fails, its route answers 503. */
export function isNewsOf(
  { service: name, ready }: Pick<RouteState, 'service' | 'ready'>,
  services: readonly { readonly name: string; readonly state: string }[],
): boolean {
  if (ready) return false;
  return services.every(
    ({ name: other, state }) => other !== name || !['starting', 'failing'].includes(state),
  );
}

/** From the pods alone, for a wait that looks often. */
export async function serviceStates(kube: KubeReader, plan: ReadyPlan): Promise<ServiceState[]> {
  return judgeServices(await lookAtPods(kube, plan), Date.now());
}

/** Milliseconds for one answer: a page of a development server may take some seconds. */
const ASK_MS = 10_000;

/** `patience`: milliseconds for each answer. */
export function routeStates(
  { routes, http, headers = {} }: ReadyPlan,
  patience = ASK_MS,
): Promise<RouteState[]> {
  if (!http) return Promise.resolve(routes.map((route) => ({ ...route, ready: true })));
  return Promise.all(
    routes.map(async (route) =>
      judge(route, { ...headers, ...route.headers }, await ask(http, route.host, route.path, patience)),
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
  const { location } = answered;
  if (location === undefined) return { ...route, ready: true, status };
  return { ...route, ready: true, status, location, setsCookie: answered['set-cookie'] !== undefined };
}
