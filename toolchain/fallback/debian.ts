import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Task } from '../../core/progress.ts';
import { runChild } from '../child.ts';
import type { Machine } from '../machine.ts';
import type { Program } from '../manifest-entry.ts';
import { buildFailure } from './failure.ts';

/** All missing packages, in one run of apt-get. */
export interface DebianJob {
  readonly id: string;
  readonly packages: readonly string[];
  readonly programs: readonly { readonly name: string; readonly program: Program }[];
}

/** The command for users who must run it themselves. */
export function aptCommand(packages: readonly string[]): string {
  return `sudo apt-get update && sudo apt-get install --yes ${packages.join(' ')}`;
}

/** Installs Debian packages; needs root. Throws COPPICE_BUILD. */
export async function installDebian(
  machine: Machine,
  job: DebianJob,
  task: Task,
  signal: AbortSignal,
): Promise<void> {
  const log = join(machine.logs, `${job.id}.log`);
  await rm(log, { force: true });
  const apt = (...args: string[]) =>
    runChild('apt-get', ['--option', 'DPkg::Lock::Timeout=300', ...args], {
      cwd: '/',
      // The packages are the machine's, not the user's: this one runs as root, also under sudo.
      env: { ...machine.env, DEBIAN_FRONTEND: 'noninteractive' },
      owner: undefined,
      log,
      signal,
    });
  const install = () => {
    task.update(`installing ${job.packages.join(', ')}`);
    return apt('install', '--yes', '--no-install-recommends', ...job.packages);
  };
  if ((await install()).code === 0) return;
  // A new machine has no package lists, and old lists name packages that no longer exist.
  task.update('reading package lists');
  await apt('update');
  if ((await install()).code === 0) return;
  throw await buildFailure(
    job.programs.map(({ name }) => name),
    `apt-get install ${job.packages.join(' ')}`,
    log,
  );
}
