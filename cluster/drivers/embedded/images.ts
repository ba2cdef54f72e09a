import { sandboxImage } from './config-files.ts';
import type { Layout } from './layout.ts';
import type { Programs } from './programs.ts';
import { run } from './run.ts';

/** Imports OCI or docker archives into containerd, one after the other: it already unpacks on all cores. */
export async function importArchives(
  layout: Layout,
  programs: Programs,
  archives: readonly string[],
): Promise<void> {
  for (const archive of archives) await ctr(layout, programs, ['images', 'import', archive]);
}

/** References of all images in containerd. */
export async function presentImages(layout: Layout, programs: Programs): Promise<string[]> {
  return (await ctr(layout, programs, ['images', 'list', '--quiet'])).split('\n').filter(Boolean);
}

/** The image of every pod's sandbox; containerd's configuration named it before the catalogue was there. */
export async function nameSandboxImage(layout: Layout, programs: Programs, reference: string): Promise<void> {
  await ctr(layout, programs, ['images', 'tag', '--force', reference, sandboxImage]);
}

function ctr(layout: Layout, programs: Programs, args: readonly string[]): Promise<string> {
  return run(programs.ctr, ['--address', layout.containerdSocket, '--namespace', 'k8s.io', ...args]);
}
