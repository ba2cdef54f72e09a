import { sep } from 'node:path';
import { CoppiceError, messageOf } from '../../../core/errors.ts';
import { isThere } from '../../../core/files.ts';
import { quote } from '../../../core/shell.ts';
import { counted } from '../../../core/text/counted.ts';
import { nameOfHead } from '../../../git/head.ts';
import { registrations } from '../../../git/registration.ts';
import { uncommittedIn } from '../../../git/uncommitted.ts';
import type { Condemned } from './plan.ts';

/**
 * Throws COPPICE_DELETE where other worktrees of the repository are in the folder: they would go to the trash with it, and
 * nobody has judged them. `paths` are those that the same command deletes first.
 */
export async function requireNoneInside(
  { name, folder, common }: Condemned,
  paths: readonly string[],
): Promise<void> {
  if (folder === undefined) return;
  const inner = (await registrations(common))
    .map(({ path }) => path)
    .filter((path) => path.startsWith(folder + sep) && !paths.includes(path));
  const present = [];
  for (const path of inner) if (await isThere(path)) present.push(path);
  if (present.length === 0) return;
  const held = await Promise.all(present.map(async (path) => ({ path, ...(await heldBy(path)) })));
  const lines = held.map(({ path, branch, what }) => `\n    ${branch} (${path}): ${what}`).join('');
  const names = held.map(({ branch }) => quote(branch, 'posix')).join(' ');
  throw new CoppiceError(
    'COPPICE_DELETE',
    `${name} was left as it is: ${counted(present.length, 'other worktree')} in its folder would go with it${lines}`,
    { hint: `wt delete ${names} first, or move each out: git worktree move PATH NEW-PATH` },
  );
}

async function heldBy(path: string): Promise<{ readonly branch: string; readonly what: string }> {
  const branch = (await nameOfHead(path)) ?? path;
  try {
    const { files } = await uncommittedIn(path);
    const named = files.slice(0, 3).join(', ');
    const more = files.length > 3 ? ', …' : '';
    return {
      branch,
      what:
        files.length === 0 ? 'no changes' : `changes in ${counted(files.length, 'path')}: ${named}${more}`,
    };
  } catch (error) {
    return { branch, what: messageOf(error) };
  }
}
