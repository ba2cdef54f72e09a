import { type Kube, type KubeAddress, unlessGone } from '../../cluster/kube/client.ts';
import { clusterOf } from '../../cluster/kube/connections.ts';
import { defined } from '../../core/defined.ts';
import { Annotation, Label, managedBy } from '../../core/labels.ts';

/** Who brought an environment up, as its namespace says it. */
export interface ClaimedBy {
  readonly repository?: string;
  readonly branch?: string;
  readonly worktree?: string;
  readonly commit?: string;
}

/** As {@link claimedBy}, for a program. */
export async function claimedAt(address: KubeAddress, namespace: string): Promise<ClaimedBy | undefined> {
  return claimedBy(await clusterOf(address), namespace);
}

/** Undefined where there is no namespace of ours with this name. */
export async function claimedBy(kube: Kube, namespace: string): Promise<ClaimedBy | undefined> {
  const there = await unlessGone(kube.core.readNamespace({ name: namespace }));
  if (there?.metadata?.labels?.[Label.managedBy] !== managedBy) return undefined;
  const annotations = there.metadata.annotations ?? {};
  return defined({
    repository: annotations[Annotation.repository],
    branch: annotations[Annotation.branch],
    worktree: annotations[Annotation.worktree],
    commit: annotations[Annotation.commit],
  });
}
