import { readdir } from 'node:fs/promises';
import { defined } from '../../../core/defined.ts';
import { CoppiceError } from '../../../core/errors.ts';
import { isThere, unlessAbsent } from '../../../core/files.ts';
import { interruptible } from '../../../core/interrupts.ts';
import { withLock } from '../../../core/lock.ts';
import { paths } from '../../../core/paths.ts';
import { realPath } from '../../../core/real-path.ts';
import { quote } from '../../../core/shell.ts';
import { rememberRepository } from '../../../core/state/known-repositories.ts';
import { git } from '../../../git/command.ts';
import { excludeFromGit } from '../../../git/exclude.ts';
import { shaOf } from '../../../git/references.ts';
import type { Worktree } from '../../../git/worktrees.ts';
import { markTouched } from '../../activity/mark-touched.ts';
import type { Ports } from '../../ports.ts';
import { withTask } from '../../screen.ts';
import { correspondingFolder } from '../corresponding-folder.ts';
import { rememberBase } from '../hooks/base.ts';
import { rememberWorktrees } from '../previous.ts';
import { whileNothingMoves } from '../trash/locks.ts';
import { addWorktree, gitFolderError, takenError } from './add.ts';
import { foundAt, noHook, readyAt, runCreated } from './found.ts';
import { type Look, lookAt } from './look.ts';
import type { CreatedWorktree, CreateOptions, Making } from './making.ts';
import { type Mark, markFile, readMark, removeMark, writeMark } from './mark.ts';
import { besides, ignoreLine, isInGitFolder, type Place, pathGiven, placeOf } from './place.ts';
import { awaitGit, clearRemains, forgetGone, isEmptyHead, unfinished } from './recover.ts';
import { moveOn, type Resolved, resolveSource, type Source } from './source.ts';

/**
 * Makes the worktree of a branch, with all that belongs into it. A branch that is checked out already is no error: that
 * worktree is the answer. A run that was killed is finished by the next one. Throws what `resolveSource` and
 * `addWorktree` throw, COPPICE_WORKTREE_LOCKED, COPPICE_SETTINGS.
 */
export function createWorktree(options: CreateOptions, ports: Ports): Promise<CreatedWorktree> {
  return interruptible(ports.interrupts, async (signal) => {
    for (let attempts = 1; ; attempts += 1) {
      const { name, from } = options;
      const asked = { name, from, cwd: ports.cwd, signal, screen: ports.screen };
      const resolved = await resolveSource(asked);
      try {
        return await createFrom(resolved, options, ports, signal);
      } catch (error) {
        if (signal.aborted || attempts === MOST_ATTEMPTS || !(await wasDeletedSince(resolved))) throw error;
      } finally {
        const { fetched } = resolved.source;
        if (fetched) await git(resolved.look.main, 'update-ref', '-d', fetched.ref);
      }
    }
  });
}

/** How often it may be that a branch was deleted between the look and git's own. */
const MOST_ATTEMPTS = 3;

/** Whether another process has deleted the branch that was found; what is made then begins a new one. */
async function wasDeletedSince({ look, source: { branch } }: Resolved): Promise<boolean> {
  const ref = `refs/heads/${branch}`;
  return look.refs.has(ref) && (await shaOf(look.repository, ref)) === undefined;
}

async function createFrom(
  { look, source }: Resolved,
  options: CreateOptions,
  ports: Ports,
  signal: AbortSignal,
): Promise<CreatedWorktree> {
  const { branch } = source;
  const ready =
    options.restLater === true ? await readyAt({ look, source, options, ports, signal }) : undefined;
  if (ready !== undefined) return ready;
  let waited = false;
  const onWait = () => {
    waited = true;
    ports.screen.note(`waiting for another \`wt create\` of ${branch}`);
  };
  const moved = await moveOn(look, source);
  const known = { ...source, notes: [...source.notes, ...(moved === undefined ? [] : [moved])] };
  const created = await withLock(
    markFile(look.repository, branch),
    async () => {
      const mark = await readMark(look.repository, branch);
      if (mark !== undefined && (await awaitGit(mark, look, ports, signal))) waited = true;
      const making = {
        look: waited ? await lookAt(ports.cwd, []) : look,
        source: known,
        options,
        ports,
        signal,
      };
      return makeOrFind(making, mark);
    },
    onWait,
  );
  await Promise.all([
    rememberWorktrees(look.repository, ...placesOf(look), { path: created.worktree, branch }),
    rememberRepository(look.repository),
    markTouched(created.worktree),
  ]);
  return created;
}

