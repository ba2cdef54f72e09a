import { CoppiceError, messageOf } from '../../core/errors.ts';
import { readPlatformParts } from '../../core/state/platform-parts.ts';
import { deleteNamespace } from '../../servers/temporal/namespaces/delete.ts';
import { findLeftovers, type Leftover } from '../../servers/temporal/namespaces/leftovers.ts';
import type { Temporal } from '../../servers/temporal/types.ts';
import { nothingSwept, type Swept } from '../platform/sweep-result.ts';
import type { Ports } from '../ports.ts';
import { broughtUp, type Witnesses } from '../target/existing.ts';
import { leftoversOf, leftoverText, onPlatformTemporal } from './leftovers.ts';

/**
 * Removes the namespaces on the platform's server whose environments are gone: a `down` while the server did not answer
 * leaves one. What goes wrong is told and not thrown, as this is never what somebody came for; only Ctrl+C is.
 */
export async function sweepTemporal(ports: Ports): Promise<Swept> {
  if (!(await readPlatformParts()).temporal) return nothingSwept;
  try {
    return await onPlatformTemporal(ports, sweep);
  } catch (error) {
    if (isInterruption(error)) throw error;
    return { ...nothingSwept, problem: messageOf(error) };
  }
}

/** The same on a server that is connected. One that cannot be removed stays, and keeps no other. */
export async function sweep(temporal: Temporal, witnesses: Witnesses): Promise<Swept> {
  const done: string[] = [];
  const kept: string[] = [];
  for (const leftover of (await leftoversOf(temporal, witnesses)).namespaces) {
    try {
      if (await remove(temporal, leftover, witnesses)) done.push(`removed ${leftoverText(leftover)}`);
    } catch (error) {
      if (isInterruption(error)) throw error;
      kept.push(`${leftoverText(leftover)}; stays: ${messageOf(error)}`);
    }
  }
  return { done, kept };
}

/**
 * Asks once more: an `up` that began since is in the cluster before it adopts its namespace, and the ones before this
 * took their time. Only what was looked at goes, and none of the same name that was made since.
 */
async function remove(temporal: Temporal, leftover: Leftover, witnesses: Witnesses): Promise<boolean> {
  const found = { namespaces: [leftover], going: [] };
  if (findLeftovers(found, await broughtUp(witnesses)).length === 0) return false;
  const { name, id, mark } = leftover;
  return deleteNamespace(temporal, { name, id, owner: mark });
}

function isInterruption(error: unknown): boolean {
  return error instanceof CoppiceError && error.code === 'COPPICE_INTERRUPTED';
}
