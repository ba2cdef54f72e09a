import { copyFile, mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { Task } from '../../core/progress.ts';
import { makeFolder } from '../../core/user.ts';
import { place, removeTree, workFolder } from '../cache.ts';
import { runChild } from '../child.ts';
import type { Machine } from '../machine.ts';
import { type Fallback, fallbackVersion, type GoModule, type Program } from '../manifest-entry.ts';
import { buildFailure } from './failure.ts';

type Named = { readonly name: string; readonly program: Program };

/** One folder of `toolchain/modules/`, and the programs wanted from it. */
export interface GoBuildJob {
  readonly id: string;
  readonly module: string;
  readonly settings: GoModule;
  readonly programs: readonly Named[];
}

/**
 * Builds every wanted program of a module in one run of `go build`, so that shared packages are compiled once. Throws
 * COPPICE_BUILD.
 */
export async function installGoBuild(
  machine: Machine,
  job: GoBuildJob,
  task: Task,
  signal: AbortSignal,
): Promise<void> {
  const work = await workFolder(machine, job.id);
  const log = join(machine.logs, `${job.id}.log`);
  const names = job.programs.map(({ name }) => name);
  try {
    const output = join(work, 'out');
    const temporary = join(work, 'tmp');
    for (const folder of [output, temporary]) await makeFolder(folder, machine.owner);
    await rm(log, { force: true });
    const { code } = await runChild('go', goBuildArguments(job, output), {
      cwd: join(machine.modules, job.module),
      env: {
        ...machine.env,
        CGO_ENABLED: job.settings.cgo ? '1' : '0',
        // A user's own GOFLAGS (such as -mod or -tags) would build something other than what is pinned.
        GOFLAGS: '',
        GOWORK: 'off',
        GOTMPDIR: temporary,
      },
      owner: machine.owner,
      log,
      signal,
      onLine: goProgress(task),
    });
    if (code !== 0) throw await buildFailure(names, `go build of toolchain/modules/${job.module}`, log);
    for (const { name, program } of job.programs) {
      const folder = join(work, `${name}.ready`);
      await mkdir(folder);
      await rename(join(output, builtName(job.module, program.fallback)), join(folder, name));
      const detail = `built from the Go module in toolchain/modules/${job.module}`;
      await place(machine, name, program, fallbackVersion(program), folder, { source: 'registry', detail });
    }
  } finally {
    await removeTree(work);
  }
}

function goBuildArguments(job: GoBuildJob, output: string): string[] {
  const packages = job.programs.map(({ program: { fallback } }) => packageOf(fallback));
  return [
    ...['build', '-v', '-mod=readonly', '-trimpath', '-buildvcs=false'],
    ...['-ldflags', `-s -w ${job.settings.ldflags}`, '-tags', job.settings.tags],
    ...['-o', `${output}/`, ...packages],
  ];
}

function packageOf(fallback: Program['fallback']): string {
  if (!('kind' in fallback) || fallback.kind !== 'go') throw new Error('not a Go package');
  return fallback.package;
}

/**
 * `go build -o folder/` names a program after the last part of its package that is not a major version, and `.` after
 * the module.
 *
 * @internal Exported for its test, which passes in what programs print.
 */
export function builtName(module: string, fallback: Program['fallback']): string {
  const path = packageOf(fallback);
  return path === '.'
    ? module
    : (path
        .replace(/\/v\d+$/, '')
        .split('/')
        .at(-1) ?? path);
}

/** Counts the lines of `go build -v`: modules that it fetches, and packages that it compiles. */
function goProgress(task: Task): (line: string) => void {
  let modules = 0;
  let packages = 0;
  return (line) => {
    if (line.startsWith('go: downloading ')) {
      modules += 1;
      task.update(`downloading modules, ${modules}`);
    } else if (/^[\w.~-]+(\/[\w.~-]+)*$/.test(line)) {
      packages += 1;
      task.update(`compiling, ${packages} packages so far`);
    }
  };
}

/** Files of a Go module, fetched through the module registry and verified by its checksum database. */
export interface GoFilesJob {
  readonly id: string;
  readonly name: string;
  readonly program: Program;
  readonly fallback: Extract<Fallback, { kind: 'go-files' }>;
}

const downloaded = z.object({ Dir: z.string() });

/** Throws COPPICE_BUILD. */
export async function installGoFiles(
  machine: Machine,
  job: GoFilesJob,
  task: Task,
  signal: AbortSignal,
): Promise<void> {
  const { name, program, fallback } = job;
  const work = await workFolder(machine, job.id);
  const log = join(machine.logs, `${job.id}.log`);
  try {
    await rm(log, { force: true });
    task.update(`downloading the Go module ${fallback.module}`);
    const { code, stdout } = await runChild(
      'go',
      ['mod', 'download', '-json', `${fallback.module}@v${program.version}`],
      { cwd: work, env: { ...machine.env, GOFLAGS: '', GOWORK: 'off' }, owner: machine.owner, log, signal },
    );
    if (code !== 0) throw await buildFailure([name], `go mod download of ${fallback.module}`, log);
    const source = join(downloaded.parse(JSON.parse(stdout)).Dir, fallback.folder);
    const folder = join(work, `${name}.ready`);
    await mkdir(folder);
    for (const file of await readdir(source)) await copyFile(join(source, file), join(folder, file));
    const detail = `files of the Go module ${fallback.module}`;
    await place(machine, name, program, program.version, folder, { source: 'registry', detail });
  } finally {
    await removeTree(work);
  }
}
