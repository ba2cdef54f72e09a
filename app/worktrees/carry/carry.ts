import { lstatSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type Copied, type CopyKind, copyTree } from '../../../core/copy/copy.ts';
import { linkInCopy } from '../../../core/copy/links.ts';
import { type LeftOut, type Listing, listTree } from '../../../core/copy/listing.ts';
import { CoppiceError, hasCode, messageOf } from '../../../core/errors.ts';
import { interruptible } from '../../../core/interrupts.ts';
import { counted } from '../../../core/text/counted.ts';
import { size } from '../../../core/text/size.ts';
import { ignoredAmong, ignoredEntries, matchingEntries } from '../../../git/ignored.ts';
import type { Ports } from '../../ports.ts';
import { type CarryPatterns, carryPatterns, hasPatterns, textOf } from './patterns.ts';
import { type IgnoredEntry, intersection, searched, variablesFile } from './select.ts';
import { linkInTheWay, publish, thereAlready, withStaging } from './staging.ts';

export interface CarryRequest {
  /** Absolute path of the worktree that has the files. */
  readonly from: string;
  /** Absolute path of the worktree that gets them. */
  readonly to: string;
  /** Those of `.worktreeinclude` and `carry:` when absent. */
  readonly patterns?: CarryPatterns;
}

export interface CarryReport {
  /** How many files and links were carried; of those that were there already, none. */
  readonly files: number;
  readonly bytes: number;
  /** Absent when no file was copied. */
  readonly how?: CopyKind;
  /** What was carried, relative to the top; a folder has a slash at its end. */
  readonly carried: readonly string[];
  readonly skipped: readonly LeftOut[];
  /** What to type when nothing names files to carry and there is one that most people want. */
  readonly hint?: string;
}

/**
 * Carries ignored files of one worktree into another: those that `.worktreeinclude` or `carry:` of coppice.yaml name.
 * None that git tracks in the new one or would not ignore there, none that is there, none of another repository, and
 * no file outside the worktree that a link leads to. All of them are carried or none; it is safe to run again. Throws
 * COPPICE_DISK_FULL, COPPICE_CANNOT_WRITE, COPPICE_INTERRUPTED, and what git throws.
 */
export async function carryFiles({ from, to, patterns }: CarryRequest, ports: Ports): Promise<CarryReport> {
  const [ignored, wanted] = await Promise.all([ignoredEntries(from), patterns ?? carryPatterns(from, to)]);
  const broken = (wanted.broken ?? []).map((path) => ({
    path,
    reason: 'it has mistakes, so its `carry:` is unknown: `wt up` names them',
  }));
  if (!hasPatterns(wanted)) return { ...nothing, skipped: broken, ...hintFor(ignored) };
  const within = searched(ignored, await textOf(wanted));
  const entries = intersection(within, await matchingEntries(from, wanted, within));
  const allowed = await allowedIn(to, entries);
  if (allowed.entries.length === 0) return { ...nothing, skipped: [...broken, ...allowed.skipped] };
  const report = await carry({ from, to, ...allowed }, ports);
  return { ...report, skipped: [...broken, ...allowed.skipped, ...report.skipped] };
}

const nothing: CarryReport = { files: 0, bytes: 0, carried: [], skipped: [] };

function hintFor(ignored: readonly IgnoredEntry[]): Pick<CarryReport, 'hint'> {
  const file = variablesFile(ignored);
  return file === undefined
    ? {}
    : {
        hint: `to have ${file} in new worktrees too, name it in .worktreeinclude: echo ${file} >> .worktreeinclude`,
      };
}

interface Allowed {
  readonly entries: readonly IgnoredEntry[];
  /** Those of them of which the new worktree ignores some files at most. */
  readonly partly: readonly IgnoredEntry[];
  readonly skipped: readonly LeftOut[];
}

const notIgnored = 'the new worktree does not ignore it: it could be committed there, or is tracked';

/** Without those that the new worktree would show as new files, or has as its own. */
async function allowedIn(to: string, entries: readonly IgnoredEntry[]): Promise<Allowed> {
  const behindLink = entries.filter((entry) => isBehindLink(to, entry));
  const open = entries.filter((entry) => !behindLink.includes(entry));
  const ignored = await ignoredAmong(to, open);
  const partly = open.filter((entry) => entry.endsWith('/') && !ignored.has(entry));
  const refused = open.filter((entry) => !entry.endsWith('/') && !ignored.has(entry));
  return {
    entries: open.filter((entry) => !refused.includes(entry)),
    partly,
    skipped: [
      ...behindLink.map((path) => ({ path, reason: linkInTheWay })),
      ...refused.map((path) => ({ path, reason: notIgnored })),
    ],
  };
}

/** Whether a folder on the way to a path is a link there: what is written below it would land somewhere else. */
function isBehindLink(to: string, entry: IgnoredEntry): boolean {
  for (let at = dirname(entry); at !== '.'; at = dirname(at)) {
    if (lstatSync(join(to, at), { throwIfNoEntry: false })?.isSymbolicLink()) return true;
  }
  return false;
}

