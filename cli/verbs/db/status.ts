import { onDatabase } from '../../../app/databases/administer.ts';
import { samePlace, worktreeMigrations } from '../../../app/databases/worktree-migrations.ts';
import type { Command } from '../../../app/ports.ts';
import { identify } from '../../../git/identity.ts';
import { markedAs, marks } from '../../../servers/postgres/marks/mark.ts';
import { migrationReport } from '../../ui/migrations.ts';
import type { Target } from '../../verb.ts';

export const status: Command<Target> = (target, ports) =>
  onDatabase(target, ports, async ({ server, environment: { app, specFolder } }) => {
    const clones = markedAs(await marks(server), 'clone').filter(({ mark }) => mark.app === app);
    const here = specFolder === undefined ? undefined : await whereIs(specFolder);
    const environments = await Promise.all(
      clones.map(async ({ name, mark: { environment, branch, worktree, migrations } }) => ({
        ...{ environment, branch, database: name, applied: migrations },
        files: await worktreeMigrations(app, here ? samePlace(here, worktree) : worktree),
      })),
    );
    return migrationReport(app, environments);
  });

async function whereIs(folder: string) {
  const { worktree } = await identify(folder);
  return { worktree, folder };
}
