import { join } from 'node:path';
import { Label, platformNamespace } from '../../config/labels.ts';
import { postgresName } from '../../infra/platform/postgres.ts';
import type { ClusterRecord } from '../../state/cluster-record.ts';
import { readJson, writeJson } from '../../state/files.ts';
import { paths } from '../../state/paths.ts';
import { readPlatformParts } from '../../state/platform-parts.ts';
import type { Swept } from '../db/sweep.ts';
import { lightKube } from '../light-kube.ts';
import type { Ports } from '../ports.ts';

/** Which start of the server was swept after. */
interface LastSweep {
  readonly startedAt: string;
}

/**
 * A crash or a reboot leaves half copies behind, and a platform that comes back by itself needs no `up`: sweeps its
 * databases once for every start of their server. Otherwise it takes one list of pods.
 */
export async function sweepAfterRestart(cluster: ClusterRecord, ports: Ports): Promise<void> {
  if (!(await readPlatformParts()).postgres) return;
  const startedAt = await serverStart(cluster).catch(() => undefined);
  if (startedAt === undefined) return;
  await sweepOnce(startedAt, async () => (await import('../db/sweep.ts')).sweepDatabases(ports));
}

/** Sweeps unless that was done since this start of the server; what had to stay for now is looked for again. */
export async function sweepOnce(startedAt: string, sweep: () => Promise<Swept>): Promise<void> {
  const file = join(paths().data, 'databases-swept.json');
  if ((await readJson<LastSweep>(file))?.startedAt === startedAt) return;
  const { problem, kept } = await sweep();
  if (problem === undefined && kept.length === 0) await writeJson(file, { startedAt } satisfies LastSweep);
}

async function serverStart({ kubeconfig, context }: ClusterRecord): Promise<string | undefined> {
  const { core } = await lightKube({ kubeconfig, context });
  const labelSelector = `${Label.service}=${postgresName}`;
  const { items } = await core.listNamespacedPod({ namespace: platformNamespace, labelSelector });
  const startedAt = items[0]?.status?.containerStatuses?.[0]?.state?.running?.startedAt;
  return startedAt === undefined ? undefined : String(startedAt);
}
