import { assertSameCluster } from '../../cluster/identity.ts';
import { callCluster } from '../clusters/connection.ts';
import { requireClusterRecord } from '../clusters/require-record.ts';
import { ensureEngine } from '../engine/index.ts';
import type { Ports } from '../ports.ts';
import { platformDestroy } from './ensure.ts';

/** Removes the platform; false when it was not up. Throws COPPICE_NO_CLUSTER, and what cluster and engine throw. */
export async function platformDown(ports: Ports): Promise<boolean> {
  const { phases } = ports;
  const cluster = await requireClusterRecord();
  const programs = await phases.measure('toolchain', () => ensureEngine(ports.screen));
  const outcome = await phases.measure('platform', () =>
    callCluster(cluster, async () => {
      await assertSameCluster(cluster);
      return platformDestroy(programs, ports);
    }),
  );
  return outcome !== undefined;
}
