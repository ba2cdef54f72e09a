import { type Kube, unlessGone } from '../../cluster/kube/client.ts';
import { Annotation, fieldManager, Label } from '../../core/labels.ts';

/** Removes all pods; each deployment's number of replicas is kept on the namespace. */
export async function scaleToZero(kube: Kube, namespace: string): Promise<void> {
  const { items } = await kube.apps.listNamespacedDeployment({ namespace, labelSelector: Label.service });
  const replicas = Object.fromEntries(
    items.map(({ metadata, spec }) => [metadata?.name ?? '', spec?.replicas ?? 1]),
  );
  // Annotation first, change second: an interrupted stop can still be reversed.
  const annotations = { [Annotation.stopped]: JSON.stringify(replicas) };
  await kube.core.patchNamespace(
    { name: namespace, body: { metadata: { annotations } }, fieldManager },
    kube.mergePatch,
  );
  await Promise.all(Object.keys(replicas).map((deployment) => scale(kube, namespace, deployment, 0)));
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
  const stopped = owner.metadata?.annotations?.[Annotation.stopped];
  if (stopped === undefined) return [];
  const replicas = JSON.parse(stopped) as Record<string, number>;
  await Promise.all(
    Object.entries(replicas).map(([deployment, count]) =>
      unlessGone(scale(kube, namespace, deployment, count)),
    ),
  );
  // Last, so that an interrupted start can be repeated.
  const annotations = { [Annotation.stopped]: null };
  await kube.core.patchNamespace(
    { name: namespace, body: { metadata: { annotations } }, fieldManager },
    kube.mergePatch,
  );
  return Object.keys(replicas);
}
