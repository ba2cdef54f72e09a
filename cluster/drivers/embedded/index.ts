import { rm, rmdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { CoppiceError, hasCode } from '../../../core/errors.ts';
import { withLock } from '../../../core/lock.ts';
import { asNode } from '../../../core/node-platform.ts';
import { byPublishedPart } from '../../../core/part-facts.ts';
import { type ClusterRecord, readClusterRecordNow } from '../../../core/state/cluster-record.ts';
import type { ClusterDriver, DriverContext } from '../../driver.ts';
import { userPaths } from '../user-paths.ts';
import { addressesOf } from './addresses.ts';
import { cleanUp } from './cleanup.ts';
import { importArchives } from './images.ts';
import { type Layout, layoutOf } from './layout.ts';
import { machineFacts } from './machine.ts';
import { mountsBelow } from './mounts.ts';
import { refuseForeignKubernetes, refuseObstacles, requireLinux, requireRoot } from './preflight.ts';
import { endProcesses } from './proc.ts';
import { contextName, writeUserFiles } from './records.ts';
import { defaultSources, type EmbeddedSources } from './sources.ts';
import { startCluster } from './start.ts';
import { clusterStatus } from './status.ts';
import { readState, runningOf, supervisorOf } from './supervisor-state.ts';

/** Milliseconds that the supervisor gets for an orderly stop: its pods' grace, and as much again for the rest. */
const STOP_PATIENCE_MS = 30_000;

/** Upstream Kubernetes as plain processes of this machine, on their own bridge. */
export function embeddedDriver(
  context: DriverContext,
  sources: EmbeddedSources = defaultSources(context),
): ClusterDriver {
  const { embedded, ports } = context.settings;
  const layout = layoutOf(embedded);
  const kubeconfig = () => ({ path: userPaths().kubeconfig, context: contextName });
  const exclusively = <T>(work: () => Promise<T>) =>
    withLock(layout.run, work, () =>
      context.progress.note('waiting for another `wt cluster` command to finish'),
    );

  const start = async (): Promise<ClusterRecord> => {
    requireLinux();
    requireRoot('start');
    const addresses = addressesOf(embedded.podCidr, embedded.serviceCidr);
    return exclusively(async () => {
      const programs = await sources.programs();
      const { uid, images, volumes } = await startCluster({
        layout,
        databaseGiB: embedded.databaseGiB,
        mkfs: sources.mkfs,
        addresses,
        apiPort: embedded.apiPort,
        cniPlugins: programs.cniPlugins,
        kubernetesVersion: programs.kubernetesVersion,
        ...machineFacts(),
        programs,
        progress: context.progress,
        provideImages: sources.provideImages,
        policies: sources.policies,
      });
      const record: ClusterRecord = {
        driver: 'embedded',
        kubeconfig: kubeconfig().path,
        context: contextName,
        uid,
        http: { port: ports.http },
        ...byPublishedPart((part) => ({ port: ports[part] })),
        ingress: 'host-loopback',
        mountPath: '/',
        node: asNode(process),
        ...volumes,
        nodeAddresses: [`${addresses.node}/32`],
        podLogs: layout.podLogs,
        images,
      };
      await writeUserFiles(layout, record);
      return record;
    });
  };

  return {
    name: 'embedded',
    start,
    check: async () => {
      requireLinux();
      requireRoot('start');
      refuseForeignKubernetes(layout);
      if (runningOf(readState(layout)).length > 0) return;
      const addresses = addressesOf(embedded.podCidr, embedded.serviceCidr);
      await refuseObstacles({ layout, addresses, apiPort: embedded.apiPort });
    },
    stop: () => {
      requireRoot('stop');
      return exclusively(() => stopCluster(layout));
    },
    status: () => {
      const { path, context: name } = kubeconfig();
      return clusterStatus(layout, { kubeconfig: path, context: name });
    },
    kubeconfig,
    importImages: async (archives) => {
      requireRoot('start');
      await importArchives(layout, await sources.programs(), archives);
    },
    reset: () => {
      requireRoot('reset');
      return exclusively(async () => {
        await stopCluster(layout);
        await deleteData(layout);
        const { kubeconfig: file, clusterRecord } = userPaths();
        if (isOwnRecord(clusterRecord)) {
          await Promise.all([rm(file, { force: true }), rm(clusterRecord)]);
        }
      });
    },
  };
}

/** The supervisor stops its processes in order; if there is none, or it hangs, we do the same from here. */
async function stopCluster(layout: Layout): Promise<void> {
  const supervisor = supervisorOf(readState(layout));
  if (supervisor !== undefined) await endProcesses([supervisor], STOP_PATIENCE_MS);
  const problems = await cleanUp(layout);
  if (problems.length === 0) return;
  throw new CoppiceError(
    'COPPICE_LEFTOVERS',
    `parts of the cluster are still there: ${problems.join('; ')}`,
    {
      hint: 'run it again; what a process still holds is released when the process ends',
    },
  );
}

/** Deletes only what the cluster created, so that a data folder set to the wrong place costs nothing. */
async function deleteData(layout: Layout): Promise<void> {
  const mounts = mountsBelow([layout.data]);
  if (mounts.length > 0) throw new CoppiceError('COPPICE_LEFTOVERS', `${mounts.join(', ')} is still mounted`);
  const { pki, kubeconfigs, kine, databases, databaseImage } = layout;
  const { containerdRoot, kubeletRoot, podLogs, policyProgram, logs, data } = layout;
  const folders = [
    pki,
    kubeconfigs,
    `${kubeconfigs}.making`,
    kine,
    databases,
    databaseImage,
    `${databaseImage}.making`,
    `${databaseImage}.making.mount`,
    containerdRoot,
    kubeletRoot,
    podLogs,
    dirname(policyProgram),
    logs,
  ];
  await Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true })));
  await rmdir(data).catch((error: unknown) => {
    if (!hasCode(error, 'ENOENT', 'ENOTEMPTY')) throw error;
  });
}

/** By now the record may be another driver's. */
function isOwnRecord(file: string): boolean {
  return readClusterRecordNow(file)?.driver === 'embedded';
}
