import type { V1Namespace } from '@kubernetes/client-node';
import type { Kube, KubeLister } from '../../cluster/kube/client.ts';
import { lightKube } from '../../cluster/kube/light-kube.ts';
import { defined } from '../../core/defined.ts';
import { CoppiceError, messageOf } from '../../core/errors.ts';
import { isThere } from '../../core/files.ts';
import { Annotation, Label } from '../../core/labels.ts';
import { type ClusterRecord, readClusterRecord } from '../../core/state/cluster-record.ts';
import { callCluster, connectTo } from '../clusters/connection.ts';
import type { Ports } from '../ports.ts';
import { listEnvironments } from './cluster-lists.ts';
import { memoryByNamespace } from './memory.ts';
import { type Cluster, type EnvironmentNow, type EnvironmentOwner, stateNow } from './state-now.ts';

export type { EnvironmentNow, EnvironmentOwner };

/** `none`: there is no cluster yet. `down`: nothing of it is known now. */
export type EnvironmentStates =
  | { readonly kind: 'none' }
  | { readonly kind: 'down'; readonly reason: string; readonly hint: string }
  | { readonly kind: 'seen'; readonly environments: readonly EnvironmentNow[] };

export interface StatesOptions {
  /** The environments that are looked at; all when absent. */
  readonly wanted?: (owner: EnvironmentOwner) => boolean;
  /** Called with each as soon as its state is known. */
  readonly onState?: (environment: EnvironmentNow) => void;
  readonly memory?: boolean;
  /** Where an environment's worktree is now; where it was at its last `up` when absent. */
  readonly worktreeOf?: (owner: EnvironmentOwner) => string | undefined;
}

/**
 * The state of the environments of this machine, by one call a kind to the cluster, and one request a route. It judges as
 * `wt status` does, from the same facts. Never throws for what the cluster says.
 */
export async function environmentStates(
  ports: Pick<Ports, 'interrupts'>,
  options: StatesOptions = {},
): Promise<EnvironmentStates> {
  const record = await readClusterRecord();
  if (record === undefined) return { kind: 'none' };
  try {
    return { kind: 'seen', environments: await statesIn(record, ports, options) };
  } catch (error) {
    return downFrom(error, record);
  }
}

function downFrom(error: unknown, { driver }: ClusterRecord): EnvironmentStates {
  const usual = driver === 'embedded' ? 'sudo wt cluster start' : 'wt cluster status';
  const hint = (error instanceof CoppiceError ? error.hint : undefined) ?? usual;
  return { kind: 'down', reason: messageOf(error), hint };
}

async function statesIn(
  record: ClusterRecord,
  ports: Pick<Ports, 'interrupts'>,
  {
    wanted = () => true,
    onState = () => {},
    memory = false,
    worktreeOf = ({ worktree }) => worktree,
  }: StatesOptions,
): Promise<EnvironmentNow[]> {
  const kube = await readerOf(record);
  const listed = await callCluster(record, () => listEnvironments(kube));
  const chosen = listed.flatMap((facts) => {
    const owner = ownerIn(facts.namespace);
    return owner !== undefined && wanted(owner) ? [{ facts, owner }] : [];
  });
  const used = memory
    ? memoryByNamespace(
        kube,
        chosen.map(({ facts }) => facts),
      )
    : undefined;
  let whole: Promise<Kube> | undefined;
  const cluster: Cluster = {
    kube,
    record,
    ports,
    whole: () => {
      whole ??= connectTo(record).then((connection) => connection.kube);
      return whole;
    },
  };
  return Promise.all(
    chosen.map(async ({ facts, owner }) => {
      const state = await stateNow(cluster, owner, facts, worktreeOf(owner)).catch((error: unknown) =>
        unknownState(owner, error),
      );
      onState(state);
      const bytes = (await used)?.get(owner.namespace);
      if (bytes === undefined) return state;
      const known = { ...state, memory: bytes };
      onState(known);
      return known;
    }),
  );
}

/** Without its kubeconfig there is no need to load a client to say so. */
async function readerOf({ kubeconfig, context }: ClusterRecord): Promise<KubeLister> {
  if (!(await isThere(kubeconfig)))
    throw new CoppiceError('COPPICE_KUBECONFIG', `the kubeconfig ${kubeconfig} is not there`, {
      hint: 'run `wt cluster status`',
    });
  return lightKube({ kubeconfig, context });
}

function ownerIn({ metadata }: V1Namespace): EnvironmentOwner | undefined {
  const { [Label.app]: app, [Label.environment]: slug } = metadata?.labels ?? {};
  if (app === undefined || slug === undefined) return undefined;
  const annotations = metadata?.annotations ?? {};
  return {
    app,
    slug,
    namespace: metadata?.name ?? '',
    ...defined({
      repository: annotations[Annotation.repository],
      branch: annotations[Annotation.branch],
      worktree: annotations[Annotation.worktree],
      commit: annotations[Annotation.commit],
    }),
  };
}

function unknownState(owner: EnvironmentOwner, error: unknown): EnvironmentNow {
  return { ...owner, state: 'unknown', reasons: [messageOf(error)], changed: [], urls: [] };
}
