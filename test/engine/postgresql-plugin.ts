import { existsSync } from 'node:fs';
import { mkdir, symlink } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { postgresqlVersion } from '../../infra/environment/postgresql/plugin.ts';

const program = 'pulumi-resource-postgresql';
const placeIn = (pulumiHome: string) =>
  join(pulumiHome, 'plugins', `resource-postgresql-v${postgresqlVersion}`, program);

/**
 * The plugin of @pulumi/postgresql, which is in no toolchain: where `pulumi plugin install` installs it with and
 * without `eval "$(wt env)"`, or on PATH. Undefined when it is not installed.
 */
export function postgresqlPlugin(env: NodeJS.ProcessEnv = process.env): string | undefined {
  const home = env.HOME ?? homedir();
  // Not XDG_DATA_HOME: `npm test` has its own.
  const homes = [
    env.PULUMI_HOME ?? '',
    join(home, '.local', 'share', 'coppice', 'pulumi'),
    join(home, '.pulumi'),
  ];
  const installed = homes.filter((folder) => folder !== '').map(placeIn);
  const onPath = (env.PATH ?? '').split(delimiter).map((folder) => join(folder, program));
  return [...installed, ...onPath].find((file) => existsSync(file));
}

/** Links it for an engine with its own PULUMI_HOME. */
export async function linkPostgresqlPlugin(pulumiHome: string, plugin: string): Promise<void> {
  const place = placeIn(pulumiHome);
  await mkdir(dirname(place), { recursive: true });
  if (!existsSync(place)) await symlink(plugin, place);
}
