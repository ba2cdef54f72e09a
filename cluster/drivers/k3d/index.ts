import { rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { CoppiceError, ExitCode } from '../../../config/errors.ts';
import type { ClusterRecord } from '../../../state/cluster-record.ts';
import { dumpsFolder } from '../../../state/dumps.ts';
import { readJson, writeAtomic, writeJson } from '../../../state/files.ts';
import { withLock } from '../../../state/lock.ts';
import { give, invokingUser, makeFolder } from '../../../toolchain/owner.ts';
import { ensurePrograms, program } from '../../../toolchain/toolchain.ts';
import type { ClusterDriver, DriverContext } from '../../driver.ts';
import { clusterUid } from '../../identity.ts';
import { nodePlatform } from '../../node-platform.ts';
import { userHome, userPaths } from '../user-paths.ts';
import {
  createCluster,
  deleteCluster,
  kubeconfigText,
  startNodes,
  stopNodes,
  type Tools,
} from './cluster.ts';
import { imageOf, k3dConfig, madeFrom } from './config-file.ts';
import { deleteData } from './data-volume.ts';
import { type Facts, gatherFacts, inspectNodes } from './facts.ts';
import { importArchives, presentImages } from './images.ts';
import { mountedRoots } from './mounted-roots.ts';
import { type Names, namesOf } from './names.ts';
import { apiAnswers, becomesTrue, waitForNodes } from './readiness.ts';
import { recordOf } from './record.ts';
import { requireRoots } from './roots.ts';
import { statusOf } from './status.ts';
import { isOurs, isThere, type Situation, type Verdict, verdict } from './verdict.ts';

/** Gives the catalogue's images to the cluster; `cluster/images/provide.ts` is the real one. */
export type ProvideImages = (target: {
  importArchives(paths: readonly string[]): Promise<void>;
  present(): Promise<string[]>;
  readonly pullable: boolean;
  readonly bringsSandbox: boolean;
  readonly progress: DriverContext['progress'];
}) => Promise<Record<string, string | undefined>>;

/** Where the driver gets what other rooms make; tests give their own. */
export interface K3dSources {
  /** Path of k3d, installed where it is missing. */
  k3d(): Promise<string>;
  readonly provideImages: ProvideImages;
}

/** Seconds for the API to come back by itself, as after a restart of Docker, before the containers are restarted. */
const WAKE_S = 30;
/** Seconds for the nodes to become Ready once their API answers. */
const READY_S = 120;

/** A cluster of k3s in Docker, made and kept by k3d. */
export function k3dDriver(
  { settings, progress }: DriverContext,
  sources: K3dSources = defaultSources({ settings, progress }),
): ClusterDriver {
  const { data, clusterRecord } = userPaths();
  const dumps = dumpsFolder(data);
  const source = { settings, roots: mountedRoots(settings.k3d.roots ?? [userHome()], dumps) };
  const config = k3dConfig(source);
  const names = namesOf(settings.k3d.name);
  const target = { kubeconfig: join(data, `${names.context}.kubeconfig`), context: names.context };
  const configFile = join(data, `${names.context}.yaml`);
  const { http, https, postgres, temporal } = settings.ports;
  const pins = {
    names,
    image: imageOf(settings),
    madeFrom: madeFrom(config),
    ports: { http, https, postgres, temporal, registry: settings.k3d.registryPort },
    platform: process.platform,
  };

  const look = async (k3d: string | undefined): Promise<{ facts: Facts; judged: Verdict }> => {
    const recorded = await ownRecord(clusterRecord, names);
    const facts = await gatherFacts({
      k3d,
      cluster: names.cluster,
      api: target,
      ports: Object.values(pins.ports),
      recordedEngine: recorded?.engine,
    });
    return { facts, judged: verdict(facts, pins) };
  };
  const exclusively = <T>(work: (tools: Tools) => Promise<T>) =>
    withLock(
      join(data, 'k3d'),
      async () => work({ k3d: await sources.k3d(), names, progress }),
      () => progress.note('waiting for another `wt cluster` command to end'),
    );

  const create = async (tools: Tools): Promise<void> => {
    // What Docker does not find it makes itself, as root.
    await makeFolder(dumps, invokingUser(), 0o700);
    return createCluster(tools, source, configFile);
  };

  /** Brings the cluster from any situation to running containers. */
  const remedy = async (
    tools: Tools,
    { facts, judged }: { facts: Facts; judged: Verdict },
  ): Promise<void> => {
    switch (judged.start) {
      case 'refuse':
        throw refusal(judged);
      case 'create':
        return create(tools);
      case 'remake':
        progress.note(`${judged.sentence} It is made anew; databases stay.`);
        await deleteCluster(tools);
        return create(tools);
      case 'start':
        return startNodes(tools, facts.nodes);
      case 'wake':
        await writeAtomic(target.kubeconfig, await kubeconfigText(tools));
        if (await becomesTrue(WAKE_S, () => apiAnswers(target))) return;
        await stopNodes(tools);
        return startNodes(tools, await inspectNodes(names.cluster));
      case 'nothing':
        if (judged.next !== undefined) progress.note(`${judged.sentence} ${judged.next}`);
    }
  };

  return {
    name: 'k3d',
    kubeconfig: () => ({ path: target.kubeconfig, context: target.context }),
    start: () =>
      exclusively(async (tools) => {
        const before = await look(tools.k3d);
        await remedy(tools, before);
        await makeFolder(dirname(data), invokingUser());
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
          uid: await clusterUid(target),
          node: await nodePlatform(target),
          engine: before.facts.engine?.answers ? before.facts.engine.id : '',
          images: Object.fromEntries(
            Object.entries(images).filter((entry): entry is [string, string] => entry[1] !== undefined),
          ),
          ports: settings.ports,
        });
        await writeJson(clusterRecord, record);
        await give(data, invokingUser());
        return record;
      }),
    check: async (free) => {
      const { facts } = await look(program('k3d'));
      const judged = verdict({ ...facts, taken: facts.taken.filter((port) => !free.includes(port)) }, pins);
      if (judged.start === 'refuse') throw refusal(judged);
      if (judged.start === 'create' || judged.start === 'remake')
        requireRoots(source.roots.filter((root) => root !== dumps));
    },
    stop: () =>
      exclusively(async (tools) => {
        const { facts, judged } = await look(tools.k3d);
        if (judged.situation === 'docker-stopped' || judged.situation === 'docker-absent') {
          progress.note(`${judged.sentence} So nothing of the cluster runs.`);
          return;
        }
        if (isThere(facts, names) && !isOurs(facts.nodes, names)) throw refusal(judged);
        if (facts.nodes.some(({ state }) => state === 'running')) await stopNodes(tools);
      }),
    status: async () => {
      const { facts, judged } = await look(program('k3d'));
      return statusOf(facts, judged);
    },
    importImages: async (archives) => importArchives(await sources.k3d(), names.cluster, archives),
    reset: () =>
      exclusively(async (tools) => {
        const { facts, judged } = await look(tools.k3d);
        const elsewhere = judged.situation === 'other-engine';
        if (!facts.engine?.answers || facts.clusters === undefined || judged.situation === 'foreign')
          throw refusal(judged);
        if (!elsewhere) {
          if (isThere(facts, names)) await deleteCluster(tools);
          await deleteData(names, pins.image);
        }
        await Promise.all([rm(target.kubeconfig, { force: true }), rm(configFile, { force: true })]);
        if ((await ownRecord(clusterRecord, names)) !== undefined) await rm(clusterRecord);
      }),
  };
}

