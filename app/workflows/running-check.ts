import type { Kube } from '../../cluster/kube/client.ts';
import { CoppiceError, hasCode } from '../../core/errors.ts';
import type { ClusterRecord } from '../../core/state/cluster-record.ts';
import type { TemporalInputs } from '../../resources/temporal-namespace/contract.ts';
import { createsNamespaces } from '../../servers/temporal/place.ts';
import type { Ports } from '../ports.ts';
import type { Target } from '../target/target.ts';
import { verbLine } from '../target/verb-line.ts';
import { onTemporal } from './connect.ts';
import { temporalPlace } from './resource.ts';
import { countRunning, idOf, type Running } from './running.ts';

/** The Temporal namespace that is deleted with an environment, and what runs in it. */
export interface NamespaceToRemove {
  readonly inputs: TemporalInputs;
  readonly running: Running;
}

/**
 * What became of it. `left`: running workflows could not be counted, so it was not touched. `unseen`: whether it was
 * deleted could not be checked afterwards.
 */
export type Fate = 'gone' | 'stays' | 'left' | 'unseen';

/**
 * Counts what runs in the namespace that is deleted with an environment; undefined when there is none. With `force`
 * neither a refusal from the server nor its silence stops the removal: then it is not known what runs.
 */
export async function namespaceToRemove(
  kube: Kube,
  record: ClusterRecord,
  inputs: TemporalInputs | undefined,
  { force, ...target }: Target & { readonly force: boolean },
  ports: Pick<Ports, 'interrupts'>,
): Promise<NamespaceToRemove | undefined> {
  if (inputs === undefined || !createsNamespaces(inputs.server)) return undefined;
  try {
    return { inputs, running: await countRunning(kube, record, inputs, ports) };
  } catch (error) {
    if (!(error instanceof CoppiceError) || hasCode(error, 'COPPICE_INTERRUPTED')) throw error;
    if (!force) throw withForceHint(error, inputs, target);
    return { inputs, running: { kind: 'unknown', why: error.message } };
  }
}

function withForceHint(error: CoppiceError, { temporal }: TemporalInputs, target: Target): CoppiceError {
  const { message, exitCode, hint } = error;
  const leave = `to leave the namespace ${temporal.namespace} where it is: ${verbLine('down', target, '--force')}`;
  return new CoppiceError(error.code, message, {
    hint: hint === undefined ? leave : `${hint}; ${leave}`,
    exitCode,
    cause: error,
  });
}

/** Checks whether the namespace still exists. Throws only COPPICE_INTERRUPTED. */
export async function fateOf(
  kube: Kube,
  record: ClusterRecord,
  { inputs, running: found }: NamespaceToRemove,
  ports: Pick<Ports, 'interrupts'>,
): Promise<Fate> {
  if (found.kind === 'unknown') return 'left';
  if (found.id === undefined) return 'gone';
  try {
    const now = await onTemporal(kube, temporalPlace(inputs, record), ports, (temporal) =>
      idOf(temporal, inputs),
    );
    return now === found.id ? 'stays' : 'gone';
  } catch (error) {
    if (hasCode(error, 'COPPICE_INTERRUPTED')) throw error;
    return 'unseen';
  }
}
