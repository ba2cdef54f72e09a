import { createHash } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { CoppiceError } from '../../config/errors.ts';
import { Label, managedBy, platformNamespace } from '../../config/labels.ts';
import type { ReadyInputs } from '../../provider/ready/plan.ts';
import type { ClusterRecord } from '../../state/cluster-record.ts';
import { readJson, writeJson } from '../../state/files.ts';
import { paths } from '../../state/paths.ts';
import { ensurePrograms } from '../../toolchain/toolchain.ts';
import { engineDestroy, engineUp } from '../engine/engine.ts';
import type { EnginePrograms } from '../engine/programs.ts';
import type { EngineOutcome } from '../engine/run.ts';
import type { StackName } from '../engine/stack-state.ts';
import { look } from '../environment/look.ts';
import { readyPlanOf } from '../environment/ready-plan.ts';
import type { Ports } from '../ports.ts';
import { shown } from '../ui/screen.ts';
import { programText, version } from '../version.ts';
import { portTaker } from './port.ts';

/** `platformProject` and `platformStack` of stacks/platform.ts, without loading the program. */
export const platformStackName: StackName = { project: 'coppice', stack: 'platform' };

/** What a successful `up` of the platform leaves. */
interface PlatformRecord {
  readonly contentHash: string;
  readonly ready: ReadyInputs;
}

const recordFile = () => join(paths().data, 'platform.json');

/** The platform, up: nothing is done when the same program made it on the same cluster and all of it is ready. */
export async function ensurePlatform(
  cluster: ClusterRecord,
  programs: EnginePrograms,
  ports: Ports,
): Promise<boolean> {
  if (await isPlatformUp(cluster)) return false;
  await platformConverge(cluster, programs, ports);
  return true;
}

export async function isPlatformUp(cluster: ClusterRecord): Promise<boolean> {
  const record = await readJson<PlatformRecord>(recordFile());
  if (record?.contentHash !== contentHash(cluster)) return false;
  try {
    return (await look(record.ready)).ready;
  } catch {
    return false;
  }
}

/** Throws COPPICE_PORT_TAKEN, and what the engine throws. */
export async function platformConverge(
  cluster: ClusterRecord,
  programs: EnginePrograms,
  { screen, interrupts }: Ports,
): Promise<EngineOutcome> {
  await refuseTakenPort(cluster);
  const { 'gateway-api-crds': definitions } = await ensurePrograms(['gateway-api-crds'], {
    progress: screen,
  });
  const { platformProgram } = await import('../../stacks/platform.ts');
  const existed = (await readyPlanOf(platformStackName)) !== undefined;
  await rm(recordFile(), { force: true });
  const program = platformProgram({ record: cluster, version: version(), gatewayApi: definitions.path });
  const options = { refresh: existed };
  const outcome = await shown(screen, 'platform', () =>
    engineUp(platformStackName, { inline: program }, options, programs, { screen, interrupts }),
  );
  const ready = await readyPlanOf(platformStackName);
  if (ready)
    await writeJson(recordFile(), { contentHash: contentHash(cluster), ready } satisfies PlatformRecord);
  return outcome;
}

export async function platformDestroy(
  programs: EnginePrograms,
  { screen, interrupts }: Ports,
): Promise<EngineOutcome | undefined> {
  await rm(recordFile(), { force: true });
  return engineDestroy(platformStackName, programs, { screen, interrupts });
}

/** The record of the cluster decides port, images and identity; this program decides the rest. */
function contentHash(cluster: ClusterRecord): string {
  return createHash('sha256')
    .update(JSON.stringify([cluster, programText()]))
    .digest('hex');
}

/** Traefik on the host's network would fail in its pod, where nobody looks; who has the port can be said here. */
async function refuseTakenPort({ ingress, http, kubeconfig, context }: ClusterRecord): Promise<void> {
  if (ingress !== 'host-loopback') return;
  const owner = portTaker(http.port);
  if (owner === undefined || /traefik/.test(owner)) return;
  const { connect } = await import('../../cluster/kube/client.ts');
  const { core } = await connect({ kubeconfig, context });
  const labelSelector = `${Label.managedBy}=${managedBy}`;
  const { items } = await core.listNamespacedPod({ namespace: platformNamespace, labelSelector });
  const ready = items.some(({ status }) =>
    status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True'),
  );
  // An ordinary user does not see whose socket it is; a Traefik of ours that is ready can only have that one.
  if (ready) return;
  throw new CoppiceError('COPPICE_PORT_TAKEN', `port ${http.port} on 127.0.0.1 is taken by ${owner}`, {
    hint: `end that process, or set another port in ${paths().settings}: {ports: {http: 8080}}, then wt cluster start`,
  });
}
