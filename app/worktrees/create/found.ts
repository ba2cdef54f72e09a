import { defined } from '../../../core/defined.ts';
import { isThere } from '../../../core/files.ts';
import { realPath } from '../../../core/real-path.ts';
import { quote } from '../../../core/shell.ts';
import { nameOf, type Worktree } from '../../../git/worktrees.ts';
import { correspondingFolder } from '../corresponding-folder.ts';
import { isHookDue, noteDue } from '../hooks/due.ts';
import type { HookOutcome } from '../hooks/run.ts';
import { defaultName } from './base.ts';
import type { CreatedWorktree, Making } from './making.ts';
import { readMark } from './mark.ts';
import { pathGiven } from './place.ts';
import { unfinished } from './recover.ts';

/** One whose rest another run may be doing now is not waited for. */
export async function readyAt(making: Making): Promise<CreatedWorktree | undefined> {
  const { look, source } = making;
  const holder = look.worktrees.find(({ bare, branch }) => !bare && branch === source.branch);
  if (holder === undefined || unfinished(holder) || !(await isThere(holder.path))) return undefined;
  const mark = await readMark(look.repository, source.branch);
  const hasRest = mark?.worktree === holder.path || (await isHookDue(holder.path));
  return { ...(await standing(making, holder)), hasRest };
}

/** A worktree that was there before; its hook runs if that is due. */
export async function foundAt(making: Making, holder: Worktree): Promise<CreatedWorktree> {
  const found = await standing(making, holder);
  if (!(await isHookDue(holder.path))) return found;
  const { hook, notes } = await runCreated(making, found);
  return { ...found, hook, notes: [...found.notes, ...notes] };
}

/** A worktree that was there before. */
async function standing(
  { look, source, options, ports }: Making,
  holder: Worktree,
): Promise<CreatedWorktree> {
  const { path } = options;
  const wanted = path === undefined ? undefined : realPath(pathGiven(path, ports.cwd));
  const elsewhere = `it is not at ${wanted}; \`git worktree move ${holder.path} ${wanted}\` moves it`;
  return {
    worktree: holder.path,
    folder: await correspondingFolder(holder.path, look.current?.path, ports.cwd),
    branch: nameOf(holder),
    created: false,
    submodules: [],
    hook: noHook,
    hasRest: false,
    notes: [...source.notes, ...(wanted === undefined || wanted === holder.path ? [] : [elsewhere])],
  };
}

export const noHook: HookOutcome = { status: 'none', commands: [] };

/** Runs the hook `created`, and remembers with the worktree where it is to be run again. */
export async function runCreated(
  { look, options, ports }: Making,
  { worktree, folder, branch }: Pick<CreatedWorktree, 'worktree' | 'folder' | 'branch'>,
  base?: string,
): Promise<{ readonly hook: HookOutcome; readonly notes: readonly string[] }> {
  const { runHooks } = await import('../hooks/run.ts');
  const { repository, main } = look;
  const known = defined({ base, defaultBranch: defaultName(look) });
  const context = { repository, main, worktree, folder, branch, ...known };
  const hook = await runHooks('created', context, { yes: options.yes }, ports);
  await noteDue(worktree, hook);
  const again = `\`wt create ${quote(branch, 'posix')}`;
  if (hook.status === 'failed') return { hook, notes: [`${again}\` runs the hook again`] };
  return { hook, notes: hook.status === 'skipped' ? [`${again} --yes\` runs the hook`] : [] };
}