function placesOf({ current }: Look) {
  return current === undefined ? [] : [{ path: current.path, ...defined({ branch: current.branch }) }];
}

async function makeOrFind(making: Making, mark: Mark | undefined): Promise<CreatedWorktree> {
  const { look, source, ports, signal } = making;
  const { branch } = source;
  const holder = look.worktrees.find((worktree) => !worktree.bare && worktree.branch === branch);
  if (holder === undefined) return make(making, mark);
  if (!(await isThere(holder.path))) {
    const deleting = () => ports.screen.note('a deletion in this repository runs: waiting for it');
    const aside = await whileNothingMoves(look.repository, () => forgetGone(look, holder), deleting);
    const others = look.worktrees.filter((worktree) => worktree !== holder);
    const note = `${holder.path} was gone; what git kept for it is in ${aside}`;
    const notes = [...source.notes, ...(aside === undefined ? [] : [note])];
    return make({ ...making, look: { ...look, worktrees: others }, source: { ...source, notes } }, mark);
  }
  if (mark === undefined || mark.worktree !== holder.path) {
    if (unfinished(holder)) throw busyError(holder);
    return foundAt(making, holder);
  }
  if (!unfinished(holder)) return complete(making, mark, []);
  const { finishCheckout } = await import('./checkout.ts');
  const finish = () => finishCheckout(holder, signal);
  return complete(making, mark, await withTask(ports.screen, `finishing the checkout of ${branch}`, finish));
}

/** Ours are finished; this one is another program's, which may be at work. */
function busyError({ path, branch }: Worktree): CoppiceError {
  return new CoppiceError(
    'COPPICE_WORKTREE_LOCKED',
    `another git process is making the worktree of ${branch} at ${path}`,
    {
      hint: `wait for it; if none runs any more: wt delete ${quote(branch ?? path, 'posix')} --unlock`,
    },
  );
}

async function make(begun: Making, interrupted: Mark | undefined): Promise<CreatedWorktree> {
  const { look, remains } = await withoutRemains(begun.look, interrupted);
  const making = { ...begun, look };
  const { source, ports, signal } = making;
  const { branch } = source;
  const { path, shared } = await chooseFolder(making);
  const base = source.base ?? resumedBase(look, interrupted);
  const tip = look.refs.get(`refs/heads/${branch}`)?.commit;
  const mark: Mark = {
    branch,
    worktree: path,
    newBranch: base !== undefined,
    commit: base?.commit ?? tip ?? '',
    ...defined({ base: base?.name }),
  };
  await hideFromGit(look, shared ?? path);
  await writeMark(look.repository, mark);
  const from = baseFolder(look, source);
  const wanted = { branch, path, from, ...(tip === undefined && base && { commit: base.commit }) };
  let notes: readonly string[];
  try {
    const added = await withTask(ports.screen, `git worktree add ${path}`, () => addWorktree(wanted, signal));
    notes = added.notes;
  } catch (error) {
    // Git has taken back what it made; only one that is killed cannot.
    if (!(await isThere(path))) await removeMark(look.repository, branch);
    throw error;
  }
  const aside = remains === undefined ? [] : [`what an interrupted run left there is now at ${remains}`];
  return complete(making, mark, [...aside, ...notes]);
}

/** A worktree that was finished since then is its user's, whatever branch it is on now. */
async function withoutRemains(
  look: Look,
  mark: Mark | undefined,
): Promise<{ readonly look: Look; readonly remains?: string }> {
  const there = look.worktrees.find(({ path }) => path === mark?.worktree);
  const isOurs = there === undefined || (unfinished(there) && isEmptyHead(there));
  if (mark === undefined || !isOurs) return { look };
  const remains = await clearRemains(mark);
  const worktrees = look.worktrees.filter((worktree) => worktree !== there);
  return { look: { ...look, worktrees }, ...defined({ remains }) };
}

/** A killed run may have made the branch already. */
function resumedBase({ refs }: Look, mark: Mark | undefined): Source['base'] {
  const tip = mark && refs.get(`refs/heads/${mark.branch}`)?.commit;
  if (mark?.base === undefined || !mark.newBranch || tip !== mark.commit) return undefined;
  return { name: mark.base, commit: mark.commit };
}

