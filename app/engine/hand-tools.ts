import { existsSync } from 'node:fs';
import { chmod, mkdir, readlink, rename, rm, symlink } from 'node:fs/promises';
import { basename, delimiter, dirname, join } from 'node:path';
import { readIfPresent, writeAtomic } from '../../core/files.ts';
import { packageRoot } from '../../core/package-root.ts';
import { paths } from '../../core/paths.ts';
import { quote } from '../../core/shell.ts';

/**
 * Writes `wt` and `coppice` into the folder that `wt env` puts on PATH: they run this copy with this node, wherever
 * both are.
 */
export async function writeWrappers(folder = paths().bin): Promise<void> {
  const script = `#!/bin/sh\nexec ${quote(process.execPath, 'posix')} ${quote(join(packageRoot(), 'bin', 'wt'), 'posix')} "$@"\n`;
  for (const name of ['wt', 'coppice']) {
    const file = join(folder, name);
    // A damaged one is written again; what cannot be is reported by the write.
    if ((await readIfPresent(file).catch(() => undefined)) === script) continue;
    await writeAtomic(file, script, 0o755);
    await chmod(file, 0o755);
  }
}

/** Links a program into that folder under its own name. */
export async function linkProgram(path: string, name: string, folder = paths().bin): Promise<void> {
  const link = join(folder, name);
  if ((await readlink(link).catch(() => undefined)) === path) return;
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const fresh = `${link}.${process.pid}`;
  await rm(fresh, { force: true });
  await symlink(path, fresh);
  await rename(fresh, link);
}

/** Folders in which node finds `coppice` and Pulumi's SDK for a program in a worktree without node_modules. */
export function moduleFolders(root = packageRoot()): string[] {
  const above = dirname(root);
  return [join(root, 'node_modules'), ...(basename(above) === 'node_modules' ? [above] : [])].filter(
    (folder) => existsSync(folder),
  );
}

/** Whether a program is on PATH outside of our own folder. */
export function isOnPath(name: string, env: NodeJS.ProcessEnv, own = paths().bin): boolean {
  return (env.PATH ?? '')
    .split(delimiter)
    .some((folder) => folder !== '' && folder !== own && existsSync(join(folder, name)));
}