/** The record may meanwhile be another driver's, or that of a cluster of another name. */
async function ownRecord(file: string, { context }: Names): Promise<ClusterRecord | undefined> {
  const record = await readJson<ClusterRecord>(file);
  return record?.driver === 'k3d' && record.context === context ? record : undefined;
}

const codes: Partial<Record<Situation, `COPPICE_${string}`>> = {
  'docker-absent': 'COPPICE_NO_DOCKER',
  'docker-denied': 'COPPICE_DOCKER_DENIED',
  'docker-stopped': 'COPPICE_DOCKER_STOPPED',
  'other-engine': 'COPPICE_OTHER_ENGINE',
  foreign: 'COPPICE_NOT_OURS',
  'port-taken': 'COPPICE_PORT_TAKEN',
};

/** The verdict as an error: its sentence, and what to do. */
function refusal({ situation, sentence, next }: Verdict): CoppiceError {
  return new CoppiceError(codes[situation] ?? 'COPPICE_CANNOT_START', sentence.replace(/\.$/, ''), {
    ...(next === undefined ? {} : { hint: next }),
    exitCode: ExitCode.unreachable,
  });
}

function defaultSources({ progress }: DriverContext): K3dSources {
  return {
    k3d: async () => (await ensurePrograms(['k3d'], { progress })).k3d.path,
    provideImages: async (target) => (await import('../../images/provide.ts')).provideImages(target),
  };
}
