import { type Progress, silent } from '../core/progress.ts';
import { cached } from './cache.ts';
import type { Named } from './jobs.ts';
import type { ProgramStatus } from './list.ts';
import { type Machine, thisMachine } from './machine.ts';
import { manifest, type ProgramName } from './manifest.ts';
import type { Program, System } from './manifest-entry.ts';
import { readMemory, recall } from './memory.ts';
import type { ResolvedProgram } from './resolved.ts';

export type { ProgramStatus } from './list.ts';
export {
  type ProgramName,
  /** @public `wt toolchain install` imports this file lazily, and knip does not see what it takes from it. */
  programNames,
} from './manifest.ts';
export type { ResolvedProgram } from './resolved.ts';

export interface EnsureOptions {
  readonly progress?: Progress;
  /** Aborts downloads and builds; without one, Ctrl+C and SIGTERM do. */
  readonly signal?: AbortSignal;
  /** A machine other than this one: for tests. */
  readonly machine?: Machine;
}

/**
 * Provides every named program: from the cache, else a fitting one on PATH, else its release, else a package registry.
 * Takes milliseconds when nothing is missing, minutes when something must be built. `containerd`, `iptables` and
 * `cni-plugins` have their companions (`ctr`, `iptables-save`, ...) in the same folder. Throws COPPICE_TOOLCHAIN,
 * COPPICE_DOWNLOAD, COPPICE_CHECKSUM, COPPICE_BUILD, COPPICE_INTERRUPTED.
 */
export async function ensurePrograms<Name extends ProgramName>(
  names: readonly Name[],
  options: EnsureOptions = {},
): Promise<Record<Name, ResolvedProgram>> {
  return (await ensure(names, options)) as Record<Name, ResolvedProgram>;
}

/**
 * The path of a program that was there at the last {@link ensurePrograms}: one or two calls of stat, starts no process.
 */
export function program(name: ProgramName, machine: Machine = thisMachine()): string | undefined {
  return present(machine, { name, program: entry(machine, name) })?.path;
}

/** The state of every program; installs nothing, probes each release host once (4 s at most). */
export async function listPrograms(machine: Machine = thisMachine()): Promise<ProgramStatus[]> {
  return (await import('./list.ts')).statuses(machine);
}

/** Whether a program runs on that system; false for one that is not in the manifest. */
export function runsOn(system: System, name: string): boolean {
  return manifest.programs[name as ProgramName]?.systems.includes(system) === true;
}

/**
 * As {@link ensurePrograms}, for any manifest.
 *
 * @internal Tests on a real machine use this part alone.
 */
export async function ensure(
  names: readonly string[],
  { progress = silent, signal, machine = thisMachine() }: EnsureOptions,
): Promise<Record<string, ResolvedProgram>> {
  const resolved: Record<string, ResolvedProgram> = {};
  const wanted = names.map((name) => ({ name, program: entry(machine, name) }));
  const missing = wanted.filter((named) => {
    const there = present(machine, named);
    if (there) resolved[named.name] = there;
    return !there;
  });
  if (missing.length === 0) return resolved;
  const { complete } = await import('./complete.ts');
  Object.assign(resolved, await complete(machine, missing, progress, signal));
  return Object.fromEntries(wanted.flatMap(({ name }) => (resolved[name] ? [[name, resolved[name]]] : [])));
}

/** What an earlier run put into the cache or found on PATH. */
function present(machine: Machine, { name, program: wanted }: Named): ResolvedProgram | undefined {
  const inCache = cached(machine, name, wanted);
  if (inCache) {
    return { name, path: inCache.path, version: inCache.version, source: 'cache', detail: 'in the cache' };
  }
  const found = recall(readMemory(machine), name, wanted);
  return found && { name, ...found, source: 'path', detail: `already on this machine, ${found.path}` };
}

function entry(machine: Machine, name: string): Program {
  const found = machine.manifest.programs[name];
  if (!found) throw new Error(`${name} is not in the toolchain's manifest`);
  return found;
}

/** The programs that the engine runs. */
export const enginePrograms = ['pulumi', 'pulumi-language-nodejs', 'pulumi-resource-kubernetes'] as const;
