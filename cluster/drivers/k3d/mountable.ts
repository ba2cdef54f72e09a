import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { CoppiceError, ExitCode } from '../../../config/errors.ts';
import { outcomeOf } from './command.ts';
import { askDockerMachine, type DockerMachine, engineNames } from './docker-machine.ts';
import { requireRoots } from './roots.ts';
import { howToShare, type Shared, sharingOf, unshared } from './shared-folders.ts';

/** What is known before anything is made. */
export interface Outlook {
  /** The nodes cannot have the folders: nothing is to be made. */
  readonly refusal?: CoppiceError;
  /** They may not see one of them. */
  readonly doubt?: string;
}

/**
 * Whether an engine can give the roots to the nodes, before a cluster is made there. Throws COPPICE_ROOTS,
 * COPPICE_REMOTE_ENGINE; what is only likely is told.
 */
export async function requireMountable(
  roots: readonly string[],
  note: (text: string) => void,
): Promise<void> {
  requireRoots(roots);
  const machine = await askDockerMachine();
  if (machine === undefined) return;
  const { shared } = await sharingOf(machine);
  const { refusal, doubt } = outlook(machine, roots, shared);
  if (refusal !== undefined) throw refusal;
  if (doubt !== undefined) note(doubt);
}

export function outlook(
  { kind, context, endpoint }: Pick<DockerMachine, 'kind' | 'context' | 'endpoint'>,
  roots: readonly string[],
  shared: Shared,
): Outlook {
  if (kind === 'remote') {
    const refusal = new CoppiceError(
      'COPPICE_REMOTE_ENGINE',
      `the Docker engine is on another machine (${endpoint}), whose nodes cannot mount the worktrees of this one`,
      {
        hint: `Choose one on this machine: docker context use NAME (now: ${context}), or unset DOCKER_HOST.`,
        exitCode: ExitCode.unreachable,
      },
    );
    return { refusal };
  }
  const [root] = unshared(roots, shared);
  if (root === undefined) return {};
  const hint = howToShare(kind, root);
  if (shared.known === 'default') {
    return { doubt: `${engineNames[kind]} does not share ${root} unless it was told to. ${hint}` };
  }
  const message = `the root ${root} is not shared with ${engineNames[kind]}, so the nodes would see an empty folder`;
  return { refusal: new CoppiceError('COPPICE_ROOTS', message, { hint }) };
}

/**
 * The roots in which a node misses what is in them here: a folder that a virtual machine does not share is an empty one there,
 * and a Docker whose socket was passed into a container has another machine's folders. An empty root says nothing.
 */
export async function unseenRoots(node: string, roots: readonly string[]): Promise<string[]> {
  const seen = await Promise.all(
    roots.map(async (root) => {
      const [entry] = await readdir(root).catch(() => []);
      if (entry === undefined) return true;
      // A link that leads nowhere there is there all the same.
      const listed = await outcomeOf('docker', ['exec', node, 'ls', '-d', join(root, entry)]);
      return listed.code === 0;
    }),
  );
  return roots.filter((_, index) => !seen[index]);
}

/** Throws COPPICE_ROOTS for a root that a node of the new cluster does not see. */
export async function requireSeen(node: string, roots: readonly string[]): Promise<void> {
  const [root] = await unseenRoots(node, roots);
  if (root === undefined) return;
  const kind = (await askDockerMachine())?.kind ?? 'virtual-machine';
  throw new CoppiceError(
    'COPPICE_ROOTS',
    `the nodes do not see what is in ${root}: ${engineNames[kind]} does not share it`,
    { hint: howToShare(kind, root) },
  );
}
