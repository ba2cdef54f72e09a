import { existsSync, lstatSync, readdirSync, readlinkSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { until } from '../../../core/until.ts';
import { cgroupProcesses, leaveCgroup, remainingCgroups, removeCgroups } from './cgroups.ts';
import { chainPrefixes, chainsLeft } from './firewall.ts';
import type { Layout } from './layout.ts';
import { mountsBelow, unmountBelow } from './mounts.ts';
import { interfaceExists, removeBridge, removeChains, removeCniResults, savedRules } from './network.ts';
import { foreignKubernetes, ownProcesses } from './own-processes.ts';
import { commandLine, endProcesses, ignoresSigterm, type ProcessId, processOf, read } from './proc.ts';
import { loopDevices } from './volume.ts';

/** Milliseconds that the processes of pods get between SIGTERM and SIGKILL. */
const POD_GRACE_MS = 8_000;
/** An unmount also writes back what is in memory. */
const LOOP_MS = 20_000;

/**
 * Ends the pods and every process of the cluster but the caller, then removes whatever is left of its mounts,
 * interfaces, chains, cgroups and run folder. Data are kept. Returns what could not be removed, one sentence each.
 */
export async function cleanUp(layout: Layout): Promise<string[]> {
  await endPods(layout);
  await endProcesses(withoutSelf(ownProcesses(layout)), 1_500);
  const sockets = shimSockets(layout);
  // Shims ignore SIGTERM, and a shim that containerd was just starting appears late.
  await endProcesses(withoutSelf(ownProcesses(layout)), 0);
  const mounted = await unmountBelow([layout.run, layout.data]);
  await loopDevicesGone(layout);
  await removeBridge(layout.bridge);
  await removeChains(ownPrefixes(layout));
  await removeCniResults(layout.bridge);
  for (const socket of sockets) rmSync(socket, { force: true });
  removeLogLinks(layout);
  if (cgroupProcesses(layout, 'all').some(({ pid }) => pid === process.pid)) leaveCgroup();
  removeCgroups(layout);
  // A worktree's folder may still be mounted below: deleting through it would delete the user's files.
  if (mounted.length === 0) rmSync(layout.run, { recursive: true, force: true });
  return leftovers(layout);
}

/** The file system ends with its last user, which may be a mount namespace that the kernel is still dismantling. */
async function loopDevicesGone(layout: Layout): Promise<void> {
  await until(() => loopDevices(layout).length === 0, { every: 50, within: LOOP_MS });
}

/**
 * What is left of the cluster although it should not be, one sentence each.
 *
 * @internal Tests on a real machine use this part alone.
 */
export async function leftovers(layout: Layout): Promise<string[]> {
  const rules = `${await savedRules('iptables')}${await savedRules('ip6tables')}`;
  return [
    ...withoutSelf(ownProcesses(layout)).map(
      ({ pid }) => `process ${pid} (${commandLine(pid)[0]}) still runs`,
    ),
    ...mountsBelow([layout.run, layout.data]).map((mount) => `${mount} is still mounted`),
    ...loopDevices(layout).map((device) => `${device} still holds ${layout.databaseImage}`),
    ...(interfaceExists(layout.bridge) ? [`interface ${layout.bridge} is still there`] : []),
    ...chainsLeft(rules, ownPrefixes(layout)).map((chain) => `iptables chain ${chain} is still there`),
    ...remainingCgroups(layout).map((folder) => `cgroup ${folder} is still there`),
  ];
}

/** By now kube-proxy's chains may be those of another Kubernetes. */
function ownPrefixes(layout: Layout): readonly string[] {
  return foreignKubernetes(layout) === undefined ? chainPrefixes : ['COPPICE-'];
}

function withoutSelf(ids: readonly ProcessId[]): ProcessId[] {
  return ids.filter(({ pid }) => pid !== process.pid);
}

/** kubelet first, so that nothing is restarted; then the containers, then whatever their pods still hold. */
async function endPods(layout: Layout): Promise<void> {
  const kubelet = ownProcesses(layout).filter(({ pid }) => basename(commandLine(pid)[0] ?? '') === 'kubelet');
  await endProcesses(kubelet, 500);
  const containers = bundles(layout)
    .filter((bundle) => !isSandbox(bundle))
    .flatMap(firstProcess)
    .filter(({ pid }) => !ignoresSigterm(read(`/proc/${pid}/status`) ?? ''));
  await endProcesses(containers, POD_GRACE_MS);
  await endProcesses(cgroupProcesses(layout, 'pods'), 0);
}

function bundles(layout: Layout): string[] {
  const folder = join(layout.containerdState, 'io.containerd.runtime.v2.task', 'k8s.io');
  return existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name)) : [];
}

/** The sandbox goes last: with a shared process namespace its end kills the others without a SIGTERM. */
function isSandbox(bundle: string): boolean {
  return /"io\.kubernetes\.cri\.container-type":\s*"sandbox"/.test(read(join(bundle, 'config.json')) ?? '');
}

function firstProcess(bundle: string): ProcessId[] {
  const id = processOf(Number(read(join(bundle, 'init.pid'))));
  return id === undefined ? [] : [id];
}

/** Shims listen in a folder that all users of containerd share; only their bundles tell which socket is whose. */
function shimSockets(layout: Layout): string[] {
  return bundles(layout).flatMap((bundle) => {
    // containerd 1 writes the bare address, 2 a JSON file.
    const text = `${read(join(bundle, 'address'))} ${read(join(bundle, 'bootstrap.json'))}`;
    return [...text.matchAll(/unix:\/\/([^\s"]+)/g)].flatMap((match) => match[1] ?? []);
  });
}

/** kubelet links every log in this folder; no option changes it. */
function removeLogLinks(layout: Layout): void {
  const folder = '/var/log/containers';
  if (!existsSync(folder)) return;
  for (const name of readdirSync(folder)) {
    const link = join(folder, name);
    if (lstatSync(link).isSymbolicLink() && readlinkSync(link).startsWith(`${layout.podLogs}/`)) rmSync(link);
  }
}
