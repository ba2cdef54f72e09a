import { type Kube, unlessGone } from '../../cluster/kube/client.ts';
import { Annotation } from '../../core/labels.ts';
import { requireOwn } from './ownership.ts';
import type { EnvironmentName } from './target.ts';

/** As {@link requireOwn}, with the owner that the namespace names: a stack may be missing. Throws COPPICE_CLAIMED. */
export async function requireOwnNamespace(kube: Kube, name: EnvironmentName): Promise<void> {
  const there = await unlessGone(kube.core.readNamespace({ name: name.namespace }));
  const { [Annotation.repository]: repository, [Annotation.branch]: branch } =
    there?.metadata?.annotations ?? {};
  requireOwn(name, { repository, branch });
}
