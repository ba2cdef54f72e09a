import { defined } from '../../../core/defined.ts';
import { CoppiceError, hasCode } from '../../../core/errors.ts';
import { git } from '../../../git/command.ts';
import { identify } from '../../../git/identity.ts';
import { nameOf, type Worktree } from '../../../git/worktrees.ts';
import type { Ports } from '../../ports.ts';
import { rememberWorktrees, type Visited } from '../previous.ts';
import { destinationOf, type SearchFrom } from './destination.ts';

export interface Switched {
  /** Absolute path of the worktree's top folder. */
  readonly path: string;
  /** Absent when HEAD is detached. */
  readonly branch?: string;
  /** The branch, or what the worktree is called without one. */
  readonly name: string;
  /** Whether the command was run in that worktree already. */
  readonly here: boolean;
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

/** Finds the worktree that is meant, and remembers the one that is left. Throws what {@link destinationOf} throws. */
export async function switchTo(wanted: string, ports: Ports): Promise<Switched> {
  const departure = await departureFrom(ports.cwd);
  return arriveIn(await destinationOf(wanted, departure), departure);
}

/** Remembers both worktrees, so that `-` leads back. */
export async function arriveIn(worktree: Worktree, departure: Departure): Promise<Switched> {
  const { path, branch } = worktree;
  const here = path === departure.current;
  if (!here) await remember(worktree, departure);
  return { path, name: nameOf(worktree), here, ...defined({ branch }) };
}

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
