import { readFileSync } from 'node:fs';

/**
 * Which start of the machine this is; undefined where the system does not tell, as macOS. Source:
 * https://man7.org/linux/man-pages/man5/proc_sys_kernel.5.html
 */
export function bootId(): string | undefined {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return undefined;
  }
}
