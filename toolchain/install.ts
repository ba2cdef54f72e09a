import { join } from 'node:path';
import { CoppiceError, messageOf } from '../core/errors.ts';
import { withLock } from '../core/lock.ts';
import type { Progress, Task } from '../core/progress.ts';
import { makeFolder } from '../core/user.ts';
import { installDebian } from './fallback/debian.ts';
import { installGoBuild, installGoFiles } from './fallback/go.ts';
import { installPip } from './fallback/pip.ts';
import { findOnPath } from './find.ts';
import { type Job, type Named, planJobs, programsOf } from './jobs.ts';
import type { Machine } from './machine.ts';
import { preflight } from './preflight.ts';
import { HostLost } from './release/download.ts';
import { Hosts } from './release/hosts.ts';
import { installRelease } from './release/install.ts';

export interface InstallContext {
  readonly machine: Machine;
  readonly progress: Progress;
  readonly signal: AbortSignal;
  /** Those of the named programs that are still missing. */
  readonly stillMissing: (programs: readonly Named[]) => Promise<readonly Named[]>;
}

/** Simultaneous downloads; Go builds run one after the other, since each uses every core. */
const DOWNLOADS_AT_A_TIME = 3;

/**
 * Installs every missing program. Throws COPPICE_TOOLCHAIN (what the machine lacks, all at once), COPPICE_DOWNLOAD,
 * COPPICE_CHECKSUM, COPPICE_BUILD, or the signal's reason.
 */
export async function install(context: InstallContext, wanted: readonly Named[]): Promise<void> {
  const { machine } = context;
  const hosts = new Hosts();
  await makeFolder(machine.logs, machine.owner, 0o700);
  await makeFolder(join(machine.folder, '.locks'), machine.owner);
  let missing = wanted;
  // If a host is lost half-way there is another round, in which its programs come from a registry; there are few hosts.
  while (missing.length > 0) {
    const plan = await planJobs(machine, missing, (url) => hosts.whyNot(url));
    const problems = [...plan.problems, ...(await preflight(machine, plan.jobs))];
    if (problems.length > 0) throw cannotStartError(problems);
    for (const sentence of await hosts.news()) context.progress.note(sentence);
    const lost = hosts.lost;
    await runJobs(context, plan.jobs, hosts);
    missing = await context.stillMissing(missing);
    if (missing.length > 0 && hosts.lost === lost) throw await doesNotFit(machine, missing);
  }
}

function cannotStartError(problems: readonly string[]): CoppiceError {
  return new CoppiceError(
    'COPPICE_TOOLCHAIN',
    `programs are missing and cannot be installed yet:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`,
    { hint: 'fix these, then try again; `wt toolchain list` shows where every program comes from' },
  );
}

/** A distribution's package may have the right name but a version that is too old for us. */
async function doesNotFit(machine: Machine, programs: readonly Named[]): Promise<CoppiceError> {
  const problems: string[] = [];
  for (const { name, program } of programs) {
    const { passedOver } = await findOnPath(machine, name, program);
    const reasons = passedOver.map(({ path, why }) => `${path} ${why}`);
    problems.push(
      `${name}: was installed, but still no version fits${reasons.map((reason) => `; ${reason}`).join('')}`,
    );
  }
  return cannotStartError(problems);
}

async function runJobs(context: InstallContext, jobs: readonly Job[], hosts: Hosts): Promise<void> {
  const stop = new AbortController();
  const signal = AbortSignal.any([context.signal, stop.signal]);
  let failure: unknown;
  const lane = async (queue: Job[]) => {
    for (let job = queue.shift(); job && !signal.aborted; job = queue.shift()) {
      try {
        await runJob({ ...context, signal }, job, hosts);
      } catch (error) {
        failure ??= error;
        stop.abort(error);
      }
    }
  };
  const builds = jobs.filter(({ kind }) => kind === 'go');
  const others = jobs.filter(({ kind }) => kind !== 'go');
  const downloads = Array.from({ length: DOWNLOADS_AT_A_TIME }, () => lane(others));
  // All lanes end before the error is reported: nothing may still be writing then.
  await Promise.all([lane(builds), ...downloads]);
  context.signal.throwIfAborted();
  if (failure !== undefined) throw failure;
}

async function runJob(context: InstallContext, job: Job, hosts: Hosts): Promise<void> {
  const { machine, progress, signal } = context;
  const names = programsOf(job).map(({ name }) => name);
  const task = progress.start(titleOf(job));
  try {
    await locked(machine, job, task, async () => {
      signal.throwIfAborted();
      const missing = await context.stillMissing(programsOf(job));
      if (missing.length === 0) return task.done('another wt has installed it in the meantime');
      await runInstaller(machine, narrowed(job, missing), task, signal);
      task.done(names.length > 1 ? names.join(', ') : undefined);
    });
  } catch (error) {
    if (error instanceof HostLost) {
      const { host } = new URL(error.url);
      hosts.lose(error.url, error.message);
      task.fail(`${host}: ${error.message}`);
      return;
    }
    task.fail(signal.aborted ? 'interrupted' : messageOf(error));
    throw error;
  }
}

/**
 * Jobs with the same kind and name exclude each other between processes. So do all Go builds, but a waiting one is
 * released when its own job is done.
 */
async function locked(machine: Machine, job: Job, task: Task, work: () => Promise<void>): Promise<void> {
  const lock = (name: string) => join(machine.folder, '.locks', name);
  const waiting = () => task.update('waiting for another wt that is installing');
  const inner = () => (job.kind === 'go' ? withLock(lock('go'), work, waiting) : work());
  await withLock(lock(job.id), inner, waiting);
}

function narrowed(job: Job, missing: readonly Named[]): Job {
  return 'programs' in job ? { ...job, programs: missing } : job;
}

function runInstaller(machine: Machine, job: Job, task: Task, signal: AbortSignal): Promise<void> {
  switch (job.kind) {
    case 'release':
      return installRelease(machine, job, task, signal);
    case 'go':
      return installGoBuild(machine, job, task, signal);
    case 'go-files':
      return installGoFiles(machine, job, task, signal);
    case 'pip':
      return installPip(machine, job, task, signal);
    case 'debian':
      return installDebian(machine, job, task, signal);
  }
}

function titleOf(job: Job): string {
  const [first] = programsOf(job);
  switch (job.kind) {
    case 'go':
      return `building ${job.module} (about ${job.settings.minutes} min at the first time)`;
    case 'debian':
      return `installing Debian packages ${job.packages.join(', ')}`;
    case 'release':
      return `downloading ${programsOf(job)
        .map(({ name }) => name)
        .join(', ')} ${first?.program.version ?? ''}`;
    default:
      return `downloading ${job.name} ${job.program.version}`;
  }
}
