import { isAbsolute, join, relative } from 'node:path';
import { defined } from '../../core/defined.ts';
import { CoppiceError } from '../../core/errors.ts';
import type { Spec } from '../spec/schema/spec.ts';
import type { PlanContext, SourcePlan } from './environment-plan.ts';

/**
 * How the pods get the files. `mount` if the nodes see this machine's files, for every service, whatever its image;
 * else `image`, which currently works only for services with their own image.
 */
export function planSource(spec: Spec, context: PlanContext): SourcePlan {
  const { mountPath, specFolder, folderMark: mark, identity } = context;
  refuseOutside(specFolder, identity.worktree);
  const wanted = spec.source ?? (mountPath === undefined ? 'image' : 'mount');
  const why =
    spec.source === undefined ? 'the nodes of this cluster do not see the files of this machine' : undefined;
  if (wanted === 'image') {
    refuseRuntimes(spec, why ?? 'coppice.yaml says source: image');
    return { kind: 'image' };
  }
  if (mountPath === undefined) {
    throw new CoppiceError(
      'COPPICE_SOURCE',
      'coppice.yaml says source: mount, but the nodes of this cluster do not see the files of this machine',
      {
        hint: 'set existing.mountPath in the settings if they do see them under some folder, or use a cluster on this machine',
      },
    );
  }
  refuseUnseen(context);
  const hostPath = join(mountPath, specFolder);
  return { kind: 'mount', hostPath, ...defined({ mark }), git: gitIn(context) };
}

/** In the pods, a folder that the nodes do not see would be empty or missing. */
function refuseUnseen({ specFolder, roots }: PlanContext): void {
  if (roots === undefined || roots.some((root) => isBelow(specFolder, root))) return;
  throw new CoppiceError(
    'COPPICE_OUTSIDE_ROOTS',
    `the nodes of this cluster do not see ${specFolder}, only what lies below ${roots.join(', ')}`,
    {
      hint: 'move the worktree below one of them (git worktree move), or add its folder to k3d.roots in the settings and recreate the cluster with `wt cluster start --recreate`',
    },
  );
}

function refuseRuntimes(spec: Spec, why: string): void {
  const names = Object.keys(spec.services).filter((name) => spec.services[name]?.runtime !== undefined);
  if (names.length === 0) return;
  const services = names.length === 1 ? `service ${names[0]} has` : `services ${names.join(', ')} have`;
  throw new CoppiceError(
    'COPPICE_SOURCE',
    `${services} a runtime, which needs the folder mounted, and ${why}; images built from the folder come with previews`,
    {
      hint: 'use a cluster on this machine, set existing.mountPath in the settings, or give these services an image',
    },
  );
}

/** Only the top folder of a worktree has a `.git`: a folder if the repository itself lies in it, else a file. */
function gitIn({ specFolder, identity }: PlanContext): 'folder' | 'file' | 'none' {
  if (specFolder !== identity.worktree) return 'none';
  return identity.repository === join(identity.worktree, '.git') ? 'folder' : 'file';
}

function refuseOutside(folder: string, worktree: string): void {
  if (isBelow(folder, worktree)) return;
  throw new CoppiceError('COPPICE_OUTSIDE_WORKTREE', `${folder} is not in the worktree ${worktree}`, {
    hint: 'put coppice.yaml into the worktree itself: only what is inside it may be mounted',
  });
}

/** Whether a folder is `root` or lies below it. */
export function isBelow(folder: string, root: string): boolean {
  const path = relative(root, folder);
  return path !== '..' && !path.startsWith('../') && !isAbsolute(path);
}
