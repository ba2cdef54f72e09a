import type { V1Deployment, V1Namespace } from '@kubernetes/client-node';
import { type Kube, unlessGone } from '../../cluster/kube/client.ts';
import { defined } from '../../core/defined.ts';
import type { HttpPlace } from '../../core/http.ts';
import { Annotation, Label } from '../../core/labels.ts';
import { routeStates } from '../../resources/ready/check.ts';
import {
  defaultTimeoutSeconds,
  type ExpectedService,
  type ReadyPlan,
} from '../../resources/ready/contract.ts';
import { namedError } from '../../resources/ready/error-line.ts';
import type { ServiceFacts } from '../../resources/ready/facts.ts';
import type { ServiceState as JudgedService } from '../../resources/ready/judge-service.ts';
import { judgeServices } from '../../resources/ready/judge-services.ts';
import { lookAtPods, lookCloser, recentLog } from '../../resources/ready/look.ts';
import { noEnvironmentError } from '../target/no-environment.ts';
import { requireOwn } from '../target/ownership.ts';
import type { EnvironmentName } from '../target/target.ts';
import { type ObservedInstall, observeInstalls } from './observe-installs.ts';
import { type EnvironmentUrl, routesOf } from './routes.ts';

export type ServiceState = 'ready' | 'starting' | 'degraded' | 'failing' | 'stopped';

export interface ObservedService {
  readonly name: string;
  readonly state: ServiceState;
  readonly wanted: number;
  readonly ready: number;
  /** Why it is not simply ready, as sentences. */
  readonly reasons: readonly string[];
  /** The process's own last line about an error. */
  readonly error?: string;
  /** Restarts of its present pods together. */
  readonly restarts: number;
  /** Of the process that ended last. */
  readonly exitCode?: number;
  /** When it ended, in milliseconds since 1970. */
  readonly endedAt?: number;
  /** The words of a process that ended are in the log of the run before. */
  readonly ended?: boolean;
  /** Milliseconds since the youngest process began, which is not when its pod did; absent while none runs. */
  readonly age?: number;
}

/** The answer of a route, as a browser on this machine would get it. */
export interface ObservedRoute {
  readonly service: string;
  readonly url: string;
  /** It answers below 500, and from this environment. */
  readonly ready: boolean;
  /** HTTP status; absent when nothing answered. */
  readonly status?: number;
  readonly reason?: string;
  /** Where its answer sends the reader. */
  readonly location?: string;
  readonly setsCookie?: boolean;
}

/** An environment as the cluster reports it. */
export interface ObservedEnvironment {
  readonly namespace: string;
  readonly ending: boolean;
  readonly stopped: boolean;
  /** Whether `wt stop` paused Temporal schedules that nothing has continued yet. */
  readonly schedulesPaused: boolean;
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
  /** Empty when nobody asked, or where routes do not answer on this machine. */
  readonly routes: readonly ObservedRoute[];
}

/** What an environment should have, for a judgement; without it only the cluster is known. */
export interface Expectation {
  readonly services: readonly ExpectedService[];
  /** What to ask, beside the hosts in the cluster. */
  readonly plan: ReadyPlan | undefined;
  /** Where routes answer on this machine; undefined when they do not. */
  readonly http: HttpPlace | undefined;
}

/**
 * Undefined when there is no such namespace. With an expectation it looks into pods that do not answer and asks the
 * routes; without one it is quick and says less.
 */
export async function observe(
  kube: Kube,
  namespace: string,
  httpPort: number,
  expected?: Expectation,
): Promise<ObservedEnvironment | undefined> {
  const [owner, deployments, installs, urls] = await Promise.all([
    unlessGone(kube.core.readNamespace({ name: namespace })),
    kube.apps.listNamespacedDeployment({ namespace, labelSelector: Label.service }),
    observeInstalls(kube, namespace),
    routesOf(kube, namespace, httpPort),
  ]);
  if (!owner) return undefined;
  const where = { namespace, services: allServices(expected?.services ?? [], deployments.items) };
  const [facts, routes] = await Promise.all([
    expected ? lookCloser(kube, where) : lookAtPods(kube, where),
    expected ? askRoutes(expected, urls) : [],
  ]);
  const seen = judgeEnvironment({ owner, services: facts, installs, urls, routes }, Date.now());
  const services = seen.services.map((service) => withOwnError(kube, service, facts, routes));
  return { ...seen, services: await Promise.all(services) };
}

/** Everything that the judgement about one environment is made from. */
export interface EnvironmentFacts extends Pick<ObservedEnvironment, 'installs' | 'urls' | 'routes'> {
  /** Its namespace. */
  readonly owner: V1Namespace;
  readonly services: readonly ServiceFacts[];
}

