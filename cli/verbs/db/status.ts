import { verb } from '../../define.ts';
import { targetOf, targetOptions } from '../target.ts';

export const status = verb({
  usage: 'status',
  summary: 'which migrations the database of each worktree has, conflicts, and what a dump lost',
  about:
    'Warns when two branches add different migrations with the same number or name. Lists what was left out of a dump, with its line there and why. Changes nothing. Ends with 1 when there is a conflict, or when a migration was edited or removed after it ran.',
  options: targetOptions,
  run: async (_, named, ports) => {
    const [{ migrationsOfApp }, { migrationReport }] = await Promise.all([
      import('../../../app/databases/migrations.ts'),
      import('../../ui/migrations.ts'),
    ]);
    return migrationReport(await migrationsOfApp(targetOf(named), ports), Date.now());
  },
});
