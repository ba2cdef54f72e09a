import { mkdirSync, readdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Layout } from './layout.ts';
import { type ProcessId, processOf, read } from './proc.ts';

export interface Hierarchy {
  readonly mountPoint: string;
  readonly version: 1 | 2;
  readonly controllers: readonly string[];
}

/** The cgroup hierarchies of this machine, from the text of /proc/self/mounts. */
export function hierarchies(mounts: string = read('/proc/self/mounts') ?? ''): Hierarchy[] {
  return mounts
    .split('\n')
    .map((line) => line.split(' '))
    .filter(([, , type]) => type === 'cgroup' || type === 'cgroup2')
    .map(([, mountPoint = '', type, options = '']) => ({
      mountPoint,
      version: type === 'cgroup2' ? 2 : 1,
      controllers: options
        .split(',')
        .filter((option) => !/^(rw|ro|relatime|nosuid|nodev|noexec)$/.test(option)),
    }));
}

/** Creates our branch of every hierarchy: `system` for the cluster's processes; kubelet adds those of the pods. */
export function makeCgroups(layout: Layout): void {
  for (const { mountPoint, version } of hierarchies()) {
    const top = join(mountPoint, layout.cgroup);
    mkdirSync(join(top, 'system'), { recursive: true });
    if (version === 2) {
      allowControllers(mountPoint);
      allowControllers(top);
    }
  }
}

/** Version 2 hands controllers down one level at a time; the hybrid layout has none to hand down. */
function allowControllers(folder: string): void {
  for (const controller of (read(join(folder, 'cgroup.controllers')) ?? '').split(/\s+/).filter(Boolean)) {
    try {
      writeFileSync(join(folder, 'cgroup.subtree_control'), `+${controller}`);
    } catch {
      // kubelet reports a missing controller itself.
    }
  }
}

/**
 * Moves this process, and so everything that it starts, into our branch: then they are known as ours whatever happens.
 */
export function enterCgroup(layout: Layout): void {
  const hierarchy = marker(hierarchies());
  if (hierarchy === undefined) return;
  writeFileSync(join(hierarchy.mountPoint, layout.cgroup, 'system', 'cgroup.procs'), String(process.pid));
}

/** Moves this process out again, so that our branch can be removed. */
export function leaveCgroup(): void {
  const hierarchy = marker(hierarchies());
  if (hierarchy !== undefined) writeFileSync(join(hierarchy.mountPoint, 'cgroup.procs'), String(process.pid));
}

/**
 * The hierarchy by which we recognize our processes: `pids` has no settings that a new branch would lack.
 *
 * @internal A test ties it to its other copies.
 */
export function marker(all: readonly Hierarchy[]): Hierarchy | undefined {
  return (
    all.find(({ version, controllers }) => version === 1 && controllers.includes('pids')) ??
    all.find(({ version }) => version === 2) ??
    all[0]
  );
}

/** Every process in our branch; `pods` leaves out the cluster's own. */
export function cgroupProcesses(layout: Layout, which: 'all' | 'pods'): ProcessId[] {
  const hierarchy = marker(hierarchies());
  if (hierarchy === undefined) return [];
  const top = join(hierarchy.mountPoint, layout.cgroup);
  return foldersBelow(top)
    .filter((folder) => which === 'all' || folder !== join(top, 'system'))
    .flatMap((folder) => (read(join(folder, 'cgroup.procs')) ?? '').split('\n').filter(Boolean))
    .flatMap((pid) => processOf(Number(pid)) ?? []);
}

export function removeCgroups(layout: Layout): void {
  for (const { mountPoint } of hierarchies()) {
    for (const folder of foldersBelow(join(mountPoint, layout.cgroup))) {
      try {
        rmdirSync(folder);
      } catch {
        // Still in use: `leftovers` names it.
      }
    }
  }
}

export function remainingCgroups(layout: Layout): string[] {
  return hierarchies().flatMap(({ mountPoint }) => foldersBelow(join(mountPoint, layout.cgroup)));
}

/** The folder and all below it, deepest first; none when it is absent. */
function foldersBelow(folder: string): string[] {
  let entries: string[];
  try {
    entries = readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => join(folder, entry.name));
  } catch {
    return [];
  }
  return [...entries.flatMap(foldersBelow), folder];
}
