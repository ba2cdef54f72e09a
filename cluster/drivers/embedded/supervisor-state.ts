import { statSync } from 'node:fs';
import { writeAtomicNow } from '../../../core/files.ts';
import { readCacheNow } from '../../../core/state/state-file.ts';
import type { Layout } from './layout.ts';
import { bootId, isRunning, type ProcessId } from './proc.ts';
import type { ProcessSpec } from './processes.ts';

/** What `start` orders the supervisor to keep running. */
export interface SupervisorPlan {
  readonly layout: Layout;
  readonly processes: readonly ProcessSpec[];
}

export interface ProcessState {
  readonly name: string;
  /** Absent while it is not running. */
  readonly id?: ProcessId;
  readonly restarts: number;
  /** How it last ended, for example `signal SIGKILL`. */
  readonly lastEnd?: string;
  /** What it waits for before it starts, for example `/run/coppice/kine/kine.sock`. */
  readonly waitsFor?: string;
}

/** Written by the supervisor for everybody to read: no secrets. */
export interface SupervisorState {
  readonly bootId: string;
  readonly networkNamespace: string;
  readonly supervisor: ProcessId;
  readonly processes: readonly ProcessState[];
}

/**
 * The state written by this boot's supervisor, earlier or present. A damaged one counts as absent: a supervisor that runs
 * writes it again within a second, and what runs without one is found by its cgroup and its arguments.
 */
export function readState(layout: Layout): SupervisorState | undefined {
  const state = readCacheNow<SupervisorState>(layout.state, {
    bootId: 'string',
    supervisor: 'object',
    processes: 'array',
  });
  return state?.bootId === bootId() ? state : undefined;
}

/** Returns what tells this file from one that somebody else writes, cuts short or removes: {@link stateMark}. */
export function writeState(layout: Layout, state: SupervisorState): string | undefined {
  writeAtomicNow(layout.state, `${JSON.stringify(state, null, 2)}\n`, 0o644);
  return stateMark(layout);
}

/** Inode, size and time of the state's file; undefined when there is none. */
export function stateMark(layout: Layout): string | undefined {
  const found = statSync(layout.state, { bigint: true, throwIfNoEntry: false });
  return found && [found.ino, found.size, found.mtimeNs].join(':');
}

/** A damaged one counts as absent: `start` writes it again, from the settings. */
export function readPlan(file: string): SupervisorPlan | undefined {
  return readCacheNow<SupervisorPlan>(file, { layout: 'object', processes: 'array' });
}

export function supervisorOf(state: SupervisorState | undefined): ProcessId | undefined {
  return state !== undefined && isRunning(state.supervisor) ? state.supervisor : undefined;
}

/** Recorded processes that still run. */
export function runningOf(state: SupervisorState | undefined): ProcessId[] {
  return (state?.processes ?? []).flatMap(({ id }) => (id !== undefined && isRunning(id) ? [id] : []));
}
