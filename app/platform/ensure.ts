import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { loadSettings, type Settings } from '../../config/settings/settings.ts';
import { CoppiceError } from '../../core/errors.ts';
import { writeJson } from '../../core/files.ts';
import { sha256 } from '../../core/hash.ts';
import { Label, managedBy, platformNamespace } from '../../core/labels.ts';
import {
  type OnDemandPart,
  optionalParts,
  type PartName,
  partFacts,
  publishedParts,
} from '../../core/part-facts.ts';
import { paths, platformFiles } from '../../core/paths.ts';
import type { ClusterRecord } from '../../core/state/cluster-record.ts';
import { type PlatformParts, readPlatformParts } from '../../core/state/platform-parts.ts';
import { readCache } from '../../core/state/state-file.ts';
import { isReadyWithout, type Readiness } from '../../resources/ready/check.ts';
import type { ReadyInputs } from '../../resources/ready/contract.ts';
import { ensurePrograms } from '../../toolchain/toolchain.ts';
import { hasLostNamespace } from '../clusters/lost-namespace.ts';
import { checkReadiness, readyPlanOf } from '../clusters/readiness.ts';
import type { EngineOutcome, EnginePrograms, StackName } from '../engine/index.ts';
import { engineDestroy, engineUp } from '../engine/index.ts';
import type { Ports } from '../ports.ts';
import { withTask } from '../screen.ts';
import { programText, version } from '../version.ts';
import { sweepAfterRestart } from './after-restart.ts';
import { joinParts } from './join.ts';
import { portOwner } from './port-owner.ts';
import { unreadyText } from './unready.ts';

/** The project is this package's own Pulumi.yaml, which `pulumi up` by hand reads. */
export const platformStackName: StackName = { project: 'coppice', stack: 'platform' };

/** What a successful `up` of the platform records. */
interface PlatformRecord {
  readonly contentHash: string;
  readonly ready: ReadyInputs;
}

const recordFile = () => join(paths().data, platformFiles.record);

export interface PlatformNeeds {
  /** Parts that join now, and stay. */
  readonly needs?: readonly OnDemandPart[];
}

/**
 * Brings the platform up for an environment; does nothing when the same program created it on the same cluster and
 * everything is ready that an environment cannot do without. Tells of the rest what the environment asked for and lacks.
 */
export async function ensurePlatform(
  recorded: ClusterRecord,
  programs: EnginePrograms,
  ports: Ports,
  { needs = [] }: PlatformNeeds = {},
): Promise<boolean> {
  const { cluster } = await joinParts(needs, recorded, ports);
  const seen = await platformReadiness(cluster);
  const isUp = seen !== undefined && isReadyWithout(optionalServices, seen);
  if (isUp) await sweepAfterRestart(cluster, ports);
  else await platformConverge(cluster, programs, ports, { optional: optionalParts });
  tellOfUnready(needs, isUp ? seen : await platformReadiness(cluster), ports);
  return !isUp;
}

const optionalServices = optionalParts.map((part) => partFacts[part].service);

/** Whether everything is ready, optional parts too. */
export async function isPlatformUp(cluster: ClusterRecord): Promise<boolean> {
  return (await platformReadiness(cluster))?.ready ?? false;
}

/** Undefined unless this program created the platform on this cluster with these parts and settings. */
async function platformReadiness(cluster: ClusterRecord): Promise<Readiness | undefined> {
  const record = await readCache<PlatformRecord>(recordFile(), { contentHash: 'string', ready: 'object' });
  const [parts, settings] = await Promise.all([readPlatformParts(), loadSettings()]);
  if (record?.contentHash !== contentHash(cluster, parts, settings)) return undefined;
  return checkReadiness(record.ready).catch(() => undefined);
}

function tellOfUnready(
  needs: readonly OnDemandPart[],
  seen: Readiness | undefined,
  { screen }: Pick<Ports, 'screen'>,
): void {
  const text = seen && unreadyText(needs, seen.services);
  if (text !== undefined) screen.note(text);
}

