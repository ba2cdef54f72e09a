import { existsSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { CoppiceError } from '../../../core/errors.ts';
import { packageRoot } from '../../../core/package-root.ts';
import { type Addresses, addressText, overlap, parseRange } from './addresses.ts';
import type { Layout } from './layout.ts';
import { type Listener, listenersNow, ownerOf, takers } from './listeners.ts';
import { foreignKubernetes } from './own-processes.ts';
import { run } from './run.ts';

/** With fewer bytes there is no room for images or a database; kubelet would evict pods soon after. */
export const neededBytes = 2 * 1024 ** 3;
/** The path of a unix socket may have 107 characters; containerd's is our longest. */
const longestRunFolder = 60;

/** A command that needs root, as whoever runs this has to type it. */
export function asRoot(verb: string): string {
  const sudo = process.geteuid?.() === 0 ? '' : 'sudo ';
  return `${sudo}${join(packageRoot(), 'bin', 'wt')} cluster ${verb}`;
}

export function requireLinux(): void {
  if (process.platform === 'linux') return;
  throw new CoppiceError(
    'COPPICE_NOT_LINUX',
    `the embedded cluster needs Linux, this is ${process.platform}`,
    {
      hint: 'name a cluster that you have: `driver: existing` and `existing: {context: NAME}` in the settings',
    },
  );
}

export function requireRoot(verb: string): void {
  if (process.geteuid?.() === 0) return;
  throw new CoppiceError('COPPICE_NOT_ROOT', `\`wt cluster ${verb}\` of the embedded cluster needs root`, {
    hint: `run \`${asRoot(verb)}\``,
  });
}

/**
 * Refuses where another Kubernetes manages iptables in this network namespace: the two would undo each other's rules.
 */
export function refuseForeignKubernetes(layout: Layout): void {
  const foreign = foreignKubernetes(layout);
  if (foreign === undefined) return;
  throw new CoppiceError(
    'COPPICE_OTHER_KUBERNETES',
    `another Kubernetes runs on this machine's network: ${foreign.program} (pid ${foreign.pid})`,
    { hint: 'use that one (`driver: existing` in the settings), or stop it first' },
  );
}

export interface PreflightContext {
  readonly layout: Layout;
  readonly addresses: Addresses;
  readonly apiPort: number;
}

/** Everything else that would make the start fail later with a less clear error. Nothing of ours may be running. */
export async function refuseObstacles(context: PreflightContext): Promise<void> {
  const obstacles = [
    ...pathObstacles(context.layout),
    ...(await diskObstacles(context.layout.data)),
    ...routeObstacles(
      context,
      await run('ip', ['-json', 'route', 'show', 'table', 'all'], { mayFail: true }),
    ),
    ...portObstacles(context, { tcp: listenersNow('tcp'), udp: listenersNow('udp') }),
  ];
  const [first] = obstacles;
  if (first === undefined) return;
  throw new CoppiceError('COPPICE_CANNOT_START', obstacles.map(({ problem }) => problem).join('; '), {
    hint: first.fix,
  });
}

export interface Obstacle {
  readonly problem: string;
  readonly fix: string;
}

/** @internal Exported for its test, which passes in facts of other machines. */
export function pathObstacles({ run: folder }: Pick<Layout, 'run'>): Obstacle[] {
  if (folder.length <= longestRunFolder) return [];
  return [
    {
      problem: `runFolder ${folder} is longer than ${longestRunFolder} characters, too long for sockets`,
      fix: 'set a shorter `embedded.runFolder` in the settings',
    },
  ];
}

async function diskObstacles(folder: string): Promise<Obstacle[]> {
  const free = await freeBytes(folder);
  if (free >= neededBytes) return [];
  return [
    {
      problem: `only ${Math.floor(free / 1024 ** 2)} MiB are free where ${folder} lies; the cluster needs ${neededBytes / 1024 ** 2}`,
      fix: 'free some space, or set `embedded.dataFolder` to another disk in the settings',
    },
  ];
}

/** Free bytes of the file system that holds, or will hold, a folder. */
export async function freeBytes(folder: string): Promise<number> {
  let existing = folder;
  while (!existsSync(existing)) existing = dirname(existing);
  const { bavail, bsize } = await statfs(existing);
  return bavail * bsize;
}

/**
 * Others' routes into our ranges, from the output of `ip -json route`.
 *
 * @internal Exported for its test, which passes in facts of other machines.
 */
export function routeObstacles({ layout, addresses }: PreflightContext, routes: string): Obstacle[] {
  const parsed: unknown = routes.trim() === '' ? [] : JSON.parse(routes);
  const entries = Array.isArray(parsed) ? (parsed as { dst?: string; dev?: string }[]) : [];
  return entries.flatMap(({ dst = '', dev }) => {
    const range = /^[\d.]+(\/\d+)?$/.test(dst)
      ? parseRange(dst.includes('/') ? dst : `${dst}/32`)
      : undefined;
    if (range === undefined || dev === layout.bridge || range.prefix === 0) return [];
    return (['podCidr', 'serviceCidr'] as const)
      .filter((key) => overlap(parseRange(addresses[key]), range))
      .map((key) => ({
        problem: `${key} ${addresses[key]} is already routed: ${addressText(range.first)}/${range.prefix} by ${dev ?? 'a route without device'}`,
        fix: `set another \`embedded.${key}\` in the settings`,
      }));
  });
}

interface Listeners {
  readonly tcp: readonly Listener[];
  readonly udp: readonly Listener[];
}

/** Every address that a process of the cluster listens on. */
function portsNeeded({ addresses, apiPort }: Pick<PreflightContext, 'addresses' | 'apiPort'>) {
  const tcp = 'tcp' as const;
  return [
    { protocol: tcp, address: addresses.node, port: apiPort, use: 'the API server', key: 'apiPort' },
    { protocol: tcp, address: addresses.node, port: 10250, use: 'kubelet' },
    { protocol: tcp, address: '127.0.0.1', port: 10249, use: 'kube-proxy' },
    { protocol: tcp, address: '127.0.0.1', port: 10256, use: 'kube-proxy' },
    { protocol: tcp, address: addresses.node, port: 53, use: 'DNS' },
    { protocol: 'udp' as const, address: addresses.node, port: 53, use: 'DNS' },
  ];
}

/** @internal Exported for its test, which passes in facts of other machines. */
export function portObstacles(context: PreflightContext, listeners: Listeners): Obstacle[] {
  return portsNeeded(context).flatMap(({ protocol, address, port, use, key }) =>
    takers(listeners[protocol], address, port)
      .slice(0, 1)
      .map((taker) => ({
        problem: `port ${port}/${protocol} for ${use} is taken on ${taker.address} by ${ownerOf(taker)}`,
        fix:
          key === undefined
            ? `stop that program, or let it listen on its own address instead of ${taker.address}`
            : `set another \`embedded.${key}\` in the settings`,
      })),
  );
}
