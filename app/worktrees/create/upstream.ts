import { hasCode } from '../../../core/errors.ts';
import { retry } from '../../../core/until.ts';
import { git, gitError } from '../../../git/command.ts';

/** Makes `git pull` and `git push` of a branch follow a reference of a remote. Throws COPPICE_GIT. */
export async function setBranchUpstream(
  folder: string,
  branch: string,
  { remote, merge }: { readonly remote: string; readonly merge: string },
): Promise<void> {
  await setConfig(folder, `branch.${branch}.remote`, remote);
  await setConfig(folder, `branch.${branch}.merge`, merge);
}

/** Git gives up at once while another process writes the same file. */
async function setConfig(folder: string, name: string, value: string): Promise<void> {
  const write = async () => {
    const result = await git(folder, 'config', name, value);
    if (result.code !== 0) throw gitError(folder, result);
  };
  const again = (error: unknown) =>
    hasCode(error, 'COPPICE_GIT') && /lock config file/.test((error as Error).message);
  await retry(write, { every: 50, within: 30_000, again });
}
