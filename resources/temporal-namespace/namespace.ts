import { hasCode } from '../../core/errors.ts';
import {
  type EnsuredNamespace,
  ensureNamespace,
  type NamespaceState,
  namespaceOwner,
  namespaceState,
  requireNamespace,
} from '../../servers/temporal/namespaces.ts';
import { createsNamespaces } from '../../servers/temporal/place.ts';
import type { NamespaceRequest, Temporal } from '../../servers/temporal/types.ts';
import type { TemporalInputs } from './contract.ts';

/** The request to a server for one environment; `retired` are search attributes that its spec had before. */
export function requestFor(inputs: TemporalInputs, retired: readonly string[] = []): NamespaceRequest {
  const { namespace: name, retentionSeconds, searchAttributes } = inputs.temporal;
  return { name, owner: namespaceOwner(inputs), retentionSeconds, searchAttributes, retired };
}

/**
 * Creates or updates the namespace, or checks that it exists. Throws what `ensureNamespace` and `requireNamespace`
 * throw.
 */
export async function ensureThere(
  temporal: Temporal,
  inputs: TemporalInputs,
  retired: readonly string[],
  signal: AbortSignal,
): Promise<EnsuredNamespace> {
  if (createsNamespaces(inputs.server)) return ensureNamespace(temporal, requestFor(inputs, retired), signal);
  const { id } = await requireNamespace(temporal, inputs.temporal.namespace, signal);
  return { id, created: false };
}

/** The actual state on the server. A namespace that others manage always counts as sound. */
export async function stateThere(
  temporal: Temporal,
  inputs: TemporalInputs,
  signal: AbortSignal,
): Promise<NamespaceState> {
  if (createsNamespaces(inputs.server)) return namespaceState(temporal, requestFor(inputs));
  try {
    const { id } = await requireNamespace(temporal, inputs.temporal.namespace, signal);
    return { kind: 'ours', id, sound: true };
  } catch (error) {
    if (hasCode(error, 'COPPICE_NO_TEMPORAL_NAMESPACE')) return { kind: 'absent' };
    throw error;
  }
}
