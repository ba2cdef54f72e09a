import { randomBytes } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { CoppiceError } from '../../core/errors.ts';
import { readIfPresent, writeAtomic, writeNew } from '../../core/files.ts';
import { type Paths, paths } from '../../core/paths.ts';
import { metaFile } from './backend-files.ts';

/**
 * Variables with which the engine finds state, plugins and passphrase: the same for `wt` and for `pulumi` by hand. They
 * depend on no branch or folder.
 */
export function pulumiVariables(places: Paths = paths()): Readonly<Record<string, string>> {
  return {
    PULUMI_HOME: places.pulumiHome,
    PULUMI_BACKEND_URL: `file://${places.pulumiState}`,
    PULUMI_CONFIG_PASSPHRASE_FILE: places.passphrase,
    // A worktree has no Pulumi.<stack>.yaml, so the state must contain what decrypts it.
    PULUMI_FALLBACK_TO_STATE_SECRETS_MANAGER: 'true',
    PULUMI_SKIP_UPDATE_CHECK: 'true',
    // Every update would leave a copy that is never removed.
    PULUMI_DIY_BACKEND_DISABLE_CHECKPOINT_BACKUPS: 'true',
  };
}

/**
 * Variables of an engine process that `wt` starts. A user's own PULUMI_* variables (another backend, a passphrase, a
 * stack) are left out: with them this environment's state would end up elsewhere.
 */
export function engineEnvironment(base: NodeJS.ProcessEnv, places: Paths = paths()): NodeJS.ProcessEnv {
  const kept = Object.fromEntries(Object.entries(base).filter(([name]) => !name.startsWith('PULUMI_')));
  return {
    ...kept,
    ...pulumiVariables(places),
    NO_COLOR: '1',
    // The toolchain installs the plugins; a missing one must not become a download in the middle of an update.
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: 'true',
    // Without it the CLI has no --event-log.
    PULUMI_DEBUG_COMMANDS: 'true',
  };
}

/** Creates the state's folders and, once, the random passphrase. */
export async function prepareState(places: Paths = paths()): Promise<void> {
  await mkdir(places.data, { recursive: true, mode: 0o700 });
  await Promise.all(
    [places.pulumiHome, places.pulumiState, places.logs].map((folder) =>
      mkdir(folder, { recursive: true, mode: 0o700 }),
    ),
  );
  await ensurePassphrase(places.passphrase);
  await forgetDamagedFormat(metaFile(places));
}

/**
 * The engine stops at a damaged `meta.yaml`, and writes one that is absent again. Nothing is lost with it: it holds the
 * number of the format alone, and which format it is shows in the folders beside it.
 */
async function forgetDamagedFormat(file: string): Promise<void> {
  if (await isFormatDamaged(file)) await rm(file, { recursive: true, force: true });
}

async function isFormatDamaged(file: string): Promise<boolean> {
  const text = await readIfPresent(file).catch(() => '');
  return text !== undefined && !/^version: *\d+\s*$/m.test(text);
}

/** The backend's format where that is damaged: the next engine that `wt` starts writes it again. */
export async function damagedFormat(places: Paths = paths()): Promise<string | undefined> {
  const file = metaFile(places);
  return (await isFormatDamaged(file)) ? file : undefined;
}

async function ensurePassphrase(file: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  await writeNew(file, `${randomBytes(32).toString('base64url')}\n`, 0o600);
  // The engine would take an empty one, and then read no state that was written with the right one.
  const text = await readIfPresent(file).catch(() => '');
  if (text !== undefined && !/^[\s\0]*$/.test(text)) return;
  throw new CoppiceError(
    'COPPICE_DAMAGED',
    `the passphrase of the state, ${file}, is damaged: it is empty or cannot be read`,
    {
      hint: `restore it from a backup; if no environment exists yet, delete it (rm -r '${file}')`,
    },
  );
}

/** Holds such a folder for each project that `wt` ran. */
export function ownProjectsFolder(places: Paths = paths()): string {
  return join(places.data, 'projects');
}

/** Where {@link projectFolder} is, or would be. */
export function projectFolderPath(project: string, places: Paths = paths()): string {
  return join(ownProjectsFolder(places), project);
}

/**
 * A folder that contains only that project's Pulumi.yaml. The engine requires one, and writes Pulumi.<stack>.yaml
 * beside it, which does not belong in a worktree.
 */
export async function projectFolder(project: string, places: Paths = paths()): Promise<string> {
  const folder = projectFolderPath(project, places);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const file = join(folder, 'Pulumi.yaml');
  const text = `name: ${project}\nruntime: nodejs\n`;
  // A damaged one is written again; what cannot be is reported by the write.
  if ((await readIfPresent(file).catch(() => undefined)) !== text) await writeAtomic(file, text, 0o644);
  return folder;
}
