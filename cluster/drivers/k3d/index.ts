import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { defined } from '../../../core/defined.ts';
import { CoppiceError, type ErrorCode, ExitCode } from '../../../core/errors.ts';
import { writeAtomic, writeJson } from '../../../core/files.ts';
import { withLock } from '../../../core/lock.ts';
import { give, invokingUser, makeFolder } from '../../../core/user.ts';
import { ensurePrograms, program } from '../../../toolchain/toolchain.ts';
import { clusterNodes } from '../../ask-nodes.ts';
import type { ClusterDriver, DriverContext } from '../../driver.ts';
import { answeringUid } from '../../identity.ts';
import type { ProvideImages } from '../../images/provide.ts';
import { nodeAddresses } from '../../node-addresses.ts';
import { apiAnswers } from '../api.ts';
import { createCluster, deleteCluster, kubeconfigText, startNodes, stopNodes } from './cluster.ts';
import { configLabel, imageOf, k3dConfig } from './config-file.ts';
import { deleteData } from './data-volume.ts';
import { type Facts, holdingPorts, inspectNodes, takenPorts } from './facts.ts';
import { importArchives, presentImages } from './images.ts';
import { requireMountable } from './mountable.ts';
import { becomesTrue, waitForNodes } from './readiness.ts';
import { recordOf } from './record.ts';
import { requireRoots } from './roots.ts';
import { statusOf } from './status.ts';
import { inspectSurroundings, ownRecord, surroundingsOf } from './surroundings.ts';
import type { Tools } from './tools.ts';
import { type Situation, takenPortVerdict, type Verdict, verdict } from './verdict.ts';

/** What the driver gets from other rooms; tests pass their own. */
export interface K3dSources {
  /** Path of k3d; installs it if it is missing. */
  k3d(): Promise<string>;
  readonly provideImages: ProvideImages;
}

/** Seconds for the API to come back by itself, as after a restart of Docker, before the containers are restarted. */
const WAKE_S = 30;
/** Seconds for the nodes to become Ready once their API answers. */
const READY_S = 120;

