import { existsSync } from 'node:fs';
import { isBelow } from '../../../config/plan/source.ts';
import { CoppiceError } from '../../../core/errors.ts';

/** Folders of a node that a local folder must not cover: without them the node does not start. */
const nodeFolders = [
  ...[
    '/bin',
    '/boot',
    '/dev',
    '/etc',
    '/lib',
    '/lib64',
    '/opt/cni',
    '/proc',
    '/run',
    '/sbin',
    '/sys',
    '/usr',
  ],
  ...['/var/lib/cni', '/var/lib/coppice', '/var/lib/kubelet', '/var/lib/rancher', '/var/log', '/var/run'],
];

/** Why the nodes cannot have a folder at its own path, or undefined. */
export function rootProblem(
  root: string,
  exists: (path: string) => boolean = existsSync,
): string | undefined {
  if (root.includes(':')) return 'has a colon in its name, which Docker cannot mount';
  const covered = nodeFolders.find((folder) => isBelow(folder, root) || isBelow(root, folder));
  if (covered !== undefined) return `would cover ${covered} of the nodes`;
  if (!exists(root)) return 'does not exist (Docker would create it, as root)';
  return undefined;
}

/** Throws COPPICE_ROOTS for the first root that the nodes cannot have. */
export function requireRoots(roots: readonly string[]): void {
  for (const root of roots) {
    const problem = rootProblem(root);
    if (problem === undefined) continue;
    throw new CoppiceError('COPPICE_ROOTS', `the root ${root} ${problem}`, {
      hint: 'name the folders with your worktrees as `k3d.roots` in the settings, with absolute paths',
    });
  }
}
