import { read } from './proc.ts';
import { run } from './run.ts';

/** Mount points at or below the folders, deepest first, from the text of /proc/self/mountinfo. */
export function mountsBelow(
  folders: readonly string[],
  mountinfo: string = read('/proc/self/mountinfo') ?? '',
): string[] {
  return mountinfo
    .split('\n')
    .map((line) => line.split(' ')[4] ?? '')
    .map((path) =>
      path.replaceAll(/\\(\d{3})/g, (_, octal) => String.fromCharCode(Number.parseInt(octal, 8))),
    )
    .filter((path) => folders.some((folder) => path === folder || path.startsWith(`${folder}/`)))
    .reverse();
}

/** Unmounts everything at or below the folders; returns what could not be unmounted. */
export async function unmountBelow(folders: readonly string[]): Promise<string[]> {
  // A second round finds mounts that were hidden under another mount of the same place.
  for (let round = 0; round < 3; round += 1) {
    const mounts = mountsBelow(folders);
    if (mounts.length === 0) return [];
    await run('umount', ['-l', ...mounts], { mayFail: true });
  }
  return mountsBelow(folders);
}
