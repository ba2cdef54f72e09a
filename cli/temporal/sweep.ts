import { CoppiceError, messageOf } from '../../config/errors.ts';
import { readPlatformParts } from '../../state/platform-parts.ts';
import { nothingSwept, type Swept } from '../platform/swept.ts';
import type { Ports } from '../ports.ts';

/**
 * Removes the namespaces on the platform's server whose environments are gone: a `down` while the server did not answer
 * leaves one. What goes wrong is told and not thrown, as this is never what somebody came for; only Ctrl+C is.
 */
export async function sweepTemporal(ports: Ports): Promise<Swept> {
  if (!(await readPlatformParts()).temporal) return nothingSwept;
  try {
    // Only a platform that has Temporal pays for gRPC.
    const { leftoversOf, leftoverText, onPlatformTemporal } = await import('./leftovers.ts');
    const { deleteNamespace } = await import('../../temporal/delete.ts');
    return await onPlatformTemporal(ports, async (temporal, witnesses) => {
      const done: string[] = [];
      for (const leftover of (await leftoversOf(temporal, witnesses)).namespaces) {
        const { name, mark } = leftover;
        if (await deleteNamespace(temporal, { name, owner: mark }))
          done.push(`removed ${leftoverText(leftover)}`);
      }
      return { done, kept: [] };
    });
  } catch (error) {
    if (error instanceof CoppiceError && error.code === 'COPPICE_INTERRUPTED') throw error;
    return { ...nothingSwept, problem: messageOf(error) };
  }
}
