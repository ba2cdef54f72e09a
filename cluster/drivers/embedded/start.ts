import { closeSync, existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { CoppiceError } from '../../../core/errors.ts';
import { writeAtomic } from '../../../core/files.ts';
import { packageRoot } from '../../../core/package-root.ts';
import type { Progress } from '../../../core/progress.ts';
import { start } from '../../../core/run.ts';
import type { PartVolumes } from '../../../core/state/cluster-record.ts';
import { answeringUid } from '../../identity.ts';
import type { ProvideImages } from '../../images/provide.ts';
import { apiAnswers, callApi } from '../api.ts';
import { userPaths } from '../user-paths.ts';
import { makeCertificates } from './certificates.ts';
import { makeCgroups } from './cgroups.ts';
import { cleanUp } from './cleanup.ts';
import { type ConfigContext, configFiles } from './config-files.ts';
import { importArchives, nameSandboxImage, presentImages } from './images.ts';
import { requireWholeDatabase } from './kine-database.ts';
import type { Layout } from './layout.ts';
import { logPath, openLog } from './log-file.ts';
import { isMet } from './needs.ts';
import { makeNetwork } from './network.ts';
import { grantPermissions } from './permissions.ts';
import { askForVerdictsAgain, bringPolicies, type PolicyContext } from './policies.ts';
import { refuseForeignKubernetes, refuseObstacles } from './preflight.ts';
import { networkNamespace, type ProcessId, processOf } from './proc.ts';
import { processTable } from './processes.ts';
import { type Programs, searchPath } from './programs.ts';
import { nodeReady, type Waiting, waitUntil } from './readiness.ts';
import { superuser } from './records.ts';
import { readPlan, readState, runningOf, type SupervisorPlan, supervisorOf } from './supervisor-state.ts';
import { partVolumes, type VolumeContext } from './volume.ts';

export interface StartContext extends ConfigContext, VolumeContext {
  readonly programs: Programs;
  readonly progress: Progress;
  readonly provideImages: ProvideImages;
  readonly policies: PolicyContext['policies'];
}

type Prepared = StartContext & Waiting & { readonly volumes: PartVolumes };

export interface Started {
  readonly volumes: PartVolumes;
  readonly uid: string;
  readonly images: Readonly<Record<string, string>>;
}

/** Brings the cluster to a Ready node, whatever state it is in; changes nothing when it is Ready already. */
export async function startCluster(context: StartContext): Promise<Started> {
  const { layout } = context;
  const state = readState(layout);
  refuseForeignKubernetes(layout);
  if (
    state !== undefined &&
    runningOf(state).length > 0 &&
    state.networkNamespace !== networkNamespace('self')
  ) {
    throw new CoppiceError(
      'COPPICE_OTHER_NETWORK',
      'the cluster runs in another network namespace than this shell',
    );
  }
  const running = supervisorOf(state);
  const left = runningOf(state).length > 0 && readPlan(layout.plan) !== undefined;
  const began = new Date();
  if (running === undefined && !left) await prepare(context);
  const prepared = { ...context, volumes: await partVolumes(context) };
  if (running !== undefined) return becomeReady({ ...prepared, supervisor: running }, undefined);
  if (left) {
    context.progress.note('the supervisor was gone; a new one takes over the running processes');
    return becomeReady({ ...prepared, supervisor: startSupervisor(context) }, undefined);
  }
  const supervisor = startSupervisor(context);
  await makeCertificates(layout, context.programs);
  return becomeReady({ ...prepared, supervisor }, began);
}

/** Removes what a crash, a kill or a reboot left, then creates folders, files, network and the supervisor's plan. */
async function prepare(context: StartContext): Promise<void> {
  const { layout } = context;
  const left = await cleanUp(layout);
  if (left.length > 0) {
    throw new CoppiceError(
      'COPPICE_LEFTOVERS',
      `remains of an earlier cluster are in the way: ${left.join('; ')}`,
    );
  }
  await requireWholeDatabase(layout, existsSync(userPaths().clusterRecord));
  await refuseObstacles(context);
  await makeFolders(layout);
  for (const { path, text } of configFiles(context)) await writeAtomic(path, text);
  makeCgroups(layout);
  await makeNetwork({ ...context, bridge: layout.bridge });
  await askForVerdictsAgain({ ...context, bridge: layout.bridge });
  const plan: SupervisorPlan = { layout, processes: processTable(context, context.programs) };
  await writeAtomic(layout.plan, JSON.stringify(plan, null, 2));
}

async function makeFolders(layout: Layout): Promise<void> {
  // Everybody may see what runs; everything below is private.
  await mkdir(layout.run, { recursive: true, mode: 0o755 });
  for (const folder of [layout.data, layout.kine, layout.logs, layout.kubeletRoot, layout.podLogs]) {
    await mkdir(folder, { recursive: true, mode: 0o700 });
  }
  for (const folder of [join(layout.run, 'kine'), layout.cniLeases]) {
    await mkdir(folder, { recursive: true, mode: 0o700 });
  }
}

/** Detached: it outlives this command and its terminal. */
function startSupervisor({ layout, programs }: StartContext): ProcessId {
  const log = openLog(layout.logs, 'supervisor');
  const program = join(packageRoot(), 'dist', 'supervisor', 'main.js');
  // It holds a few kilobytes of state; V8's defaults are sized for a server.
  const thrifty = [
    '--max-old-space-size=48',
    '--max-semi-space-size=1',
    '--single-threaded',
    '--optimize-for-size',
  ];
  const child = start(process.execPath, [...thrifty, program, layout.plan], {
    cwd: '/',
    env: { PATH: searchPath(programs), UV_THREADPOOL_SIZE: '1' },
    detached: true,
    stdio: ['ignore', log, log],
  });
  child.unref();
  closeSync(log);
  const id = child.pid === undefined ? undefined : processOf(child.pid);
  if (id === undefined) {
    throw new CoppiceError('COPPICE_CLUSTER_FAILED', `${program} cannot be started`, {
      hint: `the log is ${logPath(layout.logs, 'supervisor')}`,
    });
  }
  return id;
}

async function becomeReady(context: Prepared, since: Date | undefined): Promise<Started> {
  const { layout, progress } = context;
  const target = superuser(layout);
  const control = progress.start('control plane');
  const [images] = await Promise.all([
    bringImages(context),
    waitUntil(context, 'the API server answers', () => apiAnswers(target)).then(async () => {
      await grantPermissions(target);
      control.done();
      const node = progress.start('node');
      await waitUntil(context, 'the node is Ready', () => nodeReady(target, since));
      node.done();
    }),
  ]);
  await bringPolicies({ ...context, bridge: layout.bridge });
  await untilControllersWork(context);
  return { uid: await answeringUid(superuser(context.layout)), images, volumes: context.volumes };
}

async function bringImages(context: Prepared): Promise<Readonly<Record<string, string>>> {
  const { layout, programs, progress, provideImages } = context;
  await waitUntil(context, 'containerd answers', async () => isMet({ socket: layout.containerdSocket }));
  const images = await provideImages({
    importArchives: (archives) => importArchives(layout, programs, archives),
    present: () => presentImages(layout, programs),
    pullable: true,
    progress,
  });
  if (images.pause === undefined) {
    throw new CoppiceError(
      'COPPICE_CLUSTER_FAILED',
      'the catalogue of images has no `pause`, which every pod needs',
    );
  }
  await nameSandboxImage(layout, programs, images.pause);
  return images;
}

/** The service account `default`, once in a cluster's life: until the controllers create it, no pod can be created. */
function untilControllersWork(context: Prepared): Promise<void> {
  return waitUntil(context, 'the controllers are working', async () => {
    const { status } = await callApi(
      superuser(context.layout),
      '/api/v1/namespaces/default/serviceaccounts/default',
    );
    return status === 200;
  });
}
