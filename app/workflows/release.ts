import type { Kube } from '../../cluster/kube/client.ts';
import { planTemporal } from '../../config/plan/temporal.ts';
import { loadSettings } from '../../config/settings/settings.ts';
import { temporal as temporalSchema } from '../../config/spec/schema/temporal.ts';
import { namespaceName } from '../../core/names.ts';
import type { Owner } from '../../core/owner.ts';
import type { ClusterRecord } from '../../core/state/cluster-record.ts';
import { readPlatformParts } from '../../core/state/platform-parts.ts';
import type { TemporalInputs } from '../../resources/temporal-namespace/contract.ts';
import { temporalInputs } from '../../resources/temporal-namespace/inputs.ts';
import { isUnreachable } from '../../servers/temporal/errors.ts';
import { namespaceOwner } from '../../servers/temporal/namespaces.ts';
import type { Ports } from '../ports.ts';
import { writtenSpec } from '../target/written-spec.ts';
import { onTemporal } from './connect.ts';
import { temporalPlace } from './resource.ts';
import type { NamespaceToRemove } from './running-check.ts';

/** Deletes a namespace that no stack records: only this one, and only while it carries this owner's mark. */
export async function releaseTemporal(
  kube: Kube,
  record: ClusterRecord,
  { inputs, running }: NamespaceToRemove,
  ports: Pick<Ports, 'interrupts'>,
): Promise<void> {
  if (running.kind === 'unknown' || running.id === undefined) return;
  const { deleteNamespace } = await import('../../servers/temporal/namespaces.ts');
  const request = { name: inputs.temporal.namespace, owner: namespaceOwner(inputs), id: running.id };
  await onTemporal(kube, temporalPlace(inputs, record), ports, (temporal) =>
    deleteNamespace(temporal, request),
  ).catch((error: unknown) => {
    // `wt doctor` finds what is left on the platform's server when that does not answer.
    if (inputs.server.kind !== 'platform' || !isUnreachable(error)) throw error;
  });
}

/**
 * Where a namespace without a stack may be: where the spec says, or on the platform's server when the spec is missing
 * or names none. Undefined if that has no Temporal. Throws COPPICE_MANAGED_TEMPORAL.
 */
export async function leftoverInputs(
  specFolder: string | undefined,
  owner: Owner,
  record: ClusterRecord,
): Promise<TemporalInputs | undefined> {
  const written = (await writtenSpec(specFolder))?.temporal;
  if (written?.server !== 'managed' && !(await readPlatformParts()).temporal) return undefined;
  const { app, environment: slug } = owner;
  const namespace = namespaceName(app, slug);
  const temporal = planTemporal(written ?? temporalSchema.parse({}), namespace);
  const managed = (await loadSettings()).temporal?.managed;
  return temporalInputs({ app, slug, namespace, identity: owner, temporal }, record, managed);
}
