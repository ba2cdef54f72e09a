import { dirname, join, relative, sep } from 'node:path';
import { findSpec, specFileName } from '../../../config/spec/find.ts';
import { isThere } from '../../../core/files.ts';
import { filesNamed } from '../../../git/files.ts';
import type { Repository } from '../repository.ts';

/**
 * Where the hook `deleted` of a worktree runs: the folder that corresponds to the current one, if there is a coppice.yaml
 * at or above it; otherwise that of each app in the worktree. `tracked`: its tracked files from the top, where it has no
 * others; git is asked for them when absent.
 */
export async function hookFolders(
  top: string,
  { worktrees }: Repository,
  { cwd, tracked }: { readonly cwd: string; readonly tracked?: readonly string[] },
): Promise<readonly string[]> {
  const current = worktrees
    .map(({ path }) => path)
    .filter((path) => cwd.startsWith(path + sep))
    .sort((one, other) => other.length - one.length)[0];
  const same = current === undefined ? top : join(top, relative(current, cwd));
  const folder = (await isThere(same)) ? same : top;
  const spec = await findSpec(folder).catch(() => undefined);
  if (spec?.startsWith(top + sep)) return [folder];
  const files = tracked?.filter(isSpec) ?? (await filesNamed(top, specFileName));
  return files.map((file) => dirname(join(top, file))).sort((one, other) => one.length - other.length);
}

function isSpec(path: string): boolean {
  return path === specFileName || path.endsWith(`/${specFileName}`);
}
