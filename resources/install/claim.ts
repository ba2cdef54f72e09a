import type { CoreV1Event, V1PersistentVolumeClaim } from '@kubernetes/client-node';
import { apiHint } from '../../cluster/kube/api-hint.ts';
import { apiMessage, type Kube, statusOf, unlessGone } from '../../cluster/kube/client.ts';
import { CoppiceError } from '../../core/errors.ts';
import { Annotation, fieldManager, Label, managedBy } from '../../core/labels.ts';
import { until } from '../../core/until.ts';
import type { InstallInputs } from './contract.ts';
import { installName } from './inputs.ts';

/** Identifies a claim. */
export type ClaimPlace = Pick<InstallInputs, 'namespace' | 'install'>;

const POLL_MS = 100;
/** Old pods end within seconds; those of a claim that was deleted by hand never do by themselves. */
const TERMINATION_MS = 60_000;
/** A provisioner's own image may have to be pulled first. */
const PROVISION_MS = 120_000;
/** Folders on a laptop's disk, where no provisioner enforces the size; where one does, it is large enough. */
const size = '10Gi';

export function labelsOf({ app, environment, install }: InstallInputs): Record<string, string> {
  return {
    [Label.managedBy]: managedBy,
    [Label.app]: app,
    [Label.environment]: environment,
    [Label.install]: installName(install),
  };
}

/** The claim, unless it is deleted or being deleted. */
export async function findClaim(
  kube: Kube,
  { namespace, install }: ClaimPlace,
): Promise<V1PersistentVolumeClaim | undefined> {
  const there = await unlessGone(
    kube.core.readNamespacedPersistentVolumeClaim({ namespace, name: install.name }),
  );
  return there?.metadata?.deletionTimestamp ? undefined : there;
}

/** Whether the command succeeded in this volume. */
export function isInstalled(claim: V1PersistentVolumeClaim | undefined): boolean {
  return claim?.metadata?.annotations?.[Annotation.installed] !== undefined;
}

/**
 * The existing claim, or a new one; waits while one of that name is being deleted. Throws COPPICE_INSTALL,
 * COPPICE_INTERRUPTED.
 */
export function makeClaim(
  kube: Kube,
  inputs: InstallInputs,
  signal: AbortSignal,
): Promise<V1PersistentVolumeClaim> {
  const { namespace, install } = inputs;
  const message = `the volume ${install.name} in ${namespace} is being deleted, and pods still use it`;
  return until(async () => (await findClaim(kube, inputs)) ?? (await created(kube, inputs)), {
    every: POLL_MS,
    within: TERMINATION_MS,
    late: () => new CoppiceError('COPPICE_INSTALL', message, { hint: 'run `wt stop`, then `wt up`' }),
    signal,
  });
}

/** Undefined while another claim of that name is being deleted. */
async function created(kube: Kube, inputs: InstallInputs): Promise<V1PersistentVolumeClaim | undefined> {
  const { namespace, install } = inputs;
  const body = {
    metadata: { name: install.name, labels: labelsOf(inputs) },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: size } } },
  };
  try {
    return await kube.core.createNamespacedPersistentVolumeClaim({ namespace, body, fieldManager });
  } catch (error) {
    if (statusOf(error) === 409) return undefined;
    const message = `the volume of install: cannot be created: ${apiMessage(error)}`;
    throw new CoppiceError('COPPICE_INSTALL', message, { hint: apiHint(error) });
  }
}

/**
 * Returns when a pod can use the volume, or when the cluster waits for a pod to provision it. A pod that is created
 * earlier would be reported as unschedulable. Throws COPPICE_NO_STORAGE, COPPICE_INSTALL, COPPICE_INTERRUPTED.
 */
export async function untilUsable(kube: Kube, place: ClaimPlace, signal: AbortSignal): Promise<void> {
  const isUsable = async (elapsed: number) => {
    const claim = await findClaim(kube, place);
    if (claim?.status?.phase === 'Bound') return true;
    const last = claim && (await lastEvent(kube, claim));
    if (last?.reason === 'WaitForFirstConsumer') return true;
    if (last?.reason === 'FailedBinding') throw noStorageError(place, last.message ?? '');
    if (!claim || claim.status?.phase === 'Lost' || elapsed > PROVISION_MS)
      throw notProvisionedError(place, claim, last?.message);
    return false;
  };
  await until(isUsable, { every: POLL_MS, signal });
}

/** The last event of this very claim; an earlier one may have had the same name. */
async function lastEvent(
  kube: Kube,
  { metadata }: V1PersistentVolumeClaim,
): Promise<CoreV1Event | undefined> {
  const { namespace = '', uid } = metadata ?? {};
  const fieldSelector = `involvedObject.kind=PersistentVolumeClaim,involvedObject.uid=${uid}`;
  const { items } = await kube.core.listNamespacedEvent({ namespace, fieldSelector });
  const time = (event: CoreV1Event) =>
    (event.lastTimestamp ?? event.metadata.creationTimestamp)?.getTime() ?? 0;
  return items.sort((one, other) => time(one) - time(other)).at(-1);
}

function noStorageError({ install }: ClaimPlace, message: string): CoppiceError {
  return new CoppiceError(
    'COPPICE_NO_STORAGE',
    `install: needs a volume, and this cluster has no storage class that makes one by default (${install.name}: ${message})`,
    {
      hint: 'give it a default storage class, as k3s and Docker Desktop have one (kubectl get storageclass), or take install: out of coppice.yaml',
    },
  );
}

function notProvisionedError(
  { install, namespace }: ClaimPlace,
  claim: V1PersistentVolumeClaim | undefined,
  reason = 'the cluster gives no reason',
): CoppiceError {
  const how = claim ? `is missing after ${PROVISION_MS / 1000} s: ${reason}` : 'was deleted in the meantime';
  return new CoppiceError('COPPICE_INSTALL', `the volume ${install.name} of install: ${how}`, {
    hint: `kubectl -n ${namespace} describe pvc ${install.name}`,
  });
}

/** Marks the volume as complete. */
export async function markInstalled(kube: Kube, { namespace, install }: ClaimPlace): Promise<void> {
  const body = { metadata: { annotations: { [Annotation.installed]: new Date().toISOString() } } };
  const request = { namespace, name: install.name, body, fieldManager };
  await kube.core.patchNamespacedPersistentVolumeClaim(request, kube.mergePatch);
}

/** Pods that still use it keep it until they end. */
export async function removeClaim(kube: Kube, { namespace, install }: ClaimPlace): Promise<void> {
  await unlessGone(kube.core.deleteNamespacedPersistentVolumeClaim({ namespace, name: install.name }));
}

/** Claims of runs that were killed before their command had finished: no state contains them. */
export async function removeUnfinished(kube: Kube, { namespace, install }: ClaimPlace): Promise<void> {
  const labelSelector = `${Label.install}=${installName(install)}`;
  const { items } = await kube.core.listNamespacedPersistentVolumeClaim({ namespace, labelSelector });
  const others = items.filter((claim) => claim.metadata?.name !== install.name && !isInstalled(claim));
  await Promise.all(
    others.map(({ metadata }) =>
      unlessGone(kube.core.deleteNamespacedPersistentVolumeClaim({ namespace, name: metadata?.name ?? '' })),
    ),
  );
}
