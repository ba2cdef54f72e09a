import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { namesIn, readIfPresent, writeAtomic } from '../../core/files.ts';
import { type Paths, paths } from '../../core/paths.ts';
import type { Contract } from '../../resources/contract.ts';
import {
  backupsFolder,
  isBesideState,
  keptPaths,
  locksFolder,
  metaFile,
  projectsFolder,
  type StackName,
  stackOfDamaged,
  stackOfFile,
  stacksFolder,
  stateFile,
} from './backend-files.ts';
import { findCheckpoint, type StackResource } from './checkpoint.ts';

export type { StackName, StackResource };

export interface StackState {
  readonly resources: readonly StackResource[];
  /** Kinds of operations that a killed run left half-done: `creating`, `updating`, `deleting`. */
  readonly pending: readonly string[];
}

/**
 * A stack's state, or undefined when there is no such stack. Reading the file is free; the engine would cost a process.
 * From a damaged state it reads the newest whole copy and changes nothing: an engine may be writing. Throws
 * COPPICE_DAMAGED when there is no whole copy.
 */
export async function readStack(name: StackName, places: Paths = paths()): Promise<StackState | undefined> {
  const found = await findCheckpoint(name, places);
  if (found === undefined) return undefined;
  const { latest } = found.checkpoint.checkpoint;
  return {
    resources: latest?.resources ?? [],
    pending: (latest?.pending_operations ?? []).map(({ type }) => type),
  };
}

/** The outputs of our provider's resource in the state, as its contract has them; undefined when the stack has none. */
export function resourceOf<
  Name extends string,
  Inputs extends object,
  Outputs extends Inputs,
  Later extends keyof Inputs,
>(
  state: Pick<StackState, 'resources'> | undefined,
  { token }: Contract<Name, Inputs, Outputs, Later>,
): Outputs | undefined {
  // Returned by that contract's handler, or by an older version with the same properties.
  return state?.resources.find(({ type }) => type === token)?.outputs as Outputs | undefined;
}

/**
 * Writes a stack without resources, as the backend itself does first in `stack init`; false when there is no backend
 * yet, which only the engine can create (its format is in `meta.yaml`).
 */
export async function beginStack(name: StackName, places: Paths = paths()): Promise<boolean> {
  if ((await readIfPresent(metaFile(places))) === undefined) return false;
  const checkpoint = { stack: `organization/${name.project}/${name.stack}` };
  await writeAtomic(stateFile(name, places), JSON.stringify({ version: 3, checkpoint }));
  return true;
}

/** Names of all stacks of a project. */
export async function stacksOf(project: string, places: Paths = paths()): Promise<string[]> {
  const files = await namesIn(stacksFolder(project, places));
  return [...new Set(files.flatMap((file) => stackOfFile(file) ?? []))];
}

/** Every stack of the backend. */
export async function allStacks(places: Paths = paths()): Promise<StackName[]> {
  const projects = await namesIn(projectsFolder(places));
  const found = await Promise.all(
    projects.map(async (project) => (await stacksOf(project, places)).map((stack) => ({ project, stack }))),
  );
  return found.flat();
}

/** Removes a stack without the engine, whatever it contains: for a cluster that no longer exists. */
export async function removeStackFiles(name: StackName, places: Paths = paths()): Promise<void> {
  const files = [
    ...(await filesOfStack(name, places)),
    locksFolder(name, places),
    backupsFolder(name, places),
  ];
  await Promise.all(files.map((file) => rm(file, { recursive: true, force: true })));
}

/** What is kept for a stack, existing or not: its history, its state, and the damaged states beside it. */
export async function filesOfStack(name: StackName, places: Paths = paths()): Promise<string[]> {
  const folder = stacksFolder(name.project, places);
  const beside = (await namesIn(folder)).filter((file) => isBesideState(file, name.stack));
  return [...beside.map((file) => join(folder, file)), ...keptPaths(name, places)];
}

/** A damaged state that was kept when a whole copy took its place. */
interface KeptDamaged extends StackName {
  /** Absolute path. */
  readonly file: string;
}

/** Every damaged state that is kept. Its stack may be gone. */
export async function keptDamaged(places: Paths = paths()): Promise<KeptDamaged[]> {
  const projects = await namesIn(projectsFolder(places));
  const found = projects.map(async (project) => {
    const folder = stacksFolder(project, places);
    return (await namesIn(folder)).flatMap((name) => {
      const stack = stackOfDamaged(name);
      return stack === undefined ? [] : [{ project, stack, file: join(folder, name) }];
    });
  });
  return (await Promise.all(found)).flat();
}

/** All projects that have a stack with that name, for a `wt down` without a spec. */
export async function projectsWithStack(stack: string, places: Paths = paths()): Promise<string[]> {
  const projects = await namesIn(projectsFolder(places));
  const found = await Promise.all(
    projects.map(async (project) => ((await stacksOf(project, places)).includes(stack) ? [project] : [])),
  );
  return found.flat();
}

/** The salt that the engine wrote beside our own Pulumi.yaml is removed with the stack. */
export async function forgetStackSettings(folder: string, stack: string): Promise<void> {
  await rm(join(folder, `Pulumi.${stack}.yaml`), { force: true });
}
