import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { lightKube } from '../../cluster/kube/light-kube.ts';
import { writeJson } from '../../core/files.ts';
import { Label, platformNamespace } from '../../core/labels.ts';
import { type OnDemandPart, onDemandParts, partFacts } from '../../core/part-facts.ts';
import { paths, platformFiles } from '../../core/paths.ts';
import type { ClusterRecord } from '../../core/state/cluster-record.ts';
import { readPlatformParts } from '../../core/state/platform-parts.ts';
import { readCache } from '../../core/state/state-file.ts';
import type { SweepResult } from '../../core/sweep.ts';
import { resolvedText } from '../../core/text/sweep.ts';
import type { Ports } from '../ports.ts';
import { sweepPart } from './sweeps.ts';

/** The start of a server after which it was last swept. */
interface LastSweep {
  readonly startedAt: string;
}

/**
 * Sweeps each server once after every start, and reports on the screen what was done. A crash or a reboot leaves half
 * copies behind, an unreachable server keeps what a `down` could not remove, and a platform that restarts by itself
 * needs no `up`. Without a new start this takes one list of pods.
 */
export async function sweepAfterRestart(cluster: ClusterRecord, ports: Ports): Promise<void> {
  const joined = await readPlatformParts();
  const parts = onDemandParts.filter((part) => joined[part]);
  if (parts.length === 0) return;
  const starts = await serverStarts(cluster).catch(() => new Map<string, string>());
  for (const part of parts) {
    const startedAt = starts.get(partFacts[part].service);
    if (startedAt === undefined) continue;
    await sweepOnce(part, startedAt, async () => {
      const result = await sweepPart(part, cluster, ports);
      for (const leftover of result.done) ports.screen.note(resolvedText(leftover));
      return result;
    });
  }
}

/**
 * Sweeps unless that was done since the server's last start; orphans that had to stay are searched for again.
 *
 * @internal Exported for tests on real servers, which use only this part.
 */
export async function sweepOnce(
  part: OnDemandPart,
  startedAt: string,
  sweep: () => Promise<SweepResult>,
): Promise<void> {
  if ((await readCache<LastSweep>(file(part), { startedAt: 'string' }))?.startedAt === startedAt) return;
  const { problem, kept } = await sweep();
  if (problem === undefined && kept.length === 0)
    await writeJson(file(part), { startedAt } satisfies LastSweep);
}

/** Sweeps a server once more, although it did not restart: something had to be left on it. */
export function sweepAgain(part: OnDemandPart): Promise<void> {
  return rm(file(part), { force: true });
}

function file(part: OnDemandPart): string {
  return join(paths().data, platformFiles.sweepOf(part));
}

/** When the server of each running part started, by the name of its service. */
async function serverStarts({ kubeconfig, context }: ClusterRecord): Promise<Map<string, string>> {
  const { core } = await lightKube({ kubeconfig, context });
  const labelSelector = `${Label.service} in (${onDemandParts.map((part) => partFacts[part].service).join(',')})`;
  const { items } = await core.listNamespacedPod({ namespace: platformNamespace, labelSelector });
  return new Map(
    items.flatMap(({ metadata, status }) => {
      const service = metadata?.labels?.[Label.service];
      const startedAt = status?.containerStatuses?.[0]?.state?.running?.startedAt;
      return service === undefined || startedAt === undefined ? [] : [[service, String(startedAt)] as const];
    }),
  );
}
