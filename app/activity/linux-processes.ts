import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import type { ProcessTable, SystemProcess } from './process-table.ts';

/** Ticks of a second in `/proc/PID/stat`: USER_HZ, which is 100 on every architecture. */
const TICKS = 100;

/** From `/proc`; synchronous, as each read takes microseconds and none waits for a disk. */
export function linuxProcesses(root = '/proc'): ProcessTable {
  const folders = new Map<number, string>();
  for (const name of readdirSync(root)) {
    if (!/^\d+$/.test(name)) continue;
    const folder = workingFolder(root, name);
    if (folder !== undefined) folders.set(Number(name), folder);
  }
  const booted = bootTime(root);
  return {
    folders,
    look: async (pid) => (isInPod(root, pid) ? undefined : lookAt(root, pid, booted)),
    own: ancestors(root, process.pid),
    pipeline: pipelineOf(root, process.pid, [...folders.keys()]),
  };
}

/**
 * By the pipes, as a script has one process group for a pipeline and for what it started before. What only writes into
 * the same pipe is no part of it.
 */
function pipelineOf(root: string, pid: number, all: readonly number[]): Set<number> {
  const found = new Set<number>();
  const [input, ...outputs] = [0, 1, 2].map((number) => pipeAt(root, pid, number));
  if ([input, ...outputs].every((pipe) => pipe === undefined)) return found;
  const ends = all.map((one) => ({ one, reads: pipeAt(root, one, 0), writes: pipeAt(root, one, 1) }));
  const follow = (
    begin: readonly (string | undefined)[],
    from: 'reads' | 'writes',
    to: 'reads' | 'writes',
  ) => {
    const pipes = [...begin];
    for (let at = 0; at < pipes.length; at += 1) {
      for (const end of ends) {
        if (pipes[at] === undefined || end[from] !== pipes[at] || end.one === pid || found.has(end.one))
          continue;
        found.add(end.one);
        pipes.push(end[to]);
      }
    }
  };
  follow(outputs, 'reads', 'writes');
  follow([input], 'writes', 'reads');
  return found;
}

function pipeAt(root: string, pid: number, number: number): string | undefined {
  try {
    const target = readlinkSync(`${root}/${pid}/fd/${number}`);
    return target.startsWith('pipe:') ? target : undefined;
  } catch {
    return undefined;
  }
}

/** Of one that we may not look at, that has ended, or that is the kernel's, there is none. */
function workingFolder(root: string, pid: string): string | undefined {
  try {
    // Of a folder that was removed under it.
    return readlinkSync(`${root}/${pid}/cwd`).replace(/ \(deleted\)$/, '');
  } catch {
    return undefined;
  }
}

function lookAt(root: string, pid: number, booted: number | undefined): SystemProcess | undefined {
  const words = (textOf(`${root}/${pid}/cmdline`) ?? '').replace(/\0+$/, '').split('\0');
  // Afterwards, as a process that ends loses its command line first.
  const stat = statOf(root, pid);
  if (stat === undefined || stat.ending) return undefined;
  const argv = words.length === 1 && words[0] === '' ? [stat.name] : words;
  const { parent, started } = stat;
  return { pid, parent, argv, ...(booted !== undefined && { startedAt: booted + (started * 1000) / TICKS }) };
}

interface Stat {
  readonly name: string;
  /** It has ended, or is about to. */
  readonly ending: boolean;
  readonly parent: number;
  /** Ticks since the machine was started. */
  readonly started: number;
}

/** Of the flags in `/proc/PID/stat`: include/linux/sched.h. */
const PF_EXITING = 4;

/** https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html: the name may have spaces and parentheses in it. */
function statOf(root: string, pid: number): Stat | undefined {
  const text = textOf(`${root}/${pid}/stat`);
  if (text === undefined) return undefined;
  const end = text.lastIndexOf(')');
  const fields = text.slice(end + 2).split(' ');
  return {
    name: text.slice(text.indexOf('(') + 1, end),
    ending: /^[ZX]/.test(fields[0] ?? '') || (Number(fields[6]) & PF_EXITING) !== 0,
    parent: Number(fields[1]),
    started: Number(fields[19]),
  };
}

/** Milliseconds since 1970. */
function bootTime(root: string): number | undefined {
  const seconds = /^btime (\d+)$/m.exec(textOf(`${root}/stat`) ?? '')?.[1];
  return seconds === undefined ? undefined : Number(seconds) * 1000;
}

function ancestors(root: string, pid: number): number[] {
  const found: number[] = [];
  for (let at: number | undefined = pid; at !== undefined && at > 0 && !found.includes(at); ) {
    found.push(at);
    at = statOf(root, at)?.parent;
  }
  return found;
}

/** A pod of a cluster on this machine is part of its environment, and no process of a person's. */
function isInPod(root: string, pid: number): boolean {
  return (textOf(`${root}/${pid}/cgroup`) ?? '').includes('kubepods');
}

function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
