import { statSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { writeJson } from '../core/files.ts';
import { readCacheNow } from '../core/state/state-file.ts';
import { give, makeFolder } from '../core/user.ts';
import type { Machine } from './machine.ts';
import type { Program } from './manifest-entry.ts';

export interface Found {
  readonly path: string;
  readonly version: string;
}

/** What an earlier run found. It is valid while neither the file nor our requirements have changed. */
interface Remembered extends Found {
  readonly wanted: string;
  readonly mtimeMs: number;
  readonly size: number;
}
export type Memory = Readonly<Record<string, Remembered>>;

const memoryFile = (machine: Machine): string => join(machine.folder, 'found.json');

/** Synchronous, because the fast path of a cached toolchain is two dozen calls of stat and this one small file. */
export function readMemory(machine: Machine): Memory {
  // What is not remembered is looked for on PATH again.
  return readCacheNow<Memory>(memoryFile(machine), {}) ?? {};
}

/**
 * What an earlier run found on PATH, if it is still the same file: querying every program for its version takes half a
 * second.
 */
export function recall(memory: Memory, name: string, program: Program): Found | undefined {
  const known = memory[name];
  if (typeof known?.path !== 'string' || known.wanted !== JSON.stringify(program.onPath)) return undefined;
  const now = statSync(known.path, { throwIfNoEntry: false });
  if (!now || now.mtimeMs !== known.mtimeMs || now.size !== known.size) return undefined;
  return { path: known.path, version: known.version };
}

/**
 * Adds finds to the memory. Two processes may write at once: the file is complete either way, and a lost line is found
 * again.
 */
export async function remember(
  machine: Machine,
  finds: Readonly<Record<string, { found: Found; program: Program }>>,
): Promise<void> {
  const memory: Record<string, Remembered> = { ...readMemory(machine) };
  for (const [name, { found, program }] of Object.entries(finds)) {
    const { mtimeMs, size } = await stat(found.path);
    memory[name] = { ...found, wanted: JSON.stringify(program.onPath), mtimeMs, size };
  }
  await makeFolder(machine.folder, machine.owner);
  await writeJson(memoryFile(machine), memory);
  await give(memoryFile(machine), machine.owner);
}
