import type { EnvironmentPlan, SqlitePlan } from '../../config/plan/plan.ts';
import { environmentName } from '../../core/names.ts';
import { resetSqlite } from '../../resources/sqlite-database/ensure.ts';
import type { Ports, Result } from '../ports.ts';
import { progressing } from './progressing.ts';

/** `engine: sqlite`: a new copy of the main worktree's file; what was there stays beside it. */
export async function resetFile(plan: EnvironmentPlan, database: SqlitePlan, ports: Ports): Promise<Result> {
  const { app, slug } = plan;
  // With it comes the SDK of Pulumi, which is slow to load.
  const { sqliteInputs } = await import('../../resources/sqlite-database/inputs.ts');
  const request = sqliteInputs(plan, database);
  const { origin, milliseconds, previous } = await progressing(`reset of ${database.file}`, ports, () =>
    resetSqlite(request),
  );
  const what = origin === 'empty' ? 'is gone: there is none to copy' : `is a new copy of ${request.source}`;
  return {
    text: [
      `${database.file} of ${environmentName(app, slug)} ${what}`,
      ...(previous === undefined ? [] : [`  what was there is kept as ${previous}`]),
      '  services still have the old file open: wt stop, then wt start',
    ].join('\n'),
    json: { app, environment: slug, file: request.file, origin, milliseconds, previous },
  };
}
