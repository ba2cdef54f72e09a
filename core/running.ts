import { readFileSync } from 'node:fs';
import { uptime } from 'node:os';
import { defined } from './defined.ts';

/** How long the machine has been running: no change of the clock affects it. */
export interface Running {
  /** Tells one start of the machine from another; absent where the system does not tell, as macOS. */
  readonly boot?: string;
  /** Seconds since that start, sleep included. */
  readonly uptime: number;
}

export function running(): Running {
  return { uptime: uptime(), ...defined({ boot: bootId() }) };
}

/** Source: https://man7.org/linux/man-pages/man5/proc_sys_kernel.5.html */
function bootId(): string | undefined {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return undefined;
  }
}
