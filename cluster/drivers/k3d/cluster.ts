import { CoppiceError, messageOf } from '../../../config/errors.ts';
import { writeAtomic } from '../../../state/files.ts';
import type { Progress } from '../../../toolchain/progress.ts';
import { lastWords, outcomeOf, outputOf } from './command.ts';
import { type ConfigSource, configText, startTimeout } from './config-file.ts';
import { ensureDataVolume } from './data-volume.ts';
import { inspectNodes, listClusters, type NodeFacts } from './facts.ts';
import { requireMountable, requireSeen } from './mountable.ts';
import type { Names } from './names.ts';
import { howToShare } from './shared-folders.ts';

export interface Tools {
  /** Path of k3d. */
  readonly k3d: string;
  readonly names: Names;
  readonly progress: Progress;
}

/**
 * Makes the cluster and waits until k3d takes its nodes for started; what was made is taken back when that fails.
 * Throws COPPICE_ROOTS, COPPICE_REMOTE_ENGINE, COPPICE_PORT_TAKEN, COPPICE_CLUSTER_FAILED.
 */
export async function createCluster(tools: Tools, source: ConfigSource, configFile: string): Promise<void> {
  await requireMountable(source.roots, (text) => tools.progress.note(text));
  await writeAtomic(configFile, configText(source));
  await ensureDataVolume(tools.names);
  await told(tools, 'making the cluster', ['cluster', 'create', '--config', configFile]);
  try {
    await requireSeen(`k3d-${tools.names.cluster}-server-0`, source.roots);
  } catch (error) {
    await deleteCluster(tools);
    throw error;
  }
}

/** Starts every container of it that does not run. Throws COPPICE_PORT_TAKEN, COPPICE_CLUSTER_FAILED. */
export async function startNodes(tools: Tools, nodes: readonly NodeFacts[]): Promise<void> {
  const paused = nodes.filter(({ state }) => state === 'paused').map(({ name }) => name);
  // Docker does not start what is paused, and k3d does not know of it.
  if (paused.length > 0) await outputOf('docker', ['unpause', ...paused]);
  await told(tools, 'starting the cluster', [
    'cluster',
    'start',
    tools.names.cluster,
    '--timeout',
    startTimeout,
  ]);
}

export async function stopNodes(tools: Tools): Promise<void> {
  await told(tools, 'stopping the cluster', ['cluster', 'stop', tools.names.cluster]);
}

/**
 * Deletes every container of the cluster; the data volume stays. Returns only when k3d says that there is no such
 * cluster any more, else throws COPPICE_LEFTOVERS.
 */
export async function deleteCluster(tools: Tools): Promise<void> {
  const { cluster, network, imageVolume } = tools.names;
  await told(tools, 'deleting the cluster', ['cluster', 'delete', cluster]);
  // Without a server k3d finds no cluster to delete, and leaves the rest.
  const left = (await inspectNodes(cluster)).map(({ name }) => name);
  if (left.length > 0) await outputOf('docker', ['rm', '--force', '--volumes', ...left]);
  // Nor does it then delete these, and takes them for somebody else's from the next cluster on.
  await removed(['network', 'rm', network]);
  await removed(['volume', 'rm', imageVolume]);
  const known = await listClusters(tools.k3d);
  if (known !== undefined && !known.includes(cluster)) return;
  throw new CoppiceError(
    'COPPICE_LEFTOVERS',
    'k3d does not say that the cluster is gone; nothing was forgotten',
    {
      hint: `Look with: k3d cluster list; then delete it again.`,
    },
  );
}

/** Removes something of Docker's that may be gone already. */
async function removed(args: readonly [kind: string, verb: string, name: string]): Promise<void> {
  const { code, stderr } = await outcomeOf('docker', args);
  if (code === 0 || /no such (volume|network)|network .* not found/i.test(stderr)) return;
  const [kind, , name] = args;
  throw new CoppiceError('COPPICE_LEFTOVERS', `the ${kind} ${name} stays: ${lastWords(stderr)}`, {
    hint: `docker ps --all --filter ${kind}=${name} names who still uses it`,
  });
}

/** k3d's kubeconfig of the cluster, under k3d's own name for the context. */
export function kubeconfigText({ k3d, names }: Tools): Promise<string> {
  return outputOf(k3d, ['kubeconfig', 'get', names.cluster]);
}

/** Runs k3d and shows what it says. */
async function told({ k3d, names, progress }: Tools, task: string, args: readonly string[]): Promise<void> {
  const shown = progress.start(task);
  const { code, stdout, stderr } = await outcomeOf(k3d, args, {
    onLine: (line) => shown.update(line.replace(/^[A-Z]{4}\[\d+\] /, '')),
  });
  if (code === 0) {
    shown.done();
    return;
  }
  const error = failure(args, lastWords(`${stdout}\n${stderr}`), names.cluster);
  shown.fail(messageOf(error));
  throw error;
}

/** k3d's last words as an error of ours. */
export function failure(args: readonly string[], words: string, cluster: string): CoppiceError {
  // Docker Desktop's: `Mounts denied: The path /srv is not shared from the host and is not known to Docker.`
  const denied = /path (\/.*?) is not shared from the host/.exec(words)?.[1];
  if (denied !== undefined) {
    return new CoppiceError('COPPICE_ROOTS', `the root ${denied} is not shared with Docker Desktop`, {
      hint: howToShare('docker-desktop', denied),
    });
  }
  // Docker's own sentence, `Bind for 127.0.0.1:80 failed: port is already allocated`, or the kernel's.
  const port = /:(\d+)(?: failed)?: (?:port is already allocated|.*address already in use)/.exec(words)?.[1];
  if (port !== undefined) {
    return new CoppiceError(
      'COPPICE_PORT_TAKEN',
      `port ${port} of this machine is taken by another program`,
      {
        hint: 'End it, or set another port (`ports`, `k3d.registryPort`) in the settings.',
      },
    );
  }
  return new CoppiceError('COPPICE_CLUSTER_FAILED', `k3d ${args.slice(0, 2).join(' ')}: ${words}`, {
    hint: `What a node says: docker logs k3d-${cluster}-server-0`,
  });
}
