import { type KubeReader, unlessGone } from '../../cluster/kube/client.ts';
import { lightKube } from '../../cluster/kube/light-kube.ts';
import { hasCode } from '../../core/errors.ts';
import { Annotation, Label, managedBy } from '../../core/labels.ts';
import { environmentName, environmentOf } from '../../core/names.ts';
import type { ClusterRecord } from '../../core/state/cluster-record.ts';
import { KEPT_MS, keepsAnything, namespacesWithLogs } from '../../servers/telemetry/kept.ts';
import { askThroughApi, type Store } from '../../servers/telemetry/reach.ts';
import type { Period } from '../../servers/telemetry/traces.ts';
import { callCluster } from '../clusters/connection.ts';
import { requireClusterRecord } from '../clusters/require-record.ts';
import { neverSeenError, type OtherEnvironments } from '../target/no-environment.ts';
import { requireOwn } from '../target/ownership.ts';
import type { EnvironmentName } from '../target/target.ts';
import { usualPeriod } from './period.ts';

/** An environment that stores are asked about. */
export interface Presence {
  /** It is not there any more; what the stores have of it still is. */
  readonly gone: boolean;
  /** Milliseconds since 1970; absent when it is gone. */
  readonly created?: number;
}

/**
 * Whether an environment is there or gone: for every verb that asks the stores. Throws COPPICE_NO_ENVIRONMENT for one
 * that is not there and of which no store has anything, COPPICE_CLAIMED, COPPICE_NO_CLUSTER, COPPICE_CLUSTER_DOWN, and
 * COPPICE_TELEMETRY_UNREACHABLE where only a store that is away could tell.
 */
export async function presenceOf(name: EnvironmentName): Promise<Presence> {
  const record = await requireClusterRecord();
  const there = await callCluster(record, async () => lookAt(await lightKube(record), name));
  if (there !== undefined) return { gone: false, ...(there.created && { created: there.created.getTime() }) };
  await requireRemembered(name, record);
  return { gone: true };
}

/** Of a question that names no time: see {@link usualPeriod}; of an environment that is gone, all that is kept. */
export function periodOf({ gone, created }: Presence, now: number): Period {
  return gone ? { from: now - KEPT_MS, to: now } : usualPeriod(created, now);
}

/** Undefined where there is no namespace, and where it ends: `wt down` does not wait for that. Throws COPPICE_CLAIMED. */
export async function lookAt(
  kube: Pick<KubeReader, 'core'>,
  name: EnvironmentName,
): Promise<{ readonly created: Date | undefined } | undefined> {
  const owner = await unlessGone(kube.core.readNamespace({ name: name.namespace }));
  if (owner === undefined) return undefined;
  const { creationTimestamp, deletionTimestamp, annotations = {} } = owner.metadata ?? {};
  requireOwn(name, {
    repository: annotations[Annotation.repository],
    branch: annotations[Annotation.branch],
  });
  if (deletionTimestamp !== undefined) return undefined;
  return { created: creationTimestamp && new Date(creationTimestamp) };
}

const stores = Object.keys(keepsAnything) as readonly Store[];

/** Throws COPPICE_NO_ENVIRONMENT unless a store has something of an environment that is not there. */
export async function requireRemembered(name: EnvironmentName, record: ClusterRecord): Promise<void> {
  const ask = async (store: Store) =>
    keepsAnything[store](await askThroughApi(record, store), name.namespace, Date.now());
  if (await isRemembered(stores.map(ask))) return;
  throw neverSeenError(name, name.unknown ? await othersThan(name, record) : { up: [], gone: [] });
}

/**
 * One store that has something is enough; where none has, one that is away might. Throws its error then.
 *
 * @internal Exported for its test, which passes answers.
 */
export async function isRemembered(answers: readonly Promise<boolean>[]): Promise<boolean> {
  const found = answers.map(async (answer) => (await answer) || Promise.reject(new Error('nothing')));
  if (await Promise.any(found).catch(() => false)) return true;
  const away = (await Promise.allSettled(answers)).flatMap((answer) =>
    answer.status === 'rejected' && !hasCode(answer.reason, 'COPPICE_NO_TELEMETRY') ? [answer.reason] : [],
  );
  if (away.length > 0) throw away[0];
  return false;
}

/** A store or a cluster that does not answer names none. */
async function othersThan({ namespace }: EnvironmentName, record: ClusterRecord): Promise<OtherEnvironments> {
  const logged = async () => namespacesWithLogs(await askThroughApi(record, 'logs'), Date.now());
  const [up = [], kept = []] = await Promise.all(
    [namespacesUp(record), logged()].map((names) => names.catch((): string[] => [])),
  );
  const others = (names: readonly string[]) =>
    names.flatMap((one) => {
      const environment = one === namespace ? undefined : environmentOf(one);
      return environment === undefined ? [] : [environmentName(environment.app, environment.slug)];
    });
  return { up: others(up), gone: others(kept.filter((one) => !up.includes(one))) };
}

async function namespacesUp(record: ClusterRecord): Promise<string[]> {
  const kube = await lightKube(record);
  const { items } = await kube.core.listNamespace({
    labelSelector: `${Label.managedBy}=${managedBy},${Label.environment}`,
  });
  return items.flatMap(({ metadata }) => metadata?.name ?? []).sort();
}
