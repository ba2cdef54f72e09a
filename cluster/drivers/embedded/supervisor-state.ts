import { readFileSync } from 'node:fs';
import { writeAtomicNow } from '../../../core/files.ts';
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

/** The state written by this boot's supervisor, earlier or present. */
export function readState(layout: Layout): SupervisorState | undefined {
  try {
    const state = JSON.parse(readFileSync(layout.state, 'utf8')) as SupervisorState;
    return state.bootId === bootId() ? state : undefined;
  } catch {
    return undefined;
  }
}

export function writeState(layout: Layout, state: SupervisorState): void {
  writeAtomicNow(layout.state, `${JSON.stringify(state, null, 2)}\n`, 0o644);
}

export function readPlan(file: string): SupervisorPlan | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as SupervisorPlan;
  } catch {
    return undefined;
  }
}

export function supervisorOf(state: SupervisorState | undefined): ProcessId | undefined {
  return state !== undefined && isRunning(state.supervisor) ? state.supervisor : undefined;
}

/** Recorded processes that still run. */
export function runningOf(state: SupervisorState | undefined): ProcessId[] {
  return (state?.processes ?? []).flatMap(({ id }) => (id !== undefined && isRunning(id) ? [id] : []));
}