export interface Converging {
  /** Parts that it does not fail without. */
  readonly optional?: readonly PartName[];
}

/** Throws COPPICE_PORT_TAKEN, and what the engine throws. */
export async function platformConverge(
  cluster: ClusterRecord,
  programs: EnginePrograms,
  ports: Ports,
  { optional = [] }: Converging = {},
): Promise<EngineOutcome> {
  const { screen, interrupts } = ports;
  const [parts, settings] = await Promise.all([readPlatformParts(), loadSettings()]);
  await refuseTakenPorts(cluster, parts);
  const { 'gateway-api-crds': definitions } = await ensurePrograms(['gateway-api-crds'], {
    progress: screen,
  });
  const { platformProgram } = await import('../../stacks/platform.ts');
  const existed = (await readyPlanOf(platformStackName)) !== undefined;
  await rm(recordFile(), { force: true });
  const program = platformProgram({
    record: cluster,
    version: version(),
    gatewayApi: definitions.path,
    gateway: settings.gateway,
    parts,
    optional,
  });
  const lost = () => hasLostNamespace(platformStackName, platformNamespace, cluster, ports);
  const options = { refresh: async () => (await lost()) || existed };
  const outcome = await withTask(screen, 'platform', () =>
    engineUp(platformStackName, { inline: program }, options, programs, { screen, interrupts }),
  );
  const ready = await readyPlanOf(platformStackName);
  if (ready) {
    const record: PlatformRecord = { contentHash: contentHash(cluster, parts, settings), ready };
    await writeJson(recordFile(), record);
  }
  // Orphans of crashes have no owner that would remove them.
  await sweepAfterRestart(cluster, ports);
  return outcome;
}

export async function platformDestroy(
  programs: EnginePrograms,
  { screen, interrupts }: Ports,
): Promise<EngineOutcome | undefined> {
  await rm(recordFile(), { force: true });
  return engineDestroy(platformStackName, programs, { screen, interrupts });
}

/** The cluster's record determines ports, images and identity; this program, the parts and settings the rest. */
function contentHash(cluster: ClusterRecord, parts: PlatformParts, { gateway }: Settings): string {
  return sha256(JSON.stringify([cluster, Object.keys(parts).sort(), gateway, programText()]));
}

/** Traefik on the host's network would fail unseen in its pod; here the owner of the port can be named. */
async function refuseTakenPorts(cluster: ClusterRecord, parts: PlatformParts): Promise<void> {
  if (cluster.ingress !== 'host-loopback') return;
  const wanted = [
    { key: 'http', port: cluster.http.port, other: 8080 },
    ...publishedParts.flatMap((part) => {
      const place = parts[part] && cluster[part];
      return place ? [{ key: part, port: place.port, other: place.port + 1 }] : [];
    }),
  ];
  for (const { key, port, other } of wanted) {
    const owner = portOwner(port);
    if (owner === undefined || /traefik/.test(owner)) continue;
    // An ordinary user does not see the owner of a socket; our own ready Traefik has the ports that it was started
    // with.
    if (await hasPort(cluster, port)) continue;
    throw new CoppiceError('COPPICE_PORT_TAKEN', `port ${port} on 127.0.0.1 is taken by ${owner}`, {
      hint: `end that process, or set another port in ${paths().settings}: {ports: {${key}: ${other}}}, then wt cluster start`,
    });
  }
}

/** Whether a ready Traefik pod was started with that port. */
async function hasPort({ kubeconfig, context }: ClusterRecord, port: number): Promise<boolean> {
  const { connect } = await import('../../cluster/kube/client.ts');
  const { core } = await connect({ kubeconfig, context });
  const labelSelector = `${Label.managedBy}=${managedBy}`;
  const { items } = await core.listNamespacedPod({ namespace: platformNamespace, labelSelector });
  return items.some(
    ({ spec, status }) =>
      status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') &&
      spec?.containers.some(({ args }) => args?.some((flag) => flag.endsWith(`127.0.0.1:${port}`))),
  );
}