/** A sparse checkout is inherited from the worktree in which git runs: the one of the base, else the current one. */
function baseFolder({ worktrees, current, main }: Look, { base }: Source): string {
  const holder = worktrees.find(
    ({ branch, bare }) => !bare && branch !== undefined && branch === base?.branch,
  );
  const there = holder?.prunable === undefined ? holder : undefined;
  return there?.path ?? current?.path ?? main;
}

async function chooseFolder({ look, source, options, ports }: Making): Promise<Place> {
  const { branch } = source;
  if (options.path !== undefined) {
    const path = realPath(pathGiven(options.path, ports.cwd));
    if (isInGitFolder(path, look)) throw gitFolderError(path, look);
    if (!(await isFree(path))) throw takenError(path);
    return { path };
  }
  const { main, bare } = look;
  const place = placeOf({ main, bare, branch, ...defined({ template: await templateOf() }) });
  for (const path of [place.path, besides(place.path, branch)].map(realPath)) {
    if (isWorktree(look, path)) continue;
    if (!(await isFree(path))) {
      // That of another branch may have come since we looked.
      if (isWorktree(await lookAt(ports.cwd, []), path)) continue;
      throw takenError(path);
    }
    return { path, ...defined({ shared: place.shared && realPath(place.shared) }) };
  }
  throw takenError(place.path);
}

/** Settings that are not there need no parser. */
async function templateOf(): Promise<string | undefined> {
  if (!(await isThere(paths().settings))) return undefined;
  const { loadSettings } = await import('../../../config/settings/settings.ts');
  return (await loadSettings()).worktrees.path;
}

/** Git takes an empty folder as well. */
function isWorktree({ worktrees }: Look, path: string): boolean {
  return worktrees.some((worktree) => worktree.path === path);
}

async function isFree(path: string): Promise<boolean> {
  const names = await unlessAbsent(readdir(path).catch(notFolder));
  return names === undefined || names.length === 0;
}

function notFolder(error: NodeJS.ErrnoException): string[] {
  if (error.code === 'ENOTDIR') return ['a file'];
  throw error;
}

/** A worktree inside another one is no untracked folder of it. */
async function hideFromGit({ repository, worktrees }: Look, folder: string): Promise<void> {
  for (const { bare, path } of worktrees) {
    const line = bare ? undefined : ignoreLine(folder, path);
    if (line !== undefined) await excludeFromGit(repository, line);
  }
}

/** Everything after git, from the start where it was interrupted: each step leaves alone what is there. */
async function complete(making: Making, mark: Mark, notes: readonly string[]): Promise<CreatedWorktree> {
  const { look, source, ports, signal } = making;
  const { branch, worktree, base } = mark;
  await follow(look, source);
  const { fillSubmodules } = await import('./submodules.ts');
  const submodules = await fillSubmodules(worktree, look.repository, signal);
  const { fillWorktree } = await import('./fill.ts');
  const restLater = making.options.restLater === true;
  const filled = await fillWorktree(worktree, look, ports, { packages: !restLater });
  const folder = await correspondingFolder(worktree, look.current?.path, ports.cwd);
  if (base !== undefined) await rememberBase(worktree, base);
  const hasRest = restLater && (await isRestIn(worktree, folder));
  const place = { worktree, folder, branch };
  const { hook, notes: due } = hasRest ? { hook: noHook, notes: [] } : await runCreated(making, place, base);
  if (!hasRest) await removeMark(look.repository, branch);
  return {
    worktree,
    folder,
    branch,
    created: true,
    ...(base !== undefined && { base: { name: base, commit: mark.commit } }),
    submodules: submodules.filled,
    ...(filled !== undefined && { filled }),
    hook,
    hasRest,
    notes: [...source.notes, ...notes, ...submodules.notes, ...due],
  };
}

/** Whether there is a coppice.yaml, which may have a hook and an environment, or a lock file. */
async function isRestIn(worktree: string, folder: string): Promise<boolean> {
  const [{ findSpec }, { projectsOf }] = await Promise.all([
    import('../../../config/spec/find.ts'),
    import('../dependencies/projects.ts'),
  ]);
  const hasSpec = await findSpec(folder).then(Boolean, () => false);
  return hasSpec || (await projectsOf(worktree)).length > 0;
}

/** Not by `--track`, which refuses a remote that fetches other branches only, and one without any. */
async function follow({ main }: Look, { branch, upstream }: Source): Promise<void> {
  if (upstream === undefined) return;
  const { setBranchUpstream } = await import('./upstream.ts');
  await setBranchUpstream(main, branch, upstream);
}
