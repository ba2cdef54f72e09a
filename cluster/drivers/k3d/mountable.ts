import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { CoppiceError } from '../../../core/errors.ts';
import { outcomeOf } from './command.ts';
import { askDockerMachine, type DockerMachine, engineNames } from './docker-machine.ts';
import { requireRoots } from './roots.ts';
import { howToShare, type Shared, sharingOf, unshared } from './shared-folders.ts';

/** What is known before anything is created. */
export interface Outlook {
  /** The nodes cannot have the folders: do not create anything. */
  readonly refusal?: CoppiceError;
  /** They may not see one of them. */
  readonly doubt?: string;
}

/**
 * Whether an engine can share the roots with the nodes, before a cluster is created. Throws COPPICE_ROOTS,
 * COPPICE_REMOTE_ENGINE; what is only likely is reported as progress.
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
        hint: `choose one on this machine with \`docker context use NAME\` (now: ${context}), or unset DOCKER_HOST`,
      },
    );
    return { refusal };
  }
  const [root] = unshared(roots, shared);
  if (root === undefined) return {};
  const hint = howToShare(kind, root);
  if (shared.known === 'default') {
    return { doubt: `${engineNames[kind]} does not share ${root} unless configured to: ${hint}` };
  }
  const message = `the root ${root} is not shared with ${engineNames[kind]}, so the nodes would see an empty folder`;
  return { refusal: new CoppiceError('COPPICE_ROOTS', message, { hint }) };
}

/** How to look into folders, on this machine and in a node. */
export interface FolderProbe {
  /** Names of a local folder's entries; empty if it cannot be read. */
  here(folder: string): Promise<readonly string[]>;
  /** Whether the node has at least one of the paths. */
  there(paths: readonly string[]): Promise<boolean>;
}

const probeNode = (node: string): FolderProbe => ({
  here: (folder) => readdir(folder).catch(() => []),
  // It prints those that exist and fails for the others. A link that is broken there exists all the same.
  there: async (paths) => (await outcomeOf('docker', ['exec', node, 'ls', '-d', ...paths])).stdout !== '',
});

/** How many entries of a folder to sample; any may disappear, or be closed to root in a container. */
const SAMPLE = 20;
const LOOKS = 3;

/**
 * The roots whose local contents a node does not see: a folder that a virtual machine does not share is empty there,
 * and a Docker whose socket was passed into a container has another machine's folders. An empty root proves nothing.
 */
export async function unseenRoots(
  node: string,
  roots: readonly string[],
  probe: FolderProbe = probeNode(node),
): Promise<string[]> {
  const seen = await Promise.all(roots.map((root) => isSeen(root, probe)));
  return roots.filter((_, index) => !seen[index]);
}

async function isSeen(root: string, look: FolderProbe): Promise<boolean> {
  for (let times = 0; times < LOOKS; times += 1) {
    const entries = (await look.here(root)).slice(0, SAMPLE);
    if (entries.length === 0) return true;
    if (await look.there(entries.map((entry) => join(root, entry)))) return true;
  }
  return false;
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
