import { readFileSync } from 'node:fs';
import { hasCode } from './errors.ts';
import { outcomeOf } from './run.ts';

/**
 * Whether a process runs and is still that program: after a reboot its number may belong to another one. `program`: the
 * start of the program's name.
 */
export async function isAlive(pid: number, program: string): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (!hasCode(error, 'EPERM')) return false;
  }
  return (await programOf(pid))?.startsWith(program) ?? false;
}

async function programOf(pid: number): Promise<string | undefined> {
  if (process.platform === 'linux') {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
      const state = stat.slice(stat.lastIndexOf(')') + 2, stat.lastIndexOf(')') + 3);
      // A zombie holds nothing any more.
      return state === 'Z' ? undefined : stat.slice(stat.indexOf('(') + 1, stat.lastIndexOf(')'));
    } catch {
      return undefined;
    }
  }
  const { stdout, code } = await outcomeOf('ps', ['-o', 'comm=', '-p', String(pid)]);
  return code === 0 ? stdout.trim().split('/').at(-1) : undefined;
}
