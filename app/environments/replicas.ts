import type { V1Namespace } from '@kubernetes/client-node';
import { type Kube, unlessGone } from '../../cluster/kube/client.ts';
import { Annotation, fieldManager, Label } from '../../core/labels.ts';

type Replicas = Readonly<Record<string, number>>;

/**
 * Removes all pods; each deployment's number of replicas is kept on the namespace. Finishes a stop that was interrupted,
 * and takes back a start that was.
 */
export async function scaleToZero(kube: Kube, namespace: string): Promise<void> {
  const [owner, { items }] = await Promise.all([
    unlessGone(kube.core.readNamespace({ name: namespace })),
    kube.apps.listNamespacedDeployment({ namespace, labelSelector: Label.service }),
  ]);
  const before = keptReplicas(owner) ?? {};
  const present = items.map(({ metadata, spec }) => [metadata?.name ?? '', spec?.replicas ?? 1] as const);
  // Annotation first, change second: an interrupted stop can still be reversed.
  const kept = Object.fromEntries(present.map(([name, count]) => [name, count || (before[name] ?? 0)]));
  await annotate(kube, namespace, JSON.stringify(kept));
  await Promise.all(present.map(([name]) => scale(kube, namespace, name, 0)));
}

/** As a stop left them; undefined for an environment that is not stopped. */
function keptReplicas(owner: V1Namespace | undefined): Replicas | undefined {
  const stopped = owner?.metadata?.annotations?.[Annotation.stopped];
  return stopped === undefined ? undefined : (JSON.parse(stopped) as Replicas);
}

async function annotate(kube: Kube, namespace: string, stopped: string | null): Promise<void> {
  const body = { metadata: { annotations: { [Annotation.stopped]: stopped } } };
  await kube.core.patchNamespace({ name: namespace, body, fieldManager }, kube.mergePatch);
}

function scale(kube: Kube, namespace: string, name: string, replicas: number): Promise<unknown> {
  const body = { spec: { replicas } };
  return kube.apps.patchNamespacedDeployment({ namespace, name, body, fieldManager }, kube.mergePatch);
}

/**
 * Names of the deployments that were started: none when the environment was not stopped, undefined when there is no
 * environment.
 */
export async function restoreReplicas(kube: Kube, namespace: string): Promise<string[] | undefined> {
  const owner = await unlessGone(kube.core.readNamespace({ name: namespace }));
  if (!owner || owner.metadata?.deletionTimestamp) return undefined;
  const replicas = keptReplicas(owner);
  if (replicas === undefined) return [];
  await Promise.all(
    Object.entries(replicas).map(([deployment, count]) =>
      unlessGone(scale(kube, namespace, deployment, count)),
    ),
  );
  // Last, so that an interrupted start can be repeated.
  await annotate(kube, namespace, null);
  return Object.keys(replicas);
}
