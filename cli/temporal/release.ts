import type { Kube } from '../../cluster/kube/client.ts';
import { findSpec, loadSpec } from '../../config/load.ts';
import { namespaceName } from '../../config/names.ts';
import type { Owner } from '../../config/owner.ts';
import { loadSettings } from '../../config/settings.ts';
import { type TemporalInputs, temporalInputs } from '../../config/temporal-inputs.ts';
import { planTemporal } from '../../config/temporal-plan.ts';
import { type TemporalSpec, temporal as temporalSchema } from '../../config/temporal-schema.ts';
import type { ClusterRecord } from '../../state/cluster-record.ts';
import { paths } from '../../state/paths.ts';
import { readPlatformParts } from '../../state/platform-parts.ts';
import { namespaceOwner } from '../../temporal/mark.ts';
import { isAway } from '../../temporal/refusal.ts';
import type { Ports } from '../ports.ts';
import { onTemporal } from './connect.ts';
import type { GoingTemporal } from './going.ts';
import { placeOf } from './place.ts';

/** Deletes a namespace that no stack knows of: that one, and only while it carries this owner's mark. */
export async function releaseTemporal(
  kube: Kube,
  record: ClusterRecord,
  { inputs, running }: GoingTemporal,
  ports: Pick<Ports, 'interrupts'>,
): Promise<void> {
  if (running.kind === 'unknown' || running.id === undefined) return;
  const { deleteNamespace } = await import('../../temporal/delete.ts');
  const request = { name: inputs.temporal.namespace, owner: namespaceOwner(inputs), id: running.id };
  await onTemporal(kube, placeOf(inputs, record), ports, (temporal) =>
    deleteNamespace(temporal, request),
  ).catch((error: unknown) => {
    // What is left in the platform's that does not answer is found by `wt doctor`.
    if (inputs.server.kind !== 'platform' || !isAway(error)) throw error;
  });
}

/**
 * Where a namespace may lie that no stack knows of: where the spec says, and on the platform's server when the spec is
 * gone or says nothing. Undefined where that has no Temporal. Throws COPPICE_MANAGED_TEMPORAL.
 */
export async function leftoverInputs(
  specFolder: string | undefined,
  owner: Owner,
  record: ClusterRecord,
): Promise<TemporalInputs | undefined> {
  const written = await writtenTemporal(specFolder);
  if (written?.server !== 'managed' && !(await readPlatformParts()).temporal) return undefined;
  const { app, environment: slug } = owner;
  const namespace = namespaceName(app, slug);
  const temporal = planTemporal(written ?? temporalSchema.parse({}), namespace);
  const managed = (await loadSettings(paths().settings)).temporal?.managed;
  return temporalInputs({ app, slug, namespace, identity: owner, temporal }, record, managed);
}

async function writtenTemporal(specFolder: string | undefined): Promise<TemporalSpec | undefined> {
  if (specFolder === undefined) return undefined;
  try {
    return (await loadSpec(await findSpec(specFolder))).spec.temporal;
  } catch {
    return undefined;
  }
}