/** A cluster of k3s in Docker, created and managed by k3d. */
export function k3dDriver(
  { settings, progress, interrupts }: DriverContext,
  sources: K3dSources = defaultSources({ settings, progress }),
): ClusterDriver {
  const surroundings = surroundingsOf(settings);
  const { data, clusterRecord, names, owner, dumps, roots, api: target, configFile, ports } = surroundings;
  const source = { settings, owner, https: true, roots };
  const pins = {
    names,
    owner,
    image: imageOf(settings),
    configLabel: configLabel(k3dConfig(source)),
    ports,
    platform: process.platform,
  };

  const inspect = async (k3d: string | undefined): Promise<{ facts: Facts; judged: Verdict }> => {
    const facts = await inspectSurroundings(surroundings, k3d);
    return { facts, judged: verdict(facts, pins) };
  };
  /** A cluster that is not ours, or cannot be judged, is not touched. */
  const inspectOwn = async (k3d: string): Promise<Facts> => {
    const { facts, judged } = await inspect(k3d);
    const open: readonly Situation[] = ['port-taken', 'absent'];
    if (judged.start === 'refuse' && !open.includes(judged.situation)) throw refusalError(judged);
    return facts;
  };
  const exclusively = async <T>(work: (tools: Tools) => Promise<T>) => {
    await makeFolder(data, invokingUser(), 0o700);
    return withLock(
      join(data, 'k3d'),
      async () => work({ k3d: await sources.k3d(), names, owner, progress, interrupts }),
      () => progress.note('waiting for another `wt cluster` command to finish'),
    );
  };

  const create = async (tools: Tools): Promise<void> => {
    // Docker would create a missing folder as root.
    await makeFolder(dumps, invokingUser(), 0o700);
    const { https } = settings.ports;
    const taken = (await takenPorts([https])).length > 0;
    if (taken)
      progress.note(
        `port ${https} is taken, so the cluster is created without it; nothing answers there yet`,
      );
    return createCluster(tools, { ...source, https: !taken }, configFile);
  };
  /** Deletes what is left of the cluster and recreates it, once nothing is known to prevent that. */
  const recreateCluster = async (tools: Tools, { nodes }: Facts): Promise<void> => {
    await requireMountable(roots, (text) => progress.note(text));
    const held = nodes.flatMap((node) => node.ports.map(({ host }) => host));
    const wanted = Object.values(pins.ports).filter((port) => !held.includes(port));
    const blocked = takenPortVerdict(await takenPorts(wanted), pins);
    if (blocked !== undefined) throw refusalError(blocked);
    await deleteCluster(tools);
    return create(tools);
  };

  /** Brings the cluster from any situation to running containers. */
  const remedy = async (
    tools: Tools,
    { facts, judged }: { facts: Facts; judged: Verdict },
    recreate: boolean,
  ): Promise<void> => {
    if (recreate && judged.start !== 'refuse' && judged.start !== 'create')
      return recreateCluster(tools, facts);
    switch (judged.start) {
      case 'refuse':
        throw refusalError(judged);
      case 'create':
        return create(tools);
      case 'recreate':
        progress.note(`${judged.sentence}: it is recreated; databases are kept`);
        return recreateCluster(tools, facts);
      case 'start':
        return startNodes(tools, facts.nodes);
      case 'wake':
        await writeAtomic(target.kubeconfig, await kubeconfigText(tools));
        if (await becomesTrue(WAKE_S, () => apiAnswers(target))) return;
        await stopNodes(tools, facts.nodes);
        return startNodes(tools, await inspectNodes(names.cluster));
      case 'nothing':
        if (judged.next !== undefined) progress.note(`${judged.sentence}: ${judged.next}`);
    }
  };

  return {
    name: 'k3d',
    kubeconfig: () => ({ path: target.kubeconfig, context: target.context }),
    start: ({ recreate = false } = {}) =>
      exclusively(async (tools) => {
        const before = await inspect(tools.k3d);
        await remedy(tools, before, recreate);
        await writeAtomic(target.kubeconfig, await kubeconfigText(tools));
        const nodes = await inspectNodes(names.cluster);
        const kubernetes = nodes.filter(({ role }) => role === 'server' || role === 'agent');
        await waitForNodes(
          target,
          kubernetes.map(({ name }) => name),
          READY_S,
        );
        const images = await sources.provideImages({
          importArchives: (archives) => importArchives(tools.k3d, names.cluster, archives),
          present: () => presentImages(nodes),
          pullable: true,
          bringsSandbox: true,
          progress,
        });
        const record = recordOf({
          nodes,
          ...target,
          uid: await answeringUid(target),
          seen: await clusterNodes(target),
          nodeAddresses: await nodeAddresses(target),
          engine: engineId(before.facts),
          images,
          ports: settings.ports,
        });
        await writeJson(clusterRecord, record);
        await give(data, invokingUser());
        return record;
      }),
    check: async (free) => {
      const { facts } = await inspect(program('k3d'));
      const judged = verdict({ ...facts, taken: facts.taken.filter((port) => !free.includes(port)) }, pins);
      if (judged.start === 'refuse') throw refusalError(judged);
      if (judged.start === 'create' || judged.start === 'recreate')
        requireRoots(roots.filter((root) => root !== dumps));
    },
    stop: () =>
      exclusively(async (tools) => {
        const { nodes } = await inspectOwn(tools.k3d);
        if (nodes.some(({ state }) => holdingPorts.includes(state))) await stopNodes(tools, nodes);
      }),
    status: async () => {
      const { facts, judged } = await inspect(program('k3d'));
      return statusOf(facts, judged);
    },
    importImages: async (archives) => importArchives(await sources.k3d(), names.cluster, archives),
    reset: () =>
      exclusively(async (tools) => {
        const { nodes, clusters } = await inspectOwn(tools.k3d);
        if (clusters === undefined) {
          throw new CoppiceError('COPPICE_CLUSTER_FAILED', 'k3d could not list the clusters', {
            hint: 'check with `k3d cluster list`, then run `wt cluster reset`',
            exitCode: ExitCode.unreachable,
          });
        }
        if (nodes.length > 0) await deleteCluster(tools);
        const server = nodes.find(({ role }) => role === 'server');
        await deleteData(names, owner, server?.image ?? pins.image);
        await Promise.all([rm(target.kubeconfig, { force: true }), rm(configFile, { force: true })]);
        if ((await ownRecord(surroundings)) !== undefined) await rm(clusterRecord);
      }),
  };
}

/** Id of the engine in which a cluster was started. */
function engineId({ engine }: Facts): string {
  if (engine?.answers) return engine.id;
  throw new Error('a cluster was started without an engine');
}

const codes: Partial<Record<Situation, ErrorCode>> = {
  'docker-absent': 'COPPICE_NO_DOCKER',
  'docker-denied': 'COPPICE_DOCKER_DENIED',
  'docker-stopped': 'COPPICE_DOCKER_STOPPED',
  'other-engine': 'COPPICE_OTHER_ENGINE',
  foreign: 'COPPICE_NOT_OURS',
  another: 'COPPICE_NOT_OURS',
  'port-taken': 'COPPICE_PORT_TAKEN',
};

/** The verdict as an error: its sentence, and what to do. */
function refusalError({ situation, sentence, next }: Verdict): CoppiceError {
  return new CoppiceError(codes[situation] ?? 'COPPICE_CANNOT_START', sentence, {
    ...defined({ hint: next }),
    exitCode: ExitCode.unreachable,
  });
}

function defaultSources({ progress }: DriverContext): K3dSources {
  return {
    k3d: async () => (await ensurePrograms(['k3d'], { progress })).k3d.path,
    provideImages: async (target) => (await import('../../images/provide.ts')).provideImages(target),
  };
}
