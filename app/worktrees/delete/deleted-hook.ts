import { defined } from '../../../core/defined.ts';
import { CoppiceError } from '../../../core/errors.ts';
import type { Ports } from '../../ports.ts';
import type { HookOutcome } from '../hooks/run.ts';
import type { Repository } from '../repository.ts';
import { continueLine } from './command.ts';
import type { DeleteOptions } from './options.ts';
import type { Condemned } from './plan.ts';
import type { Judgement } from './risks.ts';

export interface HookSurroundings {
  readonly repository: Repository;
  readonly options: DeleteOptions;
  readonly ports: Ports;
  /** Time passes between the judgement and the deletion. */
  readonly isSlow: boolean;
}

/**
 * Whether the hook ran, which may have changed anything. Throws COPPICE_DELETE when it failed and COPPICE_NOT_CONFIRMED
 * when it may not run: a teardown that is left out in silence leaves something behind.
 */
export async function runDeletedHook(
  condemned: Condemned,
  { uncommitted, listing }: Judgement,
  { repository, options, ports, isSlow }: HookSurroundings,
): Promise<boolean> {
  const { name, path, folder, common } = condemned;
  if (options.skipHooks || path === undefined) return false;
  const { hookFolders } = await import('./hook-folders.ts');
  // Files that are not tracked, or came since, may be one as well.
  const isWhole = uncommitted?.files.length === 0 && !isSlow;
  const known = { cwd: ports.cwd, ...defined({ tracked: isWhole ? listing?.tracked : undefined }) };
  const folders = folder === undefined ? [undefined] : await hookFolders(folder, repository, known);
  if (folders.length === 0) return false;
  const { runHooks } = await import('../hooks/run.ts');
  const main = repository.worktrees[0]?.path ?? repository.home;
  const context = { repository: common, main, worktree: path, branch: name };
  let ran = false;
  for (const at of folders) {
    const outcome = await runHooks('deleted', { ...context, ...defined({ folder: at }) }, options, ports);
    requireHook(outcome, name, options);
    ran ||= outcome.status === 'ran';
  }
  return ran;
}

function requireHook(
  { status, reason = '', output = [] }: HookOutcome,
  name: string,
  options: DeleteOptions,
): void {
  if (status === 'ran' || status === 'none') return;
  const skip = `to delete it without the hook: ${continueLine(name, [], { ...options, skipHooks: true })}`;
  if (status === 'skipped') {
    throw new CoppiceError(
      'COPPICE_NOT_CONFIRMED',
      `${name} was left as it is: its hook \`deleted\` was not allowed to run`,
      {
        hint: `to run it: ${continueLine(name, [], { ...options, yes: true })}; ${skip}`,
      },
    );
  }
  const last = output.map((line) => `\n    ${line}`).join('');
  throw new CoppiceError(
    'COPPICE_DELETE',
    `${name} was left as it is: its hook \`deleted\` failed: ${reason}${last}`,
    {
      hint: skip,
    },
  );
}
