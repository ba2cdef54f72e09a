import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { writeJson } from '../../core/files.ts';
import { type Paths, paths } from '../../core/paths.ts';
import { readCache } from '../../core/state/state-file.ts';
import type { StackName } from './backend-files.ts';

/** The `wt` that is working on a stack, and the engine that it started. */
export interface RunRecord {
  readonly pid: number;
  /** The engine's process, once it runs. */
  readonly engine?: number;
  readonly verb: string;
  /** ISO time. */
  readonly since: string;
}

function file({ project, stack }: StackName, places: Paths): string {
  return join(places.environments, project, `${stack}.run.json`);
}

/** The lock that one `wt` at a time holds on a stack. */
export function runLock({ project, stack }: StackName, places: Paths = paths()): string {
  return join(places.environments, project, `${stack}.run`);
}

export function readRun(name: StackName, places: Paths = paths()): Promise<RunRecord | undefined> {
  // Locks decide who works on a stack; this only tells sooner that their holder has ended.
  return readCache<RunRecord>(file(name, places), { pid: 'number', verb: 'string' });
}

export function writeRun(name: StackName, record: RunRecord, places: Paths = paths()): Promise<void> {
  return writeJson(file(name, places), record);
}

export function forgetRun(name: StackName, places: Paths = paths()): Promise<void> {
  return rm(file(name, places), { force: true });
}
