import { rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { isAlive } from '../../core/alive.ts';
import { isThere, namesIn, readIfPresent } from '../../core/files.ts';
import { type Paths, paths } from '../../core/paths.ts';
import { parseWhole } from '../../core/state/state-file.ts';
import { attributesFile, locksFolder, type StackName } from './backend-files.ts';
import { readRun, runLock } from './run-record.ts';

/** The content of a lock of Pulumi's file backend. */
export interface StackLock {
  readonly file: string;
  readonly pid: number;
  readonly username: string;
  readonly hostname: string;
  readonly timestamp: Date;
}

export type LockState = 'stale' | 'live' | 'foreign';

/** A stack's locks, including abandoned ones. */
export async function stackLocks(name: StackName, places: Paths = paths()): Promise<StackLock[]> {
  const folder = locksFolder(name, places);
  const files = await namesIn(folder);
  const locks = await Promise.all(
    files.filter((file) => file.endsWith('.json')).map((file) => readLock(join(folder, file))),
  );
  return locks.filter((lock) => lock !== undefined);
}

async function readLock(file: string): Promise<StackLock | undefined> {
  const text = await readIfPresent(file).catch(() => '');
  return text === undefined ? undefined : parseLock(file, text);
}

/**
 * A damaged lock has no owner: pid 0, which is never alive. It is written in one go before the engine begins, so that only
 * the crash of its writer or a full disk, at which an engine ends, leaves half of one.
 *
 * @internal Exported for its test, which passes recorded values.
 */
export function parseLock(file: string, text: string): StackLock {
  const { value = {} } = parseWhole(text, { pid: 'number', username: 'string', hostname: 'string' });
  const content: Partial<{ pid: number; username: string; hostname: string; timestamp: string }> = value;
  const timestamp = new Date(content.timestamp ?? Number.NaN);
  return {
    file,
    pid: content.pid ?? 0,
    username: content.username ?? 'unknown',
    hostname: content.hostname ?? hostname(),
    timestamp: Number.isNaN(timestamp.getTime()) ? new Date(0) : timestamp,
  };
}

/** Why a stack cannot be judged from outside: another `wt` changes it, or one was killed; undefined when it is at rest. */
export async function unrest(name: StackName, places: Paths = paths()): Promise<string | undefined> {
  const [run, held, locks] = await Promise.all([
    readRun(name, places),
    isThere(`${runLock(name, places)}.lock`),
    stackLocks(name, places),
  ]);
  if (run !== undefined && (await isAlive(run.pid, ''))) return `\`wt ${run.verb}\` is working on it`;
  if (run !== undefined || locks.length > 0) return 'a run that worked on it ended without cleaning up';
  return held ? 'another wt is working on it' : undefined;
}

/** `stale`: its process on this machine has ended; `live`: it runs; `foreign`: another machine holds it. */
export async function lockState(
  lock: StackLock,
  host: string = hostname(),
  alive: (pid: number) => boolean | Promise<boolean> = (pid) => isAlive(pid, 'pulumi'),
): Promise<LockState> {
  if (lock.hostname !== host) return 'foreign';
  return lock.pid > 0 && (await alive(lock.pid)) ? 'live' : 'stale';
}

export async function removeLock(lock: StackLock): Promise<void> {
  await rm(lock.file, { recursive: true, force: true });
  await rm(attributesFile(lock.file), { recursive: true, force: true });
}
