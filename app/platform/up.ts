import { ensureCluster } from '../clusters/clusters.ts';
import { changesOf, ensureEngine } from '../engine/index.ts';
import type { Ports } from '../ports.ts';
import { sweepAfterRestart } from './after-restart.ts';
import { isPlatformUp, platformConverge } from './ensure.ts';
import { joinParts } from './join.ts';
import { partsAskedFor } from './parts.ts';

export interface PlatformUp {
  readonly unchanged: boolean;
  /** Names of all parts beside the gateway. */
  readonly parts: readonly string[];
  /** How many resources were created, updated, deleted. */
  readonly changes: Readonly<Record<string, number>>;
}

/**
 * Brings the platform up, with the named part and those that the spec in this folder needs. Throws COPPICE_USAGE for an
 * unknown part, and what cluster and engine throw.
 */
export async function platformUp(part: string | undefined, ports: Ports): Promise<PlatformUp> {
  const { phases } = ports;
  const needs = await partsAskedFor(part, ports.cwd);
  const programs = await phases.measure('toolchain', () => ensureEngine(ports.screen));
  const joined = await phases.measure('cluster', async () =>
    joinParts(needs, await ensureCluster(ports), ports),
  );
  const { cluster } = joined;
  const parts = Object.keys(joined.parts);
  if (await phases.measure('look', () => isPlatformUp(cluster))) {
    await phases.measure('sweep', () => sweepAfterRestart(cluster, ports));
    return { unchanged: true, parts, changes: {} };
  }
  const { state } = await phases.measure('platform', () => platformConverge(cluster, programs, ports));
  return { unchanged: false, parts, changes: changesOf(state) };
}
