import { clusterUid } from '../../cluster/kube/client.ts';
import { clusterOf } from '../../cluster/kube/connections.ts';
import { requireCluster } from '../../cluster/kube/create-namespace.ts';
import { isUnreachable } from '../../servers/temporal/errors.ts';
import { deleteNamespace } from '../../servers/temporal/namespaces.ts';
import { createsNamespaces } from '../../servers/temporal/place.ts';
import { type ReachedTemporal, withTemporal } from '../../servers/temporal/reach.ts';
import { changed, changedIdentity, type Handler } from '../handler.ts';
import { leaveTemporal, type TemporalInputs, type TemporalOutputs } from './contract.ts';
import { ensureThere, requestFor, stateThere } from './namespace.ts';
import { accessOf, hasAccess, removeAccess, writeAccess } from './secret.ts';

/** A change of these means another namespace. The others only say how to reach it, or can be changed in place. */
const identity = ['cluster', 'app', 'environment', 'repository', 'branch'] as const;
const details = [
  'kubeconfig',
  'context',
  'repository',
  'worktree',
  'namespace',
  'server',
  'temporal',
] as const;

/** How long to wait for a server that is starting. */
const patienceMs = 10_000;

export const temporalNamespace: Handler<TemporalInputs, TemporalOutputs> = {
  /** The actual state of the server decides, not the recorded one: so every `up` repairs, and a preview shows it. */
  async diff(olds, news, { signal }) {
    const moved = olds.server.kind === news.server.kind ? [] : ['server'];
    const renamed = olds.temporal.namespace === news.temporal.namespace ? [] : ['temporal'];
    const replaces = [...changedIdentity<TemporalInputs>(olds, news, identity), ...moved, ...renamed];
    // Only one of the two exists at a time: services have one address and one name.
    if (replaces.length > 0) return { changes: true, replaces, deleteBeforeReplace: true };
    if (changed<TemporalInputs>(olds, news, details).length > 0) return { changes: true };
    return { changes: !(await isSound(olds, news, signal).catch(() => false)) };
  },
  async create(inputs, { signal }) {
    return { id: inputs.temporal.namespace, outputs: await ensure(inputs, [], signal) };
  },
  async read(_id, state, { signal }) {
    const kube = await clusterOf(state);
    // A recreated cluster has nothing of the old one.
    if ((await clusterUid(kube)) !== state.cluster) return undefined;
    const there = await withTemporal(kube, state, signal, (temporal) =>
      stateThere(temporal, state, signal),
    ).catch(unlessUnreachable);
    if (there?.kind === 'absent') return undefined;
    return there?.kind === 'ours' ? { ...state, namespaceId: there.id } : state;
  },
  update: (_id, olds, news, { signal }) => ensure(news, retired(olds, news), signal),
  async delete(_id, state, { signal }) {
    const kube = await clusterOf(state);
    await requireCluster(kube, state.cluster);
    if (createsNamespaces(state.server) && process.env[leaveTemporal] !== '1') {
      const request = requestFor(state);
      // Without a server no worker runs; if it comes back, a sweep finds the namespace as a leftover.
      await withTemporal(kube, state, signal, (temporal) => deleteNamespace(temporal, request)).catch(
        unlessUnreachable,
      );
    }
    if (state.server.kind === 'managed') await removeAccess(kube, state);
  },
};

async function ensure(
  inputs: TemporalInputs,
  gone: readonly string[],
  signal: AbortSignal,
): Promise<TemporalOutputs> {
  const kube = await clusterOf(inputs);
  // Checked while Temporal is being reached and its messages are loaded, which saves 0.1 s of every first up.
  const right = requireCluster(kube, inputs.cluster);
  const work = withTemporal(
    kube,
    inputs,
    signal,
    async (temporal, reached) => {
      await right;
      // First: if it fails afterwards, no namespace is left behind that no state contains.
      if (inputs.server.kind === 'managed') await writeAccess(kube, inputs, accessFor(inputs, reached));
      const { id, created } = await ensureThere(temporal, inputs, gone, signal);
      return { ...inputs, namespaceId: id, created };
    },
    { patienceMs },
  );
  const [outputs] = await Promise.all([work, right]);
  return outputs;
}

/** Search attributes that the spec had before and no longer has. Any others were added by hand, and stay. */
function retired({ temporal: before }: TemporalInputs, { temporal: after }: TemporalInputs): string[] {
  return Object.keys(before.searchAttributes).filter((name) => !Object.hasOwn(after.searchAttributes, name));
}

async function isSound(olds: TemporalOutputs, news: TemporalInputs, signal: AbortSignal): Promise<boolean> {
  const kube = await clusterOf(news);
  return withTemporal(kube, news, signal, async (temporal, reached) => {
    const [there, written] = await Promise.all([
      stateThere(temporal, news, signal),
      news.server.kind === 'platform' || hasAccess(kube, news, accessFor(news, reached)),
    ]);
    return written && there.kind === 'ours' && there.sound && there.id === olds.namespaceId;
  });
}

function accessFor({ temporal }: TemporalInputs, { frontend, address }: ReachedTemporal) {
  return accessOf(frontend, address, temporal.namespace);
}

function unlessUnreachable(error: unknown): undefined {
  if (isUnreachable(error)) return undefined;
  throw error;
}