interface Carrying extends Omit<Allowed, 'skipped'> {
  readonly from: string;
  readonly to: string;
}

async function carry({ from, to, entries, partly }: Carrying, ports: Ports): Promise<CarryReport> {
  const task = ports.screen.start('carry ignored files');
  let needed = 0;
  try {
    const report = await interruptible(ports.interrupts, (signal) =>
      withStaging(
        to,
        async (staging) => {
          const { listing, skipped } = await listed({ from, to, entries, partly }, signal);
          needed = listing.bytes;
          const show = progressOf(listing, (text) => task.update(text));
          const copied = await copyTree(listing, from, staging, {
            signal,
            onProgress: show,
            linkTarget: (path, target) => linkInCopy(path, target, { from, to }),
          });
          return reportOf({ listing, copied, entries, skipped: [...skipped, ...publish(staging, to)] });
        },
        () => task.update('waiting for another run'),
      ),
    );
    task.done(report.files === 0 ? 'nothing to do' : summaryOf(report));
    return report;
  } catch (error) {
    task.fail();
    throw await carryError(error, { to, needed });
  }
}

/** `3 files, 12 kB` */
function summaryOf({ files, bytes, how }: CarryReport): string {
  return `${counted(files, 'file')}, ${size(bytes)}${how === 'reflink' ? ', sharing their blocks' : ''}`;
}

/** What has to be copied, without what the new worktree has already. */
async function listed(
  { from, to, entries, partly }: Carrying,
  signal: AbortSignal,
): Promise<{ listing: Listing; skipped: LeftOut[] }> {
  const starts = entries.map((entry) => entry.replace(/\/$/, ''));
  const leaveOut = (path: string, names: ReadonlySet<string>) =>
    names.has('.git') || path === '.git' || path.endsWith('/.git')
      ? 'it is another repository or worktree'
      : undefined;
  const all = await listTree(from, starts, { signal, leaveOut });
  const doubtful = [...all.files, ...all.links]
    .map(({ path }) => path)
    .filter((path) => partly.some((entry) => path.startsWith(entry)));
  const ignored = await ignoredAmong(to, doubtful);
  const refused = new Set(doubtful.filter((path) => !ignored.has(path)));
  const reasonFor = (path: string) => {
    if (refused.has(path)) return notIgnored;
    return lstatSync(join(to, path), { throwIfNoEntry: false }) && thereAlready;
  };
  const skipped: LeftOut[] = [...all.leftOut];
  const isNew = ({ path }: { readonly path: string }) => {
    const reason = reasonFor(path);
    if (reason !== undefined) skipped.push({ path, reason });
    return reason === undefined;
  };
  const files = all.files.filter(isNew);
  const links = all.links.filter(isNew);
  const bytes = files.reduce((sum, { stats }) => sum + stats.size, 0);
  return { listing: { ...all, files, links, bytes }, skipped };
}

/** What an error of the system means for the user; nothing is left of what was copied until then. */
async function carryError(
  error: unknown,
  { to, needed }: { readonly to: string; readonly needed: number },
): Promise<unknown> {
  if (hasCode(error, 'ENOSPC', 'EDQUOT')) {
    const { bavail, bsize } = await statfs(to);
    const room = `${size(needed)} are needed and ${size(bavail * bsize)} are left`;
    return new CoppiceError('COPPICE_DISK_FULL', `no ignored file was carried into ${to}: ${room}`, {
      hint: `free some space on that disk (df -h '${to}'; df -i for files), then run this again`,
      cause: error,
    });
  }
  if (!hasCode(error, 'EROFS', 'EACCES', 'EPERM', 'EIO')) return error;
  return new CoppiceError(
    'COPPICE_CANNOT_WRITE',
    `no ignored file was carried into ${to}: ${messageOf(error)}`,
    {
      hint: `make it possible to write there (ls -ld '${to}'), then run this again`,
      cause: error,
    },
  );
}

function progressOf(
  { files, bytes }: Listing,
  update: (text: string) => void,
): (done: { readonly files: number; readonly bytes: number }) => void {
  let shown = 0;
  return (done) => {
    const now = performance.now();
    if (now - shown < 200) return;
    shown = now;
    update(`${size(done.bytes)} of ${size(bytes)}, ${done.files} of ${counted(files.length, 'file')}`);
  };
}

function reportOf(result: {
  readonly listing: Listing;
  readonly copied: Copied;
  readonly entries: readonly IgnoredEntry[];
  readonly skipped: readonly LeftOut[];
}): CarryReport {
  const { listing, copied, entries, skipped } = result;
  const left = new Set([...skipped, ...copied.leftOut].map(({ path }) => path));
  const files = copied.files + listing.links.length;
  return {
    files,
    bytes: copied.bytes,
    ...(copied.files > 0 && { how: copied.how }),
    carried: entries.filter((entry) => !left.has(entry.replace(/\/$/, ''))),
    skipped: [...skipped, ...copied.leftOut],
  };
}
