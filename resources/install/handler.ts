import { clusterUid, type Kube } from '../../cluster/kube/client.ts';
import { clusterOf } from '../../cluster/kube/connections.ts';
import { requireCluster } from '../../cluster/kube/create-namespace.ts';
import { changed, type Handler } from '../handler.ts';
import {
  findClaim,
  isInstalled,
  makeClaim,
  markInstalled,
  removeClaim,
  removeUnfinished,
  untilUsable,
} from './claim.ts';
import { runInstall } from './command.ts';
import type { InstallInputs, InstallOutputs } from './contract.ts';
import { makeMountPoints } from './mount-points.ts';

const identity = ['cluster', 'namespace'] as const;
const details = [
  ...(['kubeconfig', 'context', 'app', 'environment'] as const),
  ...(['folder', 'install', 'source', 'uid', 'gid'] as const),
];

/** Running pods do not change when the command fails. */
export const install: Handler<InstallInputs, InstallOutputs> = {
  /** The actual volume's claim decides, not the recorded state: so every `up` repairs, and a preview shows it. */
  async diff(olds, news) {
    const moved = olds.install.name === news.install.name ? [] : ['install'];
    const replaces = [...changed<InstallInputs>(olds, news, identity), ...moved];
    if (replaces.length > 0) return { changes: true, replaces };
    if (changed<InstallInputs>(olds, news, details).length > 0) return { changes: true };
    return { changes: !isInstalled(await findClaim(await clusterOf(news), news).catch(() => undefined)) };
  },
  async create(inputs, { signal }) {
    return { id: inputs.install.name, outputs: await ensure(inputs, signal) };
  },
  async read(_id, state) {
    const kube = await clusterOf(state);
    // A recreated cluster has nothing of the old one.
    if ((await clusterUid(kube)) !== state.cluster) return undefined;
    return (await findClaim(kube, state)) ? state : undefined;
  },
  update: (_id, _olds, news, { signal }) => ensure(news, signal),
  async delete(_id, state) {
    const kube = await clusterOf(state);
    await requireCluster(kube, state.cluster);
    await removeClaim(kube, state);
  },
};

async function ensure(inputs: InstallInputs, signal: AbortSignal): Promise<InstallOutputs> {
  const kube = await clusterOf(inputs);
  await requireCluster(kube, inputs.cluster);
  // Every time: the node would create missing folders when a pod starts.
  await makeMountPoints(inputs);
  const claim = await makeClaim(kube, inputs, signal);
  if (isInstalled(claim)) return { ...inputs, milliseconds: 0 };
  const began = performance.now();
  await fill(kube, inputs, signal);
  return { ...inputs, milliseconds: Math.round(performance.now() - began) };
}

async function fill(kube: Kube, inputs: InstallInputs, signal: AbortSignal): Promise<void> {
  try {
    await removeUnfinished(kube, inputs);
    await untilUsable(kube, inputs, signal);
    await runInstall(kube, inputs, signal);
    await markInstalled(kube, inputs);
  } catch (error) {
    // No state contains it yet, and a partial installation is useless: the next `up` starts with an empty one.
    await removeClaim(kube, inputs).catch(() => {});
    throw error;
  }
}
