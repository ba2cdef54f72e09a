import type { V1Pod } from '@kubernetes/client-node';
import { defined } from '../../core/defined.ts';
import { CoppiceError } from '../../core/errors.ts';
import { ask, type HttpPlace } from '../../core/http.ts';
import { until } from '../../core/until.ts';
import { type Kube, statusOf, unlessGone } from './client.ts';

/** Recognizes a deleted route that still answers. */
export interface StillAnswers {
  readonly place: HttpPlace;
  readonly header: string;
  /** Part of the header's value. */
  readonly includes: string;
}

const POD_MS = 60_000;
/** Traefik follows within 0.1 s; a route that another server still serves must not hold up a `down`. */
const ROUTE_MS = 3_000;
const LOOK_MS = 50;
const httpRoutes = { group: 'gateway.networking.k8s.io', version: 'v1', plural: 'httproutes' };

/**
 * Starts a namespace's own deletion, which the namespace controller holds for 5 s, and deletes the contents at the same
 * time. Resolves when no pod is left and no route answers; the empty namespace finishes by itself. Throws
 * COPPICE_TERMINATING.
 */
export async function emptyNamespace(
  kube: Kube,
  namespace: { readonly name: string; readonly uid: string | undefined },
  signal: AbortSignal,
  answers?: StillAnswers,
): Promise<void> {
  const { name } = namespace;
  const hosts = answers ? await hostsOf(kube, name) : [];
  const all = { namespace: name };
  await Promise.all([
    deleteNamespace(kube, namespace),
    deleteIfPresent(kube.objects.deleteCollectionNamespacedCustomObject({ ...httpRoutes, ...all })),
    deleteIfPresent(
      kube.apps.deleteCollectionNamespacedDeployment({ ...all, propagationPolicy: 'Background' }),
    ),
    deleteIfPresent(kube.core.deleteCollectionNamespacedPod(all)),
  ]);
  await Promise.all([
    untilNoPods(kube, name, { signal }),
    ...hosts.map((host) => answers && untilSilent(host, answers, signal)),
  ]);
}

async function deleteNamespace(
  kube: Kube,
  { name, uid }: { readonly name: string; readonly uid: string | undefined },
): Promise<void> {
  const body = uid === undefined ? {} : { preconditions: { uid } };
  await deleteIfPresent(kube.core.deleteNamespace({ name, body }));
}

/** Not there, or being deleted already. */
async function deleteIfPresent(deletion: Promise<unknown>): Promise<void> {
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

/** Waits until no pod is left (with the label, if one is named). Throws COPPICE_TERMINATING when they do not end. */
export async function untilNoPods(
  kube: Kube,
  namespace: string,
  { signal, labelSelector }: { readonly signal?: AbortSignal; readonly labelSelector?: string } = {},
): Promise<void> {
  const query = { namespace, ...defined({ labelSelector }) };
  await until(async () => (await kube.core.listNamespacedPod(query)).items, {
    done: (pods) => pods.length === 0,
    every: LOOK_MS,
    within: POD_MS,
    late: (pods) => terminatingError(namespace, pods),
    signal,
  });
}

function terminatingError(namespace: string, pods: readonly V1Pod[]): CoppiceError {
  const names = pods.map(({ metadata }) => metadata?.name).join(', ');
  return new CoppiceError('COPPICE_TERMINATING', `these pods in ${namespace} do not terminate: ${names}`, {
    hint: 'run `wt cluster status`; the node may not be answering',
  });
}

async function untilSilent(
  host: string,
  { place, header, includes }: StillAnswers,
  signal: AbortSignal,
): Promise<void> {
  const isSilent = async () => {
    const { headers } = await ask(place, host, '/');
    return !headers?.[header.toLowerCase()]?.includes(includes);
  };
  // Everything has been deleted: an interrupt ends the wait and is not a failure.
  await until(async () => signal.aborted || isSilent(), { every: LOOK_MS, within: ROUTE_MS });
}
