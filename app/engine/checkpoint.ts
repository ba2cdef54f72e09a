import { copyFile, link, lstat, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { CoppiceError, hasCode, messageOf } from '../../core/errors.ts';
import { namesIn, unlessAbsent, writeAtomic } from '../../core/files.ts';
import { type Paths, paths } from '../../core/paths.ts';
import { isOfNewer, parseWhole } from '../../core/state/state-file.ts';
import {
  backupOf,
  compressedStateFile,
  copyBefore,
  historyFolder,
  isCheckpoint,
  type StackName,
  stateFile,
  updateOfFile,
} from './backend-files.ts';

export interface StackResource {
  readonly urn: string;
  readonly type: string;
  /** The program says that it must not be deleted. */
  readonly protect?: boolean;
  readonly outputs?: Readonly<Record<string, unknown>>;
}

/** The part that we read of what the file backend writes: `apitype.VersionedCheckpoint` in pulumi/pulumi. */
interface Checkpoint {
  readonly checkpoint: {
    /** Absent in a stack that never was updated. */
    readonly latest?: {
      readonly manifest?: { readonly time?: string };
      readonly resources?: readonly StackResource[];
      readonly pending_operations?: readonly { readonly type: string }[];
    };
  };
}

/** The newest format that we can read: 4 is 3 with a list of features. */
const NEWEST = 4;

/** What a checkpoint's file holds. */
type Reading =
  | { readonly file: string; readonly checkpoint: Checkpoint; readonly text: string }
  | { readonly file: string; readonly problem: string };

type Whole = Extract<Reading, { readonly text: string }>;

/** A stack's state as it can be read. */
interface Found {
  /** What was read: the state's own file or a copy of it. */
  readonly file: string;
  readonly checkpoint: Checkpoint;
  /** The state's own file and what is wrong with it, where a copy was read. */
  readonly damaged?: Omit<Damage, 'copy'>;
  readonly text: string;
}

/** A damaged state that a whole copy has replaced. */
export interface RestoredStack {
  /** Where the damaged file is kept. */
  readonly aside: string;
  /** The copy that took its place, and when the engine wrote it (ISO time). */
  readonly copy: string;
  readonly from: string | undefined;
}

/**
 * The state of a stack, or else its newest whole copy; undefined when there is no such stack. Throws COPPICE_DAMAGED
 * when neither the state nor a copy is whole.
 */
export async function findCheckpoint(name: StackName, places: Paths = paths()): Promise<Found | undefined> {
  const own = await ownFile(name, places);
  if (own === undefined) return undefined;
  if ('text' in own) return own;
  const copy = isOfNewer(own.problem) ? undefined : await newestCopy(own.file, name, places);
  if (copy === undefined) throw damagedError(name, own, places);
  return { ...copy, damaged: own };
}

/** The damaged state file of a stack and what is wrong with it, though a copy is whole; throws COPPICE_DAMAGED. */
export async function stackDamage(name: StackName, places: Paths = paths()): Promise<Damage | undefined> {
  const found = await findCheckpoint(name, places);
  return found?.damaged && { ...found.damaged, copy: found.file };
}

/** A state that is damaged, and the whole copy that will replace it. */
interface Damage {
  readonly file: string;
  readonly problem: string;
  readonly copy: string;
}

/**
 * Puts the newest whole copy in the place of a damaged state, which is kept beside it; undefined when nothing is
 * damaged. Only for who holds the stack. Throws COPPICE_DAMAGED, and what writing throws.
 */
export async function restoreStack(
  name: StackName,
  places: Paths = paths(),
): Promise<RestoredStack | undefined> {
  const found = await findCheckpoint(name, places);
  if (found?.damaged === undefined) return undefined;
  const { file } = found.damaged;
  const aside = `${file}.damaged-${new Date().toISOString().replace(/[:.]/g, '-')}`;
  const target = file.replace(/\.gz$/, '');
  const whole = `${target}.whole`;
  // Written first: without room for it, nothing has changed.
  await writeAtomic(whole, found.text);
  await keepAside(file, aside);
  await rename(whole, target);
  if (target !== file) await rm(file, { force: true });
  return { aside, copy: found.file, from: found.checkpoint.checkpoint.latest?.manifest?.time };
}

/**
 * Gives a damaged state its second name and leaves it in its place, as at no moment may there be none: whoever looks next
 * would take the stack for a removed one. A folder has only one name; file systems without hard links get a copy.
 */
async function keepAside(file: string, aside: string): Promise<void> {
  if ((await lstat(file)).isDirectory()) return rename(file, aside);
  await link(file, aside).catch(() => copyFile(file, aside));
}

/** The state that the backend would read: of a plain and a compressed one, the newer. */
async function ownFile(name: StackName, places: Paths): Promise<Reading | undefined> {
  const files = [stateFile(name, places), compressedStateFile(name, places)];
  const times = await Promise.all(files.map(writtenTime));
  const [plain = -1, compressed = -1] = times;
  return readCheckpoint((compressed > plain ? files[1] : files[0]) as string);
}

/** Milliseconds since 1970; -1 when there is no such file, 0 when that cannot be told: reading it says why. */
async function writtenTime(file: string): Promise<number> {
  return (await unlessAbsent(stat(file)).catch(() => ({ mtimeMs: 0 })))?.mtimeMs ?? -1;
}

/**
 * The newest whole one of the backend's own backup, the copies that updates left, and ours. A copy without a deployment says
 * that nothing was created yet, which only a stack without updates can say.
 */
async function newestCopy(file: string, name: StackName, places: Paths): Promise<Whole | undefined> {
  const folder = historyFolder(name, places);
  const updates = (await namesIn(folder)).filter(isCheckpoint);
  updates.sort((a, b) => updateOfFile(b).localeCompare(updateOfFile(a)));
  const firstWhole = async (files: readonly string[]): Promise<Whole[]> => {
    for (const one of files) {
      const reading = await readCheckpoint(one);
      if (reading === undefined || !('text' in reading)) continue;
      if (reading.checkpoint.checkpoint.latest !== undefined || updates.length === 0) return [reading];
    }
    return [];
  };
  const history = updates.map((update) => join(folder, update));
  const copies = await Promise.all([[backupOf(file)], history, [copyBefore(name, places)]].map(firstWhole));
  return copies
    .flat()
    .reduce<Whole | undefined>(
      (newest, copy) => (newest === undefined || writtenAt(copy) > writtenAt(newest) ? copy : newest),
      undefined,
    );
}

/**
 * Keeps what a state is before an engine works on it: a disk that becomes full leaves both the state and the backend's own
 * backup empty, and the history has nothing of a first update. Throws what writing throws.
 */
export async function keepCopy(name: StackName, places: Paths = paths()): Promise<void> {
  const found = await findCheckpoint(name, places);
  if (found !== undefined) await writeAtomic(copyBefore(name, places), found.text);
}

/** Milliseconds since 1970; 0 where the engine has written no time. */
function writtenAt({ checkpoint }: Whole): number {
  return Date.parse(checkpoint.checkpoint.latest?.manifest?.time ?? '') || 0;
}

async function readCheckpoint(file: string): Promise<Reading | undefined> {
  let text: string;
  try {
    const bytes = await unlessAbsent(readFile(file));
    if (bytes === undefined) return undefined;
    text = (bytes[0] === 0x1f && bytes[1] === 0x8b ? await promisify(gunzip)(bytes) : bytes).toString('utf8');
  } catch (error) {
    return {
      file,
      problem: hasCode(error, 'EISDIR') ? 'it is a folder' : `it cannot be read: ${messageOf(error)}`,
    };
  }
  const { value, problem } = parseWhole(text, { checkpoint: 'object' }, NEWEST);
  if (problem !== undefined) return { file, problem };
  // Its one field was checked, what is in it follows.
  const checkpoint = value as Checkpoint;
  const { latest } = checkpoint.checkpoint;
  const resources = latest?.resources ?? [];
  if ((latest !== undefined && typeof latest !== 'object') || !Array.isArray(resources)) {
    return { file, problem: 'it has no list of resources' };
  }
  return { file, checkpoint, text };
}

function damagedError(
  { project, stack }: StackName,
  { file, problem }: { readonly file: string; readonly problem: string },
  places: Paths,
): CoppiceError {
  const history = historyFolder({ project, stack }, places);
  const hint = isOfNewer(problem)
    ? 'use the coppice that wrote it'
    : `restore it from a backup of ${places.pulumiState}; if you have none, move it away (mv '${file}' '${file}.damaged'); \`wt up\` then adopts what is in its namespace`;
  return new CoppiceError(
    'COPPICE_DAMAGED',
    `the state of ${project}/${stack}, ${file}, is damaged: ${problem}; neither ${backupOf(file)} nor ${history} has a whole copy`,
    { hint },
  );
}
