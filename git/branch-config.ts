import { join } from 'node:path';
import { readIfPresent } from '../core/files.ts';
import { git } from './command.ts';

/** Keys below `branch.<name>.` and their values, in order. */
export type BranchConfig = readonly (readonly [key: string, value: string])[];

/** What the repository's configuration says of a branch, such as its upstream; no process when it says nothing. */
export async function branchConfig(commonFolder: string, branch: string): Promise<BranchConfig> {
  if (!(await mayHaveSection(commonFolder, branch))) return [];
  const prefix = `branch.${branch}.`;
  const { stdout } = await git(commonFolder, 'config', '--local', '--list', '-z');
  return stdout.split('\0').flatMap((entry) => {
    const line = entry.indexOf('\n');
    if (!entry.startsWith(prefix) || line < 0) return [];
    return [[entry.slice(prefix.length, line), entry.slice(line + 1)] as const];
  });
}

async function mayHaveSection(commonFolder: string, branch: string): Promise<boolean> {
  const text = (await readIfPresent(join(commonFolder, 'config'))) ?? '';
  // Git escapes these two characters in the name of a section; and another file may be included.
  return text.includes(branch.replace(/["\\]/g, '\\$&')) || /\[include/i.test(text);
}

/** As `git branch -d` does. */
export async function removeBranchConfig(commonFolder: string, branch: string): Promise<void> {
  await git(commonFolder, 'config', '--local', '--remove-section', `branch.${branch}`);
}

export async function addBranchConfig(
  commonFolder: string,
  branch: string,
  config: BranchConfig,
): Promise<void> {
  const there = await branchConfig(commonFolder, branch);
  for (const [key, value] of config) {
    if (there.some(([known, same]) => known === key && same === value)) continue;
    await git(commonFolder, 'config', '--local', '--add', `branch.${branch}.${key}`, value);
  }
}
