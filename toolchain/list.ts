import { join } from 'node:path';
import { readCache } from '../core/state/state-file.ts';
import { cached, type Origin, originFile } from './cache.ts';
import { aptCommand } from './fallback/debian.ts';
import { findOnPath, type Misfit } from './find.ts';
import { whyUnavailable } from './jobs.ts';
import type { Machine } from './machine.ts';
import type { Program } from './manifest-entry.ts';
import { Hosts } from './release/hosts.ts';
import { locate } from './release/template.ts';

/** One line of `wt toolchain list`. */
export interface ProgramStatus {
  readonly name: string;
  readonly purpose: string;
  /** `ready`: installed. `missing`: would be installed. `other-system`: not for this machine. */
  readonly state: 'ready' | 'missing' | 'other-system';
  /** The version that is installed, or would be. */
  readonly version: string;
  readonly source: 'cache' | 'path' | 'release' | 'registry' | 'none';
  readonly path?: string;
  /** Where it comes from or would come from, in plain words. */
  readonly detail: string;
  /** Programs of that name on PATH that do not fit, one sentence each. */
  readonly passedOver: readonly string[];
}

/** See `listPrograms` of toolchain.ts. */
export async function statuses(machine: Machine): Promise<ProgramStatus[]> {
  const hosts = new Hosts();
  const entries = Object.entries(machine.manifest.programs);
  return Promise.all(entries.map(([name, program]) => statusOf(machine, name, program, hosts)));
}

async function statusOf(
  machine: Machine,
  name: string,
  program: Program,
  hosts: Hosts,
): Promise<ProgramStatus> {
  const { purpose, version } = program;
  const base = { name, purpose, version, passedOver: [] };
  if (!program.systems.some((system) => machine.platform.startsWith(system))) {
    return { ...base, state: 'other-system', source: 'none', detail: `not used on ${machine.platform}` };
  }
  const there = cached(machine, name, program);
  if (there) {
    const origin = await readCache<Origin>(join(there.folder, originFile), { detail: 'string' });
    const detail = origin?.detail ?? 'in the cache';
    return { ...base, state: 'ready', version: there.version, path: there.path, source: 'cache', detail };
  }
  const { found, passedOver } = await findOnPath(machine, name, program);
  const misfits = passedOver.map(({ path, why }: Misfit) => `${path} ${why}`);
  if (found) {
    return {
      ...base,
      ...found,
      state: 'ready',
      source: 'path',
      detail: 'already on this machine',
      passedOver: misfits,
    };
  }
  return { ...base, state: 'missing', passedOver: misfits, ...(await wouldBe(machine, program, hosts)) };
}

async function wouldBe(
  machine: Machine,
  program: Program,
  hosts: Hosts,
): Promise<Pick<ProgramStatus, 'source' | 'detail'>> {
  const why = await whyUnavailable(machine, program, (url) => hosts.whyNot(url));
  const located = locate(program, machine.platform);
  if (why === undefined && located) {
    return { source: 'release', detail: `would be downloaded from ${new URL(located.url).host}` };
  }
  const how = fallbackInWords(machine, program);
  return how === undefined
    ? { source: 'none', detail: why ?? 'unavailable' }
    : { source: 'registry', detail: `${how} (${why})` };
}

function fallbackInWords(machine: Machine, { fallback }: Program): string | undefined {
  if (!('kind' in fallback)) return undefined;
  switch (fallback.kind) {
    case 'go': {
      const minutes = machine.manifest.goModules[fallback.module]?.minutes ?? 1;
      return `would be built from Go modules, about ${minutes} min together with what shares its module`;
    }
    case 'go-files':
      return `would be taken from the Go module ${fallback.module}`;
    case 'pip':
      return `would be taken from the Python package ${fallback.package}`;
    case 'debian':
      return machine.isRoot
        ? `would be installed as the Debian package ${fallback.package}`
        : `comes with the Debian package ${fallback.package}: ${aptCommand([fallback.package])}`;
  }
}
