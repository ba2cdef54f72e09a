import { sep } from 'node:path';
import type { V1Deployment } from '@kubernetes/client-node';
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
  return mountProblem({ worktree }, folder, () =>
    kube.apps.listNamespacedDeployment({ namespace, labelSelector: Label.service }),
  );
}

/** The same with the Deployments of its services, which are only asked for where they can tell. */
export async function mountProblem(
  { worktree }: Pick<ObservedEnvironment, 'worktree'>,
  folder: string | undefined,
  deployments: () => Promise<{ readonly items: readonly V1Deployment[] }>,
): Promise<string | undefined> {
  const gone = worktree !== undefined && (await isGone(worktree));
  const inside = folder !== undefined && `${folder}${sep}`.startsWith(`${worktree}${sep}`);
  // A folder elsewhere is not the one that they were given, unless that one was moved.
  if (!gone && !inside) return undefined;
  const { items } = await deployments();
  const now = folder === undefined ? undefined : await folderMark(folder);
  const mounted = items.flatMap(
    ({ spec }) => spec?.template.metadata?.annotations?.[Annotation.folder] ?? [],
  );
  if (gone) {
    if (mounted.every((mark) => now !== undefined && isSameFolder(mark, now))) return undefined;
    return `its worktree ${worktree} is gone: its pods see the folder that was there`;
  }
  if (now === undefined || mounted.every((mark) => isSameFolder(mark, now))) return undefined;
  return `the folder ${folder} was replaced: its pods see the one that was there before`;
}

/** What cannot be read may be there. */
async function isGone(folder: string): Promise<boolean> {
  const mark = await folderMark(folder).catch(() => 'unknown');
  return mark === undefined;
}
