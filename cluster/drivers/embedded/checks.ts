import { existsSync } from 'node:fs';
import type { Check } from '../../../core/check.ts';
import type { DriverContext } from '../../driver.ts';
import { nameCheck } from '../local-names.ts';
import { hierarchies } from './cgroups.ts';
import { type Layout, layoutOf } from './layout.ts';
import { listenersNow, ownerOf, takers } from './listeners.ts';
import { foreignKubernetes } from './own-processes.ts';
import { asRoot, freeBytes, neededBytes } from './preflight.ts';
import { read } from './proc.ts';
import { run } from './run.ts';
import { readState, supervisorOf } from './supervisor-state.ts';

/** The checks of `wt doctor` for the embedded cluster on this machine. Changes nothing, needs no root. */
export async function clusterChecks({ settings }: Pick<DriverContext, 'settings'>): Promise<Check[]> {
  const layout = layoutOf(settings.embedded);
  if (process.platform !== 'linux') {
    return [
      { name: 'Linux', ok: false, detail: `this is ${process.platform}`, fix: 'use `driver: existing`' },
    ];
  }
  return [
    filesystemCheck(read('/proc/filesystems') ?? ''),
    bridgeCheck(),
    cgroupCheck(hierarchies()),
    await iptablesCheck(),
    inotifyCheck(Number(read('/proc/sys/fs/inotify/max_user_instances')), isRunningCluster(layout)),
    networkCheck(layout),
    portCheck(settings.ports.http, isRunningCluster(layout)),
    await nameCheck(),
    await diskCheck(layout.data),
  ];
}

const isRunningCluster = (layout: Layout) => supervisorOf(readState(layout)) !== undefined;

export function filesystemCheck(filesystems: string): Check {
  const name = 'overlay file system';
  if (/\boverlay$/m.test(filesystems)) return { name, ok: true, detail: 'known to the kernel' };
  return { name, ok: false, detail: 'not known to the kernel', fix: 'run `sudo modprobe overlay`' };
}

function bridgeCheck(): Check {
  const name = 'br_netfilter';
  if (existsSync('/proc/sys/net/bridge/bridge-nf-call-iptables')) return { name, ok: true, detail: 'loaded' };
  return {
    name,
    ok: false,
    detail: 'not loaded; `wt cluster start` loads it where it can',
    fix: 'run `sudo modprobe br_netfilter`',
  };
}

export function cgroupCheck(found: ReturnType<typeof hierarchies>): Check {
  const name = 'cgroups';
  const first = found.filter(({ version }) => version === 1).flatMap(({ controllers }) => controllers);
  const missing = ['cpu', 'cpuset', 'memory', 'pids'].filter((controller) => !first.includes(controller));
  if (missing.length === 0) return { name, ok: true, detail: 'version 1' };
  if (found.some(({ version }) => version === 2)) return { name, ok: true, detail: 'version 2' };
  return {
    name,
    ok: false,
    detail: `not mounted: ${missing.join(', ')}`,
    fix: 'mount the cgroup file system',
  };
}

async function iptablesCheck(): Promise<Check> {
  const version = (await run('iptables', ['--version'], { mayFail: true })).trim();
  if (version !== '') return { name: 'iptables', ok: true, detail: version };
  return {
    name: 'iptables',
    ok: false,
    detail: 'not installed',
    fix: `run \`${asRoot('start')}\`, which installs it`,
  };
}

export function inotifyCheck(instances: number, running: boolean): Check {
  const name = 'inotify instances';
  if (instances >= 512) return { name, ok: true, detail: String(instances) };
  if (!running) return { name, ok: true, detail: `${instances}; \`wt cluster start\` raises it` };
  return {
    name,
    ok: false,
    detail: `${instances} were left since the start`,
    fix: 'run `sudo sysctl fs.inotify.max_user_instances=1024`',
  };
}

function networkCheck(layout: Layout): Check {
  const name = 'other Kubernetes';
  const foreign = foreignKubernetes(layout);
  if (foreign === undefined) return { name, ok: true, detail: 'none on this network' };
  const detail = `${foreign.program} (pid ${foreign.pid}) keeps iptables here`;
  return { name, ok: false, detail, fix: 'use it with `driver: existing`, or stop it' };
}

function portCheck(port: number, running: boolean): Check {
  const name = `port ${port}`;
  const [taker] = takers(listenersNow('tcp'), '127.0.0.1', port);
  if (taker === undefined) return { name, ok: true, detail: 'free' };
  const owner = ownerOf(taker);
  // An ordinary user does not see who owns Traefik's socket; a running cluster is then the likely owner.
  if (running && (/traefik/.test(owner) || owner === 'another process'))
    return { name, ok: true, detail: 'answers for the routes' };
  return {
    name,
    ok: false,
    detail: `taken by ${owner}`,
    fix: 'stop that program, or set `ports.http` in the settings',
  };
}

async function diskCheck(folder: string): Promise<Check> {
  const free = await freeBytes(folder);
  const detail = `${Math.floor(free / 1024 ** 3)} GiB free for ${folder}`;
  if (free >= 2 * neededBytes) return { name: 'disk', ok: true, detail };
  return {
    name: 'disk',
    ok: false,
    detail,
    fix: 'free some space, or set `embedded.dataFolder` to another disk',
  };
}
