import { rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { isAlive } from '../../core/alive.ts';
import { namesIn, removeIfEmpty } from '../../core/files.ts';
import { type Paths, paths } from '../../core/paths.ts';
import {
  backupsFolder,
  engineLogsFolder,
  historyFolder,
  isLogOf,
  locksFolder,
  type StackName,
  stacksFolder,
} from './backend-files.ts';
import { ownProjectsFolder, projectFolder, projectFolderPath } from './environment-variables.ts';
import { forgetRun, readRun } from './run-record.ts';
import { removeStackFiles, stacksOf } from './stack-state.ts';

/**
 * Removes what is kept about projects that have no stack any more: our own Pulumi.yaml, and the folders that the backend
 * leaves empty. The platform's stays, as does every project with a stack of the user's own.
 */
export async function forgetEmptyProjects(places: Paths = paths()): Promise<void> {
  for (const project of await namesIn(ownProjectsFolder(places)))
    if (project !== 'coppice') await forgetProject(project, places);
}

/** Removes Pulumi's own logs of a stack that is gone. */
export async function forgetEngineLogs(name: StackName, places: Paths = paths()): Promise<void> {
  const folder = engineLogsFolder(places);
  for (const file of await namesIn(folder))
    if (isLogOf(name, file)) await rm(join(folder, file), { force: true });
}

async function forgetProject(project: string, places: Paths): Promise<void> {
  if (await hasStack(project, places)) return;
  await rm(projectFolderPath(project, places), { recursive: true, force: true });
  const ofStack = { project, stack: 'any' };
  const folders = [
    stacksFolder(project, places),
    ...[historyFolder, locksFolder, backupsFolder].map((folder) => dirname(folder(ofStack, places))),
  ];
  await Promise.all(folders.map((folder) => removeIfEmpty(folder)));
  // An `up` of another worktree may have begun since, and its engine starts in that folder.
  if (await hasStack(project, places)) await projectFolder(project, places);
}

async function hasStack(project: string, places: Paths): Promise<boolean> {
  return (await stacksOf(project, places)).length > 0;
}

/** Removes what a killed run left of a stack whose state is gone already. Another `wt` that works on it keeps everything. */
export async function forgetRemoved(name: StackName): Promise<void> {
  const run = await readRun(name);
  if (run !== undefined && (await isAlive(run.pid, ''))) return;
  await removeStackFiles(name);
  await forgetRun(name);
}
