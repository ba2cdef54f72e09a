import { setMaxListeners } from 'node:events';
import { join } from 'node:path';
import { CoppiceError } from '../core/errors.ts';
import type { Progress } from '../core/progress.ts';
import { readCache } from '../core/state/state-file.ts';
import { cached, type Origin, originFile } from './cache.ts';
import { findOnPath } from './find.ts';
import { install } from './install.ts';
import type { Named } from './jobs.ts';
import type { Machine } from './machine.ts';
import { type Found, remember } from './memory.ts';
import type { ResolvedProgram } from './resolved.ts';

type Resolved = Record<string, ResolvedProgram>;

/** Finds or installs what is missing. Loaded only then: it needs the downloader and the other installers. */
export async function complete(
  machine: Machine,
  missing: readonly Named[],
  progress: Progress,
  callers: AbortSignal | undefined,
): Promise<Resolved> {
  const resolved: Resolved = {};
  const lookAgain = async (programs: readonly Named[]) => {
    Object.assign(resolved, await findAndRemember(machine, programs), await readCached(machine, programs));
    return programs.filter(({ name }) => !resolved[name]);
  };
  const left = await lookAgain(missing);
  if (left.length === 0) return resolved;
  const { signal, release } = callers ? { signal: callers, release: () => {} } : untilInterrupted();
  try {
    await install({ machine, progress, signal, stillMissing: lookAgain }, left);
  } finally {
    release();
  }
  return resolved;
}

async function findAndRemember(machine: Machine, programs: readonly Named[]): Promise<Resolved> {
  const finds: Record<string, { found: Found; program: Named['program'] }> = {};
  await Promise.all(
    programs.map(async ({ name, program }) => {
      const { found } = await findOnPath(machine, name, program);
      if (found) finds[name] = { found, program };
    }),
  );
  if (Object.keys(finds).length > 0) await remember(machine, finds);
  return Object.fromEntries(
    Object.entries(finds).map(([name, { found }]) => [
      name,
      { name, ...found, source: 'path', detail: `already on this machine, ${found.path}` },
    ]),
  );
}

/** What an installation has put into the cache, with its recorded origin. */
async function readCached(machine: Machine, programs: readonly Named[]): Promise<Resolved> {
  const resolved: Resolved = {};
  for (const { name, program } of programs) {
    const there = cached(machine, name, program);
    if (!there) continue;
    const origin = await readCache<Origin>(join(there.folder, originFile), { detail: 'string' });
    resolved[name] = {
      name,
      path: there.path,
      version: there.version,
      source: origin?.source ?? 'cache',
      detail: origin?.detail ?? 'in the cache',
    };
  }
  return resolved;
}

/** Our own signal for callers without one: a child in its own process group does not receive the terminal's Ctrl+C. */
function untilInterrupted(): { signal: AbortSignal; release: () => void } {
  const controller = new AbortController();
  setMaxListeners(0, controller.signal);
  const interrupt = () =>
    controller.abort(
      new CoppiceError('COPPICE_INTERRUPTED', 'interrupted while the toolchain was being installed'),
    );
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(name, interrupt);
  return {
    signal: controller.signal,
    release: () => {
      for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.off(name, interrupt);
    },
  };
}
