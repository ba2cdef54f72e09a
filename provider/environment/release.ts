import { setTimeout as timeout } from 'node:timers/promises';
import { type Kube, statusOf, unlessGone } from '../../cluster/kube/client.ts';
import { CoppiceError } from '../../config/errors.ts';
import { Header, Label } from '../../config/labels.ts';
import { ask } from '../ready/request.ts';
import { pause } from '../sleep.ts';
import { requireCluster } from './claim.ts';
import type { EnvironmentOutputs } from './inputs.ts';

const POD_MS = 60_000;
/** Traefik follows within 0.1 s; a route that somebody else still serves must not hold up a `down`. */
const ROUTE_MS = 3_000;
const LOOK_MS = 50;
const httpRoutes = { group: 'gateway.networking.k8s.io', version: 'v1', plural: 'httproutes' };

/**
 * Begins the namespace's own deletion, which the namespace controller holds for 5 s, and meanwhile takes the contents
 * away. Done when no pod is left and no route answers; the empty namespace finishes by itself.
 * Throws COPPICE_OTHER_CLUSTER, COPPICE_CLUSTER, COPPICE_TERMINATING.
 */
export async function release(kube: Kube, state: EnvironmentOutputs, signal: AbortSignal): Promise<void> {
  await requireCluster(kube, state.cluster);
  const { namespace } = state;
  const there = await unlessGone(kube.core.readNamespace({ name: namespace }));
  // Deleted by hand, and perhaps somebody else's by now.
  if (there?.metadata?.labels?.[Label.environmentId] !== state.environmentId) return;
  const hosts = await hostsOf(kube, namespace);
  await Promise.all([
    begin(kube, namespace, there.metadata.uid),
    gone(kube.objects.deleteCollectionNamespacedCustomObject({ ...httpRoutes, namespace })),
    gone(kube.apps.deleteCollectionNamespacedDeployment({ namespace, propagationPolicy: 'Background' })),
    gone(kube.core.deleteCollectionNamespacedPod({ namespace })),
  ]);
  await Promise.all([untilNoPods(kube, namespace, signal), untilSilent(hosts, state, signal)]);
}

async function begin(kube: Kube, name: string, uid: string | undefined): Promise<void> {
  const body = uid === undefined ? {} : { preconditions: { uid } };
  await gone(kube.core.deleteNamespace({ name, body }));
}

/** Not there, or being deleted already. */
async function gone(deletion: Promise<unknown>): Promise<void> {
  try {
    await deletion;
  } catch (error) {
    if (statusOf(error) !== 404 && statusOf(error) !== 409) throw error;
  }
}

async function hostsOf(kube: Kube, namespace: string): Promise<string[]> {
  const list = await unlessGone(kube.objects.listNamespacedCustomObject({ ...httpRoutes, namespace }));
  const routes = (list as { items?: { spec?: { hostnames?: string[] } }[] } | undefined)?.items ?? [];
  return routes.flatMap(({ spec }) => spec?.hostnames ?? []);
}

async function untilNoPods(kube: Kube, namespace: string, signal: AbortSignal): Promise<void> {
  const deadline = performance.now() + POD_MS;
  for (;;) {
    const { items } = await kube.core.listNamespacedPod({ namespace });
    if (items.length === 0) return;
    if (performance.now() > deadline) {
      const names = items.map(({ metadata }) => metadata?.name).join(', ');
      throw new CoppiceError('COPPICE_TERMINATING', `these pods of ${namespace} do not end: ${names}`, {
        hint: 'run `wt cluster status`; the node may not be answering',
      });
    }
    await pause(LOOK_MS, signal);
  }
}

async function untilSilent(
  hosts: readonly string[],
  { httpPort, environmentId }: EnvironmentOutputs,
  signal: AbortSignal,
): Promise<void> {
  if (httpPort === undefined) return;
  const deadline = performance.now() + ROUTE_MS;
  await Promise.all(
    hosts.map(async (host) => {
      while (!signal.aborted && performance.now() < deadline) {
        const answer = await ask({ address: '127.0.0.1', port: httpPort }, host, '/');
        if (!answer.headers?.[Header.environment.toLowerCase()]?.includes(environmentId)) return;
        await timeout(LOOK_MS);
      }
    }),
  );
}
