import { outcomeOf } from '../../core/run.ts';
import type { ProcessTable, SystemProcess } from './process-table.ts';

/** From `lsof` and `ps`, which are part of the system. */
export async function macProcesses(): Promise<ProcessTable> {
  const env = { ...process.env, LC_ALL: 'C' };
  const [files, list] = await Promise.all([
    outcomeOf('lsof', ['-w', '-d', 'cwd', '-F', 'pgn'], { env }),
    outcomeOf('ps', ['-axww', '-o', 'pid=,ppid=,lstart=,command='], { env }),
  ]);
  const processes = parsePs(list.stdout);
  const own = ancestors(processes, process.pid);
  return {
    folders: parseLsof(files.stdout),
    look: async (pid) => processes.get(pid),
    own,
    pipeline: pipelineOf(parseGroups(files.stdout), processes, own),
  };
}

/** By the process group and the shell: the system does not tell cheaply who has the other end of a pipe. */
function pipelineOf(
  groups: ReadonlyMap<number, number>,
  processes: ReadonlyMap<number, SystemProcess>,
  own: readonly number[],
): Set<number> {
  const group = groups.get(process.pid);
  const isPart = (pid: number, its: number) =>
    its === group && !own.includes(pid) && own.includes(processes.get(pid)?.parent ?? 0);
  return new Set([...groups].flatMap(([pid, its]) => (isPart(pid, its) ? [pid] : [])));
}

/**
 * Process groups, of what {@link parseLsof} parses.
 *
 * @internal Exported for its test, which passes in what it prints.
 */
export function parseGroups(text: string): Map<number, number> {
  return new Map(
    [...text.matchAll(/^p(\d+)\ng(\d+)$/gm)].map(([, pid, group]) => [Number(pid), Number(group)]),
  );
}

/**
 * Of `lsof -d cwd -F pgn`: a line `p` with the process, one `g` with its group, then `fcwd` and a line `n` with the path.
 *
 * @internal Exported for its test, which passes in what it prints.
 */
export function parseLsof(text: string): Map<number, string> {
  const folders = new Map<number, string>();
  let pid = 0;
  for (const line of text.split('\n')) {
    if (line.startsWith('p')) pid = Number(line.slice(1));
    if (line.startsWith('n/')) folders.set(pid, line.slice(1));
  }
  return folders;
}

/**
 * Of `ps -o pid=,ppid=,lstart=,command=`; a word with a space in it counts as two.
 *
 * @internal Exported for its test, which passes in what it prints.
 */
export function parsePs(text: string): Map<number, SystemProcess> {
  const line = /^\s*(\d+)\s+(\d+)\s+(\w{3}\s+\w{3}\s+\d+\s+[\d:]{8}\s+\d{4})\s+(.*)$/;
  return new Map(
    text.split('\n').flatMap((row) => {
      const [, id, parent, started, command] = line.exec(row) ?? [];
      if (id === undefined || command === undefined) return [];
      const startedAt = Date.parse(started ?? '');
      const pid = Number(id);
      const known = Number.isNaN(startedAt) ? {} : { startedAt };
      return [[pid, { pid, parent: Number(parent), argv: command.split(' '), ...known }] as const];
    }),
  );
}

function ancestors(processes: ReadonlyMap<number, SystemProcess>, pid: number): number[] {
  const found: number[] = [];
  for (let at: number | undefined = pid; at !== undefined && at > 0 && !found.includes(at); ) {
    found.push(at);
    at = processes.get(at)?.parent;
  }
  return found;
}
