import {
  type DatabaseFilesOptions,
  readDatabaseFiles,
  type WatchedFiles,
  watchedFiles,
} from '../config/files/database.ts';
import { readInstallFiles, watchedInstallFiles } from '../config/files/install.ts';
import { watchedSetupFiles } from '../config/files/setup.ts';
import { type EnvironmentPlan, type PlanContext, planEnvironment } from '../config/plan/plan.ts';
import { findSpec, type LoadedSpec, loadSpec } from '../config/spec/load.ts';
import { defined } from '../core/defined.ts';
import { folderMark } from '../core/files.ts';
import type { Identity } from '../core/identity.ts';
import type { Platforms } from '../core/node-platform.ts';
import type { ClusterRecord } from '../core/state/cluster-record.ts';
import { digests } from '../core/state/digests.ts';
import { dumpFile } from '../core/state/dumps.ts';
import { identify } from '../git/identity.ts';
import { placeOf, platformsOf } from './place.ts';

/**
 * From a folder to the plan of its environment, once for `wt up`, for `wt db` and for `pulumi` by hand: folder →
 * {@link WorktreeSubject} → {@link LoadedWorktree} → files → plan.
 */

/** Which worktree, and with which options. */
export interface WorktreeSubject {
  readonly identity: Identity;
  /** Absolute path of its coppice.yaml. */
  readonly specFile: string;
  /** `local` when absent. */
  readonly profile?: string;
  /** Name of the environment if the branch's own is taken: `--as NAME`. */
  readonly as?: string;
}

/** A worktree whose coppice.yaml was read and is valid. */
export interface LoadedWorktree extends LoadedSpec {
  readonly identity: Identity;
  readonly as?: string;
}

/** A command of coppice.yaml that prints a dump, and the absolute path of the file for its output. */
export interface DumpRequest {
  readonly worktree: LoadedWorktree;
  readonly command: string | readonly string[];
  readonly file: string;
}

/** Ensures that the file exists, or throws: it decides whether the command may run on this machine. */
export type ProvideDump = (request: DumpRequest) => Promise<void>;

/** Throws COPPICE_NO_SPEC, and what git throws. */
export async function worktreeIn(
  folder: string,
  meant: Pick<WorktreeSubject, 'profile' | 'as'>,
): Promise<WorktreeSubject> {
  const [identity, specFile] = await Promise.all([identify(folder), findSpec(folder)]);
  return { identity, specFile, ...meant };
}

/** Throws SpecError with every problem of the spec, COPPICE_PROFILE, COPPICE_NO_SPEC. */
export async function loadWorktree(subject: WorktreeSubject): Promise<LoadedWorktree> {
  const { identity, specFile, profile, as } = subject;
  const loaded = await loadSpec(specFile, profile === undefined ? {} : { profile });
  return { ...loaded, identity, ...defined({ as }) };
}

/**
 * The plan for the worktree's current files and the cluster of a record. Throws what `provideDump` throws, SpecError
 * for files that are missing, and what {@link planEnvironment} throws.
 */
export async function planWorktree(
  worktree: LoadedWorktree,
  record: ClusterRecord,
  provideDump: ProvideDump,
): Promise<EnvironmentPlan> {
  const { identity, folder, profile, as, spec } = worktree;
  return planEnvironment(spec, {
    ...placeOf(record),
    identity,
    profile,
    specFolder: folder,
    ...defined({ as, folderMark: await folderMark(folder) }),
    ...(await readFiles(worktree, platformsOf(record), provideDump)),
  });
}

/**
 * Contents of the input files of its database and its installation.
 *
 * @internal Its test compares what it writes.
 */
export async function readFiles(
  worktree: LoadedWorktree,
  platforms: Platforms,
  provideDump: ProvideDump,
): Promise<Pick<PlanContext, 'databaseFiles' | 'installFiles'>> {
  const dump = worktree.spec.database?.from?.dump;
  if (typeof dump === 'object') {
    const { command } = dump;
    await provideDump({ worktree, command, file: dumpFileOf(worktree, command) });
  }
  const databaseFiles = await readDatabaseFiles(worktree, databaseOptions(worktree));
  const installFiles = await readInstallFiles(worktree, platforms, digests);
  return { ...defined({ databaseFiles, installFiles }) };
}

/** The same files, to watch for changes only. */
export function filesToWatch(worktree: LoadedWorktree, platforms: Platforms): WatchedFiles {
  const database = watchedFiles(worktree.spec.database, databaseOptions(worktree));
  const install = watchedInstallFiles(worktree, platforms);
  const setup = watchedSetupFiles(worktree, worktree.identity.worktree);
  return {
    patterns: [...new Set([...database.patterns, ...install.patterns])],
    files: [...new Set([...database.files, ...install.files, ...setup.files])],
  };
}

function databaseOptions(worktree: LoadedWorktree): DatabaseFilesOptions {
  return { digests, dumpOf: (command) => dumpFileOf(worktree, command) };
}

function dumpFileOf({ spec, identity }: LoadedWorktree, command: string | readonly string[]): string {
  return dumpFile(spec.name, identity.repository, command);
}
