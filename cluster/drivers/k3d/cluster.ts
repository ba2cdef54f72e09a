import { CoppiceError } from '../../../core/errors.ts';
import { writeAtomic } from '../../../core/files.ts';
import { outputOf } from './command.ts';
import { type ConfigSource, configText, startTimeout } from './config-file.ts';
import { ensureDataVolume } from './data-volume.ts';
import { inspectNodes, listClusters, type NodeFacts } from './facts.ts';
import { removeLeftovers } from './leftovers.ts';
import { requireMountable, requireSeen } from './mountable.ts';
import type { Tools } from './tools.ts';
import { runVerb } from './verb.ts';

/**
 * Creates the cluster and waits until k3d considers its nodes started; undoes everything on failure. Throws
 * COPPICE_ROOTS, COPPICE_REMOTE_ENGINE, COPPICE_PORT_TAKEN, COPPICE_PORT_DENIED, COPPICE_CLUSTER_FAILED.
 */
export async function createCluster(tools: Tools, source: ConfigSource, configFile: string): Promise<void> {
  await requireMountable(source.roots, (text) => tools.progress.note(text));
  await writeAtomic(configFile, configText(source));
  await ensureDataVolume(tools.names, tools.owner);
  try {
    await runVerb(tools, 'creating the cluster', ['cluster', 'create', '--config', configFile]);
    await requireSeen(`k3d-${tools.names.cluster}-server-0`, source.roots);
  } catch (error) {
    await deleteCluster(tools);
    throw error;
  }
}

/** Docker neither starts nor stops a paused container, and k3d does not know about pausing. */
async function unpause(nodes: readonly NodeFacts[]): Promise<void> {
  const paused = nodes.filter(({ state }) => state === 'paused').map(({ name }) => name);
  if (paused.length > 0) await outputOf('docker', ['unpause', ...paused]);
}

/**
 * Starts every container of the cluster that does not run. Throws COPPICE_PORT_TAKEN, COPPICE_PORT_DENIED,
 * COPPICE_CLUSTER_FAILED.
 */
export async function startNodes(tools: Tools, nodes: readonly NodeFacts[]): Promise<void> {
  await unpause(nodes);
  await runVerb(tools, 'starting the cluster', [
    'cluster',
    'start',
    tools.names.cluster,
    '--timeout',
    startTimeout,
  ]);
}

export async function stopNodes(tools: Tools, nodes: readonly NodeFacts[]): Promise<void> {
  await unpause(nodes);
  await runVerb(tools, 'stopping the cluster', ['cluster', 'stop', tools.names.cluster]);
}

/**
 * Deletes every container of the cluster; the data volume is kept. Returns only once k3d no longer lists the cluster,
 * else throws COPPICE_LEFTOVERS.
 */
export async function deleteCluster(tools: Tools): Promise<void> {
  const { cluster } = tools.names;
  await runVerb(tools, 'deleting the cluster', ['cluster', 'delete', cluster], { mustEnd: true });
  // Without a server k3d finds no cluster to delete, and leaves the rest.
  const left = (await inspectNodes(cluster)).map(({ name }) => name);
  if (left.length > 0) await outputOf('docker', ['rm', '--force', '--volumes', ...left]);
  await removeLeftovers(tools.names, (text) => tools.progress.note(text));
  const known = await listClusters(tools.k3d);
  if (known !== undefined && !known.includes(cluster)) return;
  throw new CoppiceError('COPPICE_LEFTOVERS', 'k3d still lists the cluster, so its records were kept', {
    hint: 'check with `k3d cluster list`, then delete it again',
  });
}

/** k3d's kubeconfig for the cluster, with k3d's own name for the context. */
export function kubeconfigText({ k3d, names }: Tools): Promise<string> {
  return outputOf(k3d, ['kubeconfig', 'get', names.cluster]);
}
