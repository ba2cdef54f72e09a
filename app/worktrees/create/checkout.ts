import { createReadStream } from 'node:fs';
import { copyFile, lstat, mkdir, open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { CoppiceError } from '../../../core/errors.ts';
import { isThere, unlessAbsent } from '../../../core/files.ts';
import { git, gitError, gitWith } from '../../../git/command.ts';
import { gitFolderOf } from '../../../git/worktree-file.ts';
import type { Worktree } from '../../../git/worktrees.ts';

/** A worktree whose files git did not finish writing. */
interface Checkout {
  /** Absolute path of its top folder. */
  readonly path: string;
  readonly gitFolder: string;
  /** Absolute path of a folder for what a user may have made and that is in the way; it is not there yet. */
  readonly aside: string;
  readonly signal: AbortSignal;
}

/**
 * Completes what git had not finished when it was killed. A user may have worked there since then: a file that is there
 * stays as it is, and so does a deletion once git had written all of them. Returns sentences for the user. Throws
 * COPPICE_GIT.
 */
export async function finishCheckout({ path, head }: Worktree, signal: AbortSignal): Promise<string[]> {
  const gitFolder = await gitFolderOf(path);
  // Git would take a folder without it for a part of the repository around it.
  if (gitFolder === undefined || basename(dirname(gitFolder)) !== 'worktrees') {
    throw new CoppiceError('COPPICE_GIT', `${path} is no worktree of this repository any more`, {
      hint: `move it away, or, if only its file .git is gone: git worktree repair`,
    });
  }
  const aside = join(gitFolder, 'coppice', `interrupted-${Date.now()}`);
  const notes = (await hasAllFiles(gitFolder)) ? [] : await completeFiles({ path, gitFolder, aside, signal });
  await git(path, 'worktree', 'unlock', path);
  const commit = head ?? 'HEAD';
  await gitWith(
    path,
    { signal },
    ...['hook', 'run', '--ignore-missing', 'post-checkout', '--', '0'.repeat(commit.length), commit, '1'],
  );
  return notes;
}

/** Git writes the index after the files, and ORIG_HEAD after the index, which `git add` makes too. */
async function hasAllFiles(gitFolder: string): Promise<boolean> {
  return (await isThere(join(gitFolder, 'index'))) && (await isThere(join(gitFolder, 'ORIG_HEAD')));
}

async function completeFiles(checkout: Checkout): Promise<string[]> {
  const { path, gitFolder, aside, signal } = checkout;
  await rm(join(gitFolder, 'index.lock'), { force: true });
  const staged = await setIndexAside(checkout);
  const reset = await gitWith(path, { signal }, 'reset', '--mixed', '--quiet');
  if (reset.code !== 0) throw gitError(path, reset);
  await gitWith(path, { signal }, 'update-index', '-q', '--refresh');
  const differing = await filesWith('M', checkout);
  const cut = await cutShort(differing, checkout);
  for (const file of cut) await setAside(file, checkout);
  const blocked = await writeMissing(checkout);
  const kept = differing.filter((file) => !cut.includes(file));
  return [
    ...(staged ? [`what had been staged there is in ${join(aside, 'index')}, an index of git`] : []),
    ...noteOf(cut, `cut short when git was killed, and now written in full; the old copy is under ${aside}`),
    ...noteOf(kept, 'not as in the commit, and left as it was found'),
    ...noteOf(blocked, 'not written, as something else is in its place'),
  ];
}

function noteOf(files: readonly string[], what: string): string[] {
  const [first] = files;
  if (first === undefined) return [];
  return [`${files.length === 1 ? first : `${first} and ${files.length - 1} more`}: ${what}`];
}

/** An index from before git wrote its own has only what a user has staged. */
async function setIndexAside({ gitFolder, aside }: Checkout): Promise<boolean> {
  const index = join(gitFolder, 'index');
  if (!(await isThere(index))) return false;
  await mkdir(aside, { recursive: true });
  await rename(index, join(aside, 'index'));
  return true;
}

/** Paths relative to the top: `M` for other content than in the index, `D` for none. */
async function filesWith(state: 'M' | 'D', { path, signal }: Checkout): Promise<string[]> {
  const result = await gitWith(path, { signal }, 'diff-files', '--name-only', '-z', `--diff-filter=${state}`);
  if (result.code !== 0) throw gitError(path, result);
  return result.stdout.split('\0').filter((file) => file !== '');
}

/** Of these files those that are the beginning of what git would write. */
async function cutShort(files: readonly string[], { path, aside, signal }: Checkout): Promise<string[]> {
  if (files.length === 0) return [];
  const whole = `${aside}-whole`;
  const cut: string[] = [];
  try {
    const input = `${files.join('\0')}\0`;
    await gitWith(path, { signal, input }, 'checkout-index', '-q', '-z', '--stdin', `--prefix=${whole}/`);
    for (const file of files) if (await isBeginning(join(path, file), join(whole, file))) cut.push(file);
  } finally {
    await rm(whole, { recursive: true, force: true });
  }
  return cut;
}

/** Of regular files alone. */
async function isBeginning(part: string, whole: string): Promise<boolean> {
  const [short, long] = await Promise.all([part, whole].map((file) => unlessAbsent(lstat(file))));
  if (!short?.isFile() || !long?.isFile() || short.size >= long.size) return false;
  const other = await open(whole);
  try {
    for await (const chunk of createReadStream(part)) {
      const expected = Buffer.alloc(chunk.length);
      await other.read(expected, 0, chunk.length, null);
      if (!expected.equals(chunk)) return false;
    }
    return true;
  } finally {
    await other.close();
  }
}

async function setAside(file: string, { path, aside }: Checkout): Promise<void> {
  const to = join(aside, file);
  await mkdir(dirname(to), { recursive: true });
  await copyFile(join(path, file), to);
  await rm(join(path, file));
}

/** Writes the files that are not there. Returns those in whose place, or in that of a folder of theirs, something is. */
async function writeMissing(checkout: Checkout): Promise<string[]> {
  const { path, signal } = checkout;
  const free: string[] = [];
  const blocked: string[] = [];
  const folders = new Map<string, Promise<boolean>>();
  for (const file of await filesWith('D', checkout))
    ((await isFree(path, file, folders)) ? free : blocked).push(file);
  if (free.length === 0) return blocked;
  const input = `${free.join('\0')}\0`;
  const options = ['-u', '-z', '--stdin'];
  const result = await gitWith(
    path,
    { signal, input },
    ...['-c', 'checkout.workers=0', 'checkout-index', ...options],
  );
  if (result.code !== 0) throw gitError(path, result);
  return blocked;
}

async function isFree(top: string, file: string, folders: Map<string, Promise<boolean>>): Promise<boolean> {
  const there = await unlessAbsent(lstat(join(top, file)), ['ENOENT', 'ENOTDIR']);
  return there === undefined && mayHold(top, dirname(file), folders);
}

/** Git makes a folder that is not there, and writes through no link. */
function mayHold(top: string, folder: string, known: Map<string, Promise<boolean>>): Promise<boolean> {
  if (folder === '.') return Promise.resolve(true);
  const answer =
    known.get(folder) ??
    unlessAbsent(lstat(join(top, folder)), ['ENOENT', 'ENOTDIR']).then((there) =>
      there === undefined ? mayHold(top, dirname(folder), known) : there.isDirectory(),
    );
  known.set(folder, answer);
  return answer;
}
