import type { PackageManagerName } from '../../config/packages/install-command.ts';
import { isOnPath, throughNpx, wantedManager, waysToInstall } from '../../config/packages/obtain.ts';
import { CoppiceError } from '../../core/errors.ts';

/**
 * Stops before a service does if this machine lacks the package manager of a command, and says how to get it. Throws
 * COPPICE_SETUP_FAILED.
 */
export async function requireManagers(
  commands: readonly string[],
  folder: string,
  path: string | undefined,
): Promise<void> {
  for (const command of commands) {
    const name = managerCalled(command);
    // It may install what the ones after it need, as `corepack enable` does.
    if (name === undefined) return;
    if (await isOnPath(name, path)) continue;
    const wanted = await wantedManager(name, folder);
    const install = waysToInstall(wanted, await isOnPath('corepack', path));
    const options = command.trim().slice(name.length).trim();
    throw new CoppiceError(
      'COPPICE_SETUP_FAILED',
      `\`${command}\` of setup: needs ${name}, which is not on this machine`,
      { hint: `${install}, or write \`${throughNpx(wanted, options)}\` in coppice.yaml` },
    );
  }
}

/** The one that a command begins with. */
function managerCalled(command: string): PackageManagerName | undefined {
  const [, first] = /^\s*(pnpm|yarn|bun)(?=\s|$)/.exec(command) ?? [];
  return first as PackageManagerName | undefined;
}
