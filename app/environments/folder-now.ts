import { sep } from 'node:path';
import type { Kube } from '../../cluster/kube/client.ts';
import { folderMark, isSameFolder } from '../../core/files.ts';
import { Annotation, Label } from '../../core/labels.ts';
import type { ObservedEnvironment } from './observe.ts';

/**
 * What is wrong when the pods of an environment have another folder mounted than the one that is at its path now, as after
 * a worktree was removed and added again. Undefined when it is the same one, or nothing is known.
 */
export async function folderProblem(
  kube: Kube,
  { namespace, worktree }: Pick<ObservedEnvironment, 'namespace' | 'worktree'>,
  folder: string | undefined,
): Promise<string | undefined> {
  // A folder elsewhere is not the one that they were given.
  if (folder === undefined || !`${folder}${sep}`.startsWith(`${worktree}${sep}`)) return undefined;
  const [{ items }, now] = await Promise.all([
    kube.apps.listNamespacedDeployment({ namespace, labelSelector: Label.service }),
    folderMark(folder),
  ]);
  const mounted = items.flatMap(
    ({ spec }) => spec?.template.metadata?.annotations?.[Annotation.folder] ?? [],
  );
  if (now === undefined || mounted.every((mark) => isSameFolder(mark, now))) return undefined;
  return `the folder ${folder} was replaced: its pods see the one that was there before`;
}
