import type { V1Deployment, V1Pod } from '@kubernetes/client-node';
import { type Kube, type KubeReader, unlessGone } from '../../cluster/kube/client.ts';
import { lookInside } from '../../cluster/kube/inside.ts';
import { eventsOf, whyNotReady } from '../../cluster/kube/pods.ts';
import { defined } from '../../core/defined.ts';
import { Label } from '../../core/labels.ts';
import type { ExpectedService, ReadyPlan } from './contract.ts';
import type { PodFacts, ServiceFacts } from './facts.ts';
import { containerOf, hasPort, timeOf } from './runs.ts';
import { commandOf, mayWatch } from './watchers.ts';

/** Lines of a log that are read for a judgement. */
const LOG_LINES = 40;

type Where = Pick<ReadyPlan, 'namespace' | 'services'>;

/** What one list of pods shows. */
export async function lookAtPods(kube: KubeReader, { namespace, services }: Where): Promise<ServiceFacts[]> {
  // From the API server's cache: this spares SQLite, and a slightly outdated pod makes no difference here.
  const request = { namespace, labelSelector: Label.service, resourceVersion: '0' };
  const { items } = await kube.core.listNamespacedPod(request);
  return services.map((expected) => ({ expected, pods: podsOf(expected.name, items) }));
}

/**
 * The pods of a service that are not ending.
 *
 * @internal Exported for its test, which passes recorded pods.
 */
export function podsOf(service: string, pods: readonly V1Pod[]): PodFacts[] {
  return pods
    .filter(({ metadata }) => metadata?.labels?.[Label.service] === service && !metadata.deletionTimestamp)
    .map((pod) => ({ pod }));
}

/**
 * The same with the Deployments, and with the log of every pod that is not ready or that nothing can ask: all that is
 * needed for a judgement about what is up, without the whole Kubernetes client.
 */
export async function look(kube: KubeReader, where: Where): Promise<ServiceFacts[]> {
  const { namespace } = where;
  const [seen, deployments] = await Promise.all([
    lookAtPods(kube, where),
    // Without a selector: those of the platform are labelled in their pods only.
    kube.apps.listNamespacedDeployment({ namespace, resourceVersion: '0' }),
  ]);
  return readLogs(kube, namespace, withDeployments(seen, deployments.items));
}

/** What lists of pods and Deployments of one namespace show of its services. */
export function factsFrom(
  services: readonly ExpectedService[],
  pods: readonly V1Pod[],
  deployments: readonly V1Deployment[],
): ServiceFacts[] {
  const seen = services.map((expected) => ({ expected, pods: podsOf(expected.name, pods) }));
  return withDeployments(seen, deployments);
}

function withDeployments(
  seen: readonly ServiceFacts[],
  deployments: readonly V1Deployment[],
): ServiceFacts[] {
  return seen.map((service) => ({
    ...service,
    deployment:
      deployments.find(
        ({ metadata }) =>
          metadata?.labels?.[Label.service] === service.expected.name ||
          metadata?.name === service.expected.name,
      ) ?? ('absent' as const),
  }));
}

/** Adds the log of every pod that is not ready or that nothing can ask. */
export function readLogs(
  kube: Pick<KubeReader, 'core'>,
  namespace: string,
  seen: readonly ServiceFacts[],
): Promise<ServiceFacts[]> {
  return Promise.all(
    seen.map(async (service) => ({
      ...service,
      pods: await Promise.all(service.pods.map((facts) => withLogs(kube, namespace, facts))),
    })),
  );
}

/** The same once more with events, and with what runs in the pods that do not answer. */
export async function lookCloser(kube: Kube, where: Where): Promise<ServiceFacts[]> {
  return lookInto(kube, where.namespace, await look(kube, where));
}

/** Adds events, and what runs in the pods that do not answer. */
export function lookInto(
  kube: Kube,
  namespace: string,
  seen: readonly ServiceFacts[],
): Promise<ServiceFacts[]> {
  return Promise.all(
    seen.map(async (service) => ({
      ...service,
      pods: await Promise.all(service.pods.map((facts) => withInside(kube, namespace, facts))),
    })),
  );
}

async function withLogs(
  kube: Pick<KubeReader, 'core'>,
  namespace: string,
  facts: PodFacts,
): Promise<PodFacts> {
  const { pod } = facts;
  const container = containerOf(pod);
  const restarted = (container?.restartCount ?? 0) > 0;
  if (whyNotReady(pod) === undefined && hasPort(pod) && !restarted) return facts;
  const [log, previousLog] = await Promise.all([
    readLog(kube, namespace, pod, false),
    restarted ? readLog(kube, namespace, pod, true) : undefined,
  ]);
  return { ...facts, log, ...defined({ previousLog }) };
}

/** The last lines of a pod that runs. */
export function recentLog(kube: KubeReader, pod: V1Pod): Promise<string[]> {
  return readLog(kube, pod.metadata?.namespace ?? '', pod, false);
}

async function readLog(
  kube: Pick<KubeReader, 'core'>,
  namespace: string,
  pod: V1Pod,
  previous: boolean,
): Promise<string[]> {
  const name = pod.metadata?.name ?? '';
  const request = { namespace, name, tailLines: LOG_LINES, ...(previous && { previous }) };
  // Without a container that began there is no log, and the kubelet may have removed the one before.
  const text = await unlessGone(kube.core.readNamespacedPodLog(request)).catch(() => undefined);
  return (text ?? '')
    .replace(/\n$/, '')
    .split('\n')
    .filter((line, _, all) => all.length > 1 || line !== '');
}

/** Whether {@link lookInto} would find out more about a service: then the whole client is needed. */
export function deservesLook({ pods }: ServiceFacts): boolean {
  return pods.some(({ pod }) => whyNotReady(pod) !== undefined || watches(pod));
}

async function withInside(kube: Kube, namespace: string, facts: PodFacts): Promise<PodFacts> {
  const { pod } = facts;
  const name = pod.metadata?.name ?? '';
  const ready = whyNotReady(pod) === undefined;
  const running = containerOf(pod)?.state?.running !== undefined;
  const [events, inside] = await Promise.all([
    ready ? undefined : eventsOf(kube, namespace, name),
    running && (!ready || watches(pod))
      ? lookInside(kube, { namespace, pod: name, container: pod.spec?.containers[0]?.name ?? '' })
      : undefined,
  ]);
  return { ...facts, ...defined({ events, inside }) };
}

/** A pod without a port is ready for Kubernetes even while its watcher waits. */
function watches(pod: V1Pod): boolean {
  return !hasPort(pod) && mayWatch(commandOf(pod));
}

/** When a pod, or the run of its process that is judged, began. */
export function judgedSince(pod: V1Pod): number {
  const container = containerOf(pod);
  const run = container?.state?.running ?? container?.state?.terminated ?? container?.lastState?.terminated;
  return timeOf(run?.startedAt) ?? timeOf(pod.metadata?.creationTimestamp) ?? 0;
}
