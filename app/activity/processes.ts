import { sep } from 'node:path';
import { agentOf } from './agents.ts';
import { isLooking } from './looking.ts';
import type { ProcessTable, SystemProcess } from './process-table.ts';

/** A process whose working directory is in a folder. */
export interface FolderProcess {
  readonly pid: number;
  /** Program and arguments, with spaces between them. */
  readonly command: string;
  /** Milliseconds since 1970; absent where the system does not tell. */
  readonly startedAt?: number;
  /** Absolute path of its working directory. */
  readonly folder: string;
  /** The coding agent that it is: `claude`. Absent for every other process. */
  readonly agent?: string;
  /** This `wt` runs below it: it is the agent that called it. */
  readonly callsUs?: true;
}

/**
 * The processes whose working directory is in one of the folders (absolute real paths), by folder; of folders inside each
 * other the innermost counts. One walk over all processes, however many folders. Left out are `wt` itself, what it
 * started, what is in one pipeline with it (`wt list | less`), the shells and programs around it (an agent among these
 * stays, with `callsUs`), what only looks (`git status`, another `wt list`) with what that started, and what runs in pods. Never throws: what cannot be seen is not listed.
 */
export async function processesIn(folders: readonly string[]): Promise<Map<string, FolderProcess[]>> {
  if (folders.length === 0) return new Map();
  const table = await readTable().catch(() => undefined);
  return table === undefined ? new Map() : sortIntoFolders(folders, table);
}

async function readTable(): Promise<ProcessTable | undefined> {
  if (process.platform === 'linux') return (await import('./linux-processes.ts')).linuxProcesses();
  if (process.platform === 'darwin') return (await import('./mac-processes.ts')).macProcesses();
  return undefined;
}

/** @internal Exported for its test, which passes a table in. */
export async function sortIntoFolders(
  folders: readonly string[],
  { folders: workingFolders, look, own, pipeline }: ProcessTable,
): Promise<Map<string, FolderProcess[]>> {
  const inner = [...folders].sort((one, other) => other.length - one.length);
  const found = new Map<string, FolderProcess[]>();
  await Promise.all(
    [...workingFolders].map(async ([pid, folder]) => {
      const home = inner.find(
        (one) => folder === one || folder.startsWith(one.endsWith(sep) ? one : one + sep),
      );
      if (home === undefined || pid === own[0]) return;
      const seen = await look(pid);
      if (seen === undefined || seen.parent === own[0]) return;
      const agent = agentOf(seen.argv);
      const around = own.includes(pid);
      if (agent === undefined && (around || pipeline.has(pid) || (await looks(seen, look)))) return;
      const { startedAt, argv } = seen;
      const list = found.get(home) ?? [];
      found.set(home, list);
      list.push({
        pid,
        folder,
        command: argv.join(' '),
        ...(startedAt !== undefined && { startedAt }),
        ...(agent !== undefined && { agent }),
        ...(around && { callsUs: true as const }),
      });
    }),
  );
  for (const list of found.values()) list.sort((one, other) => one.pid - other.pid);
  return found;
}

/** Whether it only looks, or one of the few processes above it does: a shell or git itself may be between the two. */
async function looks(seen: SystemProcess, look: ProcessTable['look']): Promise<boolean> {
  let at: SystemProcess | undefined = seen;
  for (let steps = 0; at !== undefined && steps < 8; steps += 1) {
    if (isLooking(at.argv)) return true;
    at = at.parent > 1 ? await look(at.parent) : undefined;
  }
  return false;
}
