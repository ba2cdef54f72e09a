import type { V1Deployment, V1EndpointSlice, V1Namespace } from '@kubernetes/client-node';
import type { KubeReader } from '../../../cluster/kube/client.ts';
import { defined } from '../../../core/defined.ts';
import { Annotation, Label } from '../../../core/labels.ts';
import { defaultTimeoutSeconds, type ExpectedService } from '../../../resources/ready/contract.ts';
import type { ServiceState } from '../../../resources/ready/judge-service.ts';
import { judgeServices } from '../../../resources/ready/judge-services.ts';
import { look } from '../../../resources/ready/look.ts';
import type { KubernetesApi } from './kubernetes.ts';
import type { Matched } from './match.ts';
import { serviceLabel, sliceOf } from './objects.ts';
import { readyAddresses } from './slices.ts';

/** `unknown`: the API server did not say. `ending`: the environment was removed. */
export type OutageState = 'stopped' | 'ending' | 'starting' | 'degraded' | 'failing' | 'off' | 'unknown';

/** Why no pod answers for a service. */
export interface Outage {
  /** `shop/feat-b`; absent for a server of the platform. */
  readonly environment?: string;
  readonly service: string;
  readonly state: OutageState;
  /** Goes on from the service's name: `crashes: exit code 7`. */
  readonly reason: string;
  /** The process's own last line about an error. */
  readonly error?: string;
  readonly exitCode?: number;
  readonly restarts?: number;
  /** The words of the process that ended are in the log of the run before. */
  readonly ended?: boolean;
  readonly branch?: string;
  readonly worktree?: string;
}

/** `IP:PORT` of the pods that are ready now: not older than what the gateway knows. */
export async function readyNow(api: KubernetesApi, { service, port }: Matched): Promise<string[]> {
  const { namespace, name } = service;
  // From the API server's cache, which feeds the gateway's watch too.
  const query = new URLSearchParams({ labelSelector: `${serviceLabel}=${name}`, resourceVersion: '0' });
  const path = `/apis/discovery.k8s.io/v1/namespaces/${namespace}/endpointslices?${query}`;
  const { items } = await api.get<{ items: V1EndpointSlice[] }>(path);
  return readyAddresses(items.map(sliceOf), port);
}

/** Never throws. */
export async function outageOf(kube: KubeReader, { route, service }: Matched): Promise<Outage> {
  const { namespace, name } = service;
  const whose = { service: name, ...defined({ environment: route.environment }) };
  try {
    const [owner, { items: deployments }] = await Promise.all([
      kube.core.readNamespace({ name: namespace }),
      kube.apps.listNamespacedDeployment({ namespace, resourceVersion: '0' }),
    ]);
    const services = deployments.flatMap(expectedOf);
    const known = services.some((one) => one.name === name);
    const expected = known
      ? services
      : [...services, { name, replicas: 1, timeoutSeconds: defaultTimeoutSeconds }];
    const judged = judgeServices(await look(kube, { namespace, services: expected }), Date.now());
    const own = judged.find((one) => one.name === name);
    return { ...whose, ...ownerOf(owner), ...judgement(owner, own) };
  } catch (error) {
    const reason = `does not answer, and the cluster does not say why: ${error instanceof Error ? error.message : error}`;
    return { ...whose, state: 'unknown', reason };
  }
}

function expectedOf({ metadata, spec }: V1Deployment): ExpectedService[] {
  const name = metadata?.labels?.[Label.service] ?? metadata?.name;
  if (name === undefined) return [];
  return [{ name, replicas: spec?.replicas ?? 1, timeoutSeconds: defaultTimeoutSeconds }];
}

function ownerOf({ metadata }: V1Namespace): Pick<Outage, 'branch' | 'worktree'> {
  const { [Annotation.branch]: branch, [Annotation.worktree]: worktree } = metadata?.annotations ?? {};
  return defined({ branch, worktree });
}

function judgement(
  { metadata }: V1Namespace,
  judged: ServiceState | undefined,
): Omit<Outage, 'environment' | 'service' | 'branch' | 'worktree'> {
  if (metadata?.deletionTimestamp) return { state: 'ending', reason: 'is being removed' };
  // `wt start` removes the annotation last.
  if (metadata?.annotations?.[Annotation.stopped] !== undefined && judged?.replicas === 0)
    return { state: 'stopped', reason: 'has no pods: the environment is stopped' };
  if (judged === undefined) return { state: 'unknown', reason: 'does not answer' };
  const { state, reason, error, exitCode, restarts, ended } = judged;
  const seen = { restarts, ...defined({ error, exitCode, ended }) };
  if (state === 'off') return { state, reason: 'has no pods: its `replicas` are 0' };
  // Its pod was ready, or will be in a moment.
  if (state === 'ready') return { state: 'starting', reason: 'does not answer yet', ...seen };
  return { state, reason: reason ?? 'does not answer yet', ...seen };
}
