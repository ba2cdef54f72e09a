import type { PortRange } from '../../core/state/slots.ts';
import { loadSettings, type Settings } from './settings.ts';

/** From which ports the ledger makes slots. Throws what reading the settings throws. */
export async function hostPortRange(): Promise<PortRange> {
  return rangeOf(await loadSettings());
}

/** @internal Its test writes no files. */
export function rangeOf({ hostPorts, ports, k3d, embedded }: Settings): PortRange {
  return { ...hostPorts, avoid: [...Object.values(ports), k3d.registryPort, embedded.apiPort] };
}
