import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { writeNew } from '../../core/files.ts';
import { type Paths, paths } from '../../core/paths.ts';

/**
 * What the engine must know to find state, plugins and passphrase: the same for `wt` and for `pulumi` by hand.
 * Nothing here depends on a branch or a folder.
 */
export function pulumiVariables(places: Paths = paths()): Readonly<Record<string, string>> {
  return {
    PULUMI_HOME: places.pulumiHome,
    PULUMI_BACKEND_URL: `file://${places.pulumiState}`,
    PULUMI_CONFIG_PASSPHRASE_FILE: places.passphrase,
    // A worktree keeps no Pulumi.<stack>.yaml, so the state must know how to open itself.
    PULUMI_FALLBACK_TO_STATE_SECRETS_MANAGER: 'true',
    PULUMI_SKIP_UPDATE_CHECK: 'true',
    // Every update would leave a copy that nothing ever removes.
    PULUMI_DIY_BACKEND_DISABLE_CHECKPOINT_BACKUPS: 'true',
  };
}

/**
 * Environment of an engine process that `wt` starts. A user's own PULUMI_* variables (another backend, a passphrase, a
 * stack) are left out: they would lead this environment's state somewhere else.
 */
export function engineEnvironment(base: NodeJS.ProcessEnv, places: Paths = paths()): NodeJS.ProcessEnv {
  const kept = Object.fromEntries(Object.entries(base).filter(([name]) => !name.startsWith('PULUMI_')));
  return {
    ...kept,
    ...pulumiVariables(places),
    NO_COLOR: '1',
    // The toolchain brings the plugins; a missing one must not become a download in the middle of an update.
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: 'true',
    // Without it the CLI has no --event-log.
    PULUMI_DEBUG_COMMANDS: 'true',
  };
}

/** Makes the folders of the state and, once, the random passphrase. */
export async function prepareState(places: Paths = paths()): Promise<void> {
  await mkdir(places.data, { recursive: true, mode: 0o700 });
  await Promise.all(
    [places.pulumiHome, places.pulumiState, places.logs].map((folder) =>
      mkdir(folder, { recursive: true, mode: 0o700 }),
    ),
  );
  await ensurePassphrase(places.passphrase);
}

async function ensurePassphrase(file: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  await writeNew(file, `${randomBytes(32).toString('base64url')}\n`, 0o600);
}

/**
 * A folder with nothing but a Pulumi.yaml of that project: the engine wants one, and writes Pulumi.<stack>.yaml beside
 * it, which has no place in a worktree.
 */
export async function projectFolder(project: string, places: Paths = paths()): Promise<string> {
  const folder = join(places.data, 'projects', project);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await writeNew(join(folder, 'Pulumi.yaml'), `name: ${project}\nruntime: nodejs\n`);
  return folder;
}
