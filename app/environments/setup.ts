import { readSetupFiles } from '../../config/files/setup.ts';
import { installManager, type PackageManagerName } from '../../config/packages/install-command.ts';
import { installedPackages } from '../../config/packages/installed.ts';
import { folderMark } from '../../core/files.ts';
import type { Identity } from '../../core/identity.ts';
import { withLock } from '../../core/lock.ts';
import { repositoryKey } from '../../core/state/moved-repositories.ts';
import { digest, requireAllowed } from '../consent/allowed-commands.ts';
import type { Ports } from '../ports.ts';
import { afterCopying, readCopied, writeCopied } from './copied-packages.ts';
import { runSetupCommand } from './setup-command.ts';
import { requireManagers } from './setup-managers.ts';
import {
  entriesOf,
  forgetEarlierRecord,
  madeSince,
  ranBefore,
  readSetupRecord,
  type SetupRecord,
  setupPlatform,
  setupRecordFile,
  whyNotThere,
  writeSetupRecord,
} from './setup-record.ts';

/** The commands of `setup:` in one worktree. */
export interface Setup {
  readonly app: string;
  readonly slug: string;
  /** Its repository counts for permission: what one may run, another may not. */
  readonly identity: Pick<Identity, 'repository' | 'worktree' | 'uid' | 'gid'>;
  /** Where they run. */
  readonly folder: string;
  readonly commands: readonly string[];
}

export interface SetupOptions {
  /** Runs the commands without asking. */
  readonly yes: boolean;
  /** Runs all of them, whatever is there. */
  readonly again: boolean;
}

/** Runs work while no process has the folder's files open. */
type Undisturbed = (work: () => Promise<void>) => Promise<void>;

/**
 * Runs those `setup:` commands on this machine whose result is not there: once a worktree, and again when their text,
 * the files that decide what they do, or node's interface change, and when what they made is gone. A command that only
 * installs packages is left out where `node_modules` is what the lock file lists. Asks before a text runs for the first
 * time: it comes from the repository, so from the branch's author. Throws COPPICE_SETUP_NOT_ALLOWED,
 * COPPICE_SETUP_FAILED, COPPICE_INTERRUPTED.
 */
export async function runSetup(
  setup: Setup,
  options: SetupOptions,
  ports: Ports,
  undisturbed: Undisturbed = (work) => work(),
): Promise<void> {
  if (setup.commands.length === 0) {
    if (options.again) ports.screen.note('coppice.yaml has no `setup:`, so there is nothing to run again');
    return;
  }
  // Another environment of this worktree may be on its way up: it has the same files.
  const file = await setupRecordFile(setup.identity.worktree);
  const wait = () => ports.screen.note('setup: waiting for another `wt up` of this worktree');
  await withLock(file, () => setUpLocked(setup, options, ports, undisturbed), wait);
}

async function setUpLocked(
  setup: Setup,
  options: SetupOptions,
  ports: Ports,
  undisturbed: Undisturbed,
): Promise<void> {
  const text = digest(repositoryKey(setup.identity.repository), ...setup.commands);
  const before = await readSetupRecord(setup);
  if (!options.again && (await isDone(setup, text, before))) return;
  const needed = options.again ? setup.commands : await neededCommands(setup, before, ports);
  if (needed.length === 0) return record(setup, text, before?.made ?? []);
  await requireManagers(needed, setup.folder, ports.env.PATH);
  await allow(setup, text, options.yes, ports);
  const entries = await entriesOf(setup.folder);
  await undisturbed(async () => {
    // From here on the folder is in between: an interrupted run must not count.
    await writeSetupRecord(setup, undefined);
    await forgetEarlierRecord(setup.app, setup.slug);
    for (const command of needed) await runSetupCommand({ ...setup, command }, ports);
    await writeCopied(setup, undefined);
    await record(setup, text, await madeSince(entries, setup.folder));
  });
}

/**
 * Records that `setup:` need not run where all that its commands would do is there, so that a change of the platform is
 * noticed later. Returns whether that is so. Runs nothing and asks nothing.
 */
export async function recordIfDone(setup: Setup, ports: Ports): Promise<boolean> {
  if (setup.commands.length === 0) return true;
  return withLock(await setupRecordFile(setup.identity.worktree), async () => {
    const before = await readSetupRecord(setup);
    if ((await neededCommands(setup, before, ports)).length > 0) return false;
    const text = digest(repositoryKey(setup.identity.repository), ...setup.commands);
    await record(setup, text, before?.made ?? ['node_modules']);
    return true;
  });
}

async function isDone(setup: Setup, text: string, before: SetupRecord | undefined): Promise<boolean> {
  const { folder, commands, identity } = setup;
  if (before === undefined) return ranBefore(setup, text, identity.worktree);
  const inputs = await readSetupFiles(commands, { folder, worktree: identity.worktree });
  return (
    before.text === text &&
    before.folder === folder &&
    before.platform === setupPlatform &&
    JSON.stringify(before.inputs) === JSON.stringify(inputs) &&
    (await whyNotThere(before)) === undefined
  );
}

/** All but those that install packages which are there already. */
async function neededCommands(
  { identity, commands, folder }: Setup,
  before: SetupRecord | undefined,
  ports: Ports,
): Promise<string[]> {
  // Native packages that were built for another node look the same.
  if (before !== undefined && before.platform !== setupPlatform) return [...commands];
  const needed: string[] = [];
  const copied = await readCopied({ identity, folder });
  for (const command of commands) {
    const manager = installManager(command);
    const found = manager && (await installedPackages(manager, folder));
    const left = found?.state === 'right' ? afterCopying(command, copied) : command;
    if (left !== undefined) needed.push(left);
    else ports.screen.note(`setup: ${command} is not needed, node_modules is what ${found?.lockFile} lists`);
  }
  return needed;
}

async function allow({ commands }: Setup, text: string, yes: boolean, ports: Ports): Promise<void> {
  const refusal = {
    code: 'COPPICE_SETUP_NOT_ALLOWED',
    message: 'the `setup:` commands were not allowed',
    again: 'wt up --yes',
  } as const;
  await requireAllowed({ commands, text, refusal }, yes, ports);
}

/** Afterwards, as `npm install` writes its lock file itself. */
async function record(setup: Setup, text: string, made: readonly string[]): Promise<void> {
  const { folder, commands, identity } = setup;
  const mark = await folderMark(folder);
  if (mark === undefined) return;
  await writeSetupRecord(setup, {
    text,
    inputs: await readSetupFiles(commands, { folder, worktree: identity.worktree }),
    platform: setupPlatform,
    folder,
    mark,
    made,
    right: await rightManagers(commands, folder),
  });
}

async function rightManagers(commands: readonly string[], folder: string): Promise<PackageManagerName[]> {
  const managers = [...new Set(commands.flatMap((command) => installManager(command) ?? []))];
  const found = await Promise.all(
    managers.map(async (manager) => ({ manager, ...(await installedPackages(manager, folder)) })),
  );
  return found.flatMap(({ manager, state }) => (state === 'right' ? [manager] : []));
}