/** The one judgement for `wt status` and `wt list`. `now`: milliseconds since 1970. */
export function judgeEnvironment(
  { owner, services: facts, installs, urls, routes }: EnvironmentFacts,
  now: number,
): ObservedEnvironment {
  const known = namespaceFacts(owner);
  const services = judgeServices(facts, now).map((service) => observed(service, known.stopped));
  const namespace = owner.metadata?.name ?? '';
  return { ...known, namespace, services: services.sort(byRoute(urls)), installs, urls, routes };
}

/** A program that runs and answers 5xx has often said why. */
async function withOwnError(
  kube: Kube,
  service: ObservedService,
  facts: readonly ServiceFacts[],
  routes: readonly ObservedRoute[],
): Promise<ObservedService> {
  const fails = routes.some(({ service: name, status = 0 }) => name === service.name && status >= 500);
  if (!fails || service.state !== 'ready') return service;
  const pods = facts.find(({ expected }) => expected.name === service.name)?.pods ?? [];
  const errors = await Promise.all(pods.map(async ({ pod }) => namedError(await recentLog(kube, pod))));
  return { ...service, ...defined({ error: errors.find(Boolean) }) };
}

/** The expected ones, and others that the cluster has, such as those of a team's own program. */
export function allServices(
  expected: readonly ExpectedService[],
  deployments: readonly V1Deployment[],
): ExpectedService[] {
  const others = deployedServices(deployments).filter(
    ({ name }) => !expected.some((service) => service.name === name),
  );
  return [...expected, ...others];
}

/** What Deployments say of their services. */
export function deployedServices(deployments: readonly V1Deployment[]): ExpectedService[] {
  return deployments.map(({ metadata, spec }) => ({
    name: metadata?.labels?.[Label.service] ?? metadata?.name ?? '',
    replicas: spec?.replicas ?? 1,
    timeoutSeconds: defaultTimeoutSeconds,
  }));
}

function observed(service: JudgedService, stopped: boolean): ObservedService {
  const { name, state, replicas, ready, reason, error, restarts, exitCode, endedAt, ended, age } = service;
  const off = state === 'off' || stopped;
  return {
    name,
    state: state === 'off' || stopped ? 'stopped' : state,
    wanted: stopped ? 0 : replicas,
    ready,
    reasons: reason === undefined || off ? [] : [reason],
    restarts,
    ...(off ? {} : defined({ error, exitCode, endedAt, ended, age })),
  };
}

/** `patience`: milliseconds for each answer. */
export async function askRoutes(
  { plan, http }: Expectation,
  urls: readonly EnvironmentUrl[],
  patience?: number,
): Promise<ObservedRoute[]> {
  if (!http) return [];
  const planned = plan?.routes ?? [];
  const others = urls.flatMap(({ service, url }) => {
    const { hostname: host, pathname: path } = new URL(url);
    return planned.some((route) => route.host === host && route.service === service)
      ? []
      : [{ service, host, path }];
  });
  const states = await Promise.all([
    plan ? routeStates(plan, patience) : [],
    routeStates({ namespace: '', services: [], routes: others, http }, patience),
  ]);
  const port = http.port === 80 ? '' : `:${http.port}`;
  return states.flat().map(({ service, host, path, ready, status, reason, location, setsCookie }) => ({
    service,
    url: `http://${host}${port}${path}`,
    ready,
    ...defined({ status, reason, location, setsCookie }),
  }));
}

/** Throws COPPICE_NO_ENVIRONMENT unless the environment exists and is not being removed, and COPPICE_CLAIMED. */
export function requireObserved(
  name: EnvironmentName,
  seen: ObservedEnvironment | undefined,
): asserts seen is ObservedEnvironment {
  if (!seen || seen.ending) throw noEnvironmentError(name);
  requireOwn(name, seen);
}

function namespaceFacts({ metadata, status }: V1Namespace) {
  const annotations = metadata?.annotations ?? {};
  return {
    ending: status?.phase === 'Terminating',
    stopped: annotations[Annotation.stopped] !== undefined,
    schedulesPaused: annotations[Annotation.schedulesPaused] !== undefined,
    environmentId: metadata?.labels?.[Label.environmentId],
    repository: annotations[Annotation.repository],
    branch: annotations[Annotation.branch],
    worktree: annotations[Annotation.worktree],
    commit: annotations[Annotation.commit],
    created: metadata?.creationTimestamp ? new Date(metadata.creationTimestamp) : undefined,
  };
}

/** The primary service first, as its route is the first one. */
function byRoute(urls: readonly EnvironmentUrl[]): (one: ObservedService, other: ObservedService) => number {
  const place = (name: string) => {
    const at = urls.findIndex(({ service }) => service === name);
    return at < 0 ? urls.length : at;
  };
  return (one, other) => place(one.name) - place(other.name) || one.name.localeCompare(other.name);
}
