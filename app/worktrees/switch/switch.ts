import { defined } from '../../../core/defined.ts';
import { CoppiceError, hasCode } from '../../../core/errors.ts';
import { git } from '../../../git/command.ts';
import { identify } from '../../../git/identity.ts';
import { listWorktrees, nameOf, type Worktree } from '../../../git/worktrees.ts';
import { markTouched } from '../../activity/mark-touched.ts';
import type { Ports } from '../../ports.ts';
import { correspondingFolder } from '../corresponding-folder.ts';
import type { HookOutcome } from '../hooks/run.ts';
import { rememberWorktrees, type Visited } from '../previous.ts';
import { destinationOf, type SearchFrom } from './destination.ts';

export interface Switched {
  /** Absolute path of the worktree's top folder. */
  readonly path: string;
  /** Absent when HEAD is detached. */
  readonly branch?: string;
  /** The branch, or what the worktree is called without one. */
  readonly name: string;
  /** Where the shell goes: the folder that corresponds to the current one, an app's of a monorepo, else the top. */
  readonly folder: string;
  /** Whether the command was run in that worktree already. */
  readonly here: boolean;
  /** What `hooks: { switched }` of coppice.yaml did. */
  readonly hook: HookOutcome;
}

export interface SwitchOptions {
  /** Allows the hook without asking. */
  readonly yes: boolean;
}

/** The worktree that is left, as far as there is one. */
export interface Departure extends SearchFrom {
  readonly branch?: string;
}

/** Where a command runs: a worktree, or a bare repository. Throws what `identify` throws. */
export async function departureFrom(cwd: string): Promise<Departure> {
  try {
    const { repository, worktree, branch, detached } = await identify(cwd);
    return { cwd, repository, current: worktree, ...(detached ? {} : { branch }) };
  } catch (error) {
    if (!hasCode(error, 'COPPICE_NO_WORKTREE')) throw error;
    const { stdout } = await git(cwd, 'rev-parse', '--path-format=absolute', '--git-common-dir');
    return { cwd, repository: stdout.trim() };
  }
}

/** Finds the worktree that is meant, and goes there. Throws what {@link destinationOf} throws. */
export async function switchTo(wanted: string, options: SwitchOptions, ports: Ports): Promise<Switched> {
  const departure = await departureFrom(ports.cwd);
  return arriveIn(await destinationOf(wanted, departure), departure, options, ports);
}

/** Remembers both worktrees, so that `-` leads back, and runs the hook. Throws COPPICE_INTERRUPTED. */
export async function arriveIn(
  worktree: Worktree,
  departure: Departure,
  { yes }: SwitchOptions,
  ports: Ports,
): Promise<Switched> {
  const { path, branch } = worktree;
  const at = { path, name: nameOf(worktree), ...defined({ branch }) };
  if (path === departure.current) return { ...at, folder: ports.cwd, here: true, hook: noHook };
  await remember(worktree, departure);
  await markTouched(path);
  const folder = await correspondingFolder(path, departure.current, departure.cwd);
  const { runHooks } = await import('../hooks/run.ts');
  const main = (await listWorktrees(ports.cwd)).find((one) => one.main)?.path ?? path;
  const context = {
    repository: departure.repository,
    main,
    worktree: path,
    branch: nameOf(worktree),
    folder,
  };
  return { ...at, folder, here: false, hook: await runHooks('switched', context, { yes }, ports) };
}

const noHook: HookOutcome = { status: 'none', commands: [] };

async function remember({ path, branch }: Worktree, departure: Departure): Promise<void> {
  const { current, repository } = departure;
  const left: readonly Visited[] =
    current === undefined ? [] : [{ path: current, ...defined({ branch: departure.branch }) }];
  await rememberWorktrees(repository, ...left, { path, ...defined({ branch }) }).catch((error: unknown) => {
    // Another user's repository, or a read-only disk: a person can be led there all the same.
    if (!hasCode(error, 'EACCES', 'EPERM', 'EROFS', 'ENOSPC', 'COPPICE_CANNOT_WRITE')) throw error;
  });
}

/** Throws COPPICE_USAGE unless both ends are a terminal: a picker is drawn on one and reads from the other. */
export function requireTerminal(there: boolean): void {
  if (there) return;
  throw new CoppiceError('COPPICE_USAGE', 'without a terminal there is no list to choose from', {
    hint: 'name the branch: `wt switch BRANCH`; `wt switch -` is the one before',
  });
}
