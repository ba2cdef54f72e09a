import { CoppiceError } from '../../config/errors.ts';
import type { EnvironmentPlan } from '../../config/plan.ts';
import { readStack, type StackName } from '../engine/stack-state.ts';
import { databaseOf } from './kept-database.ts';

/**
 * A section that was deleted by mistake, or is not on this branch yet, must not take the rows with it.
 * Throws COPPICE_DATABASE_LOST unless dropping was asked for.
 */
export async function refuseLostDatabase(
  stack: StackName,
  { app, slug, database }: EnvironmentPlan,
  { dropDatabase }: { readonly dropDatabase: boolean },
): Promise<void> {
  if (dropDatabase || database?.engine === 'postgres') return;
  const lost = databaseOf(await readStack(stack));
  if (lost === undefined) return;
  throw new CoppiceError(
    'COPPICE_DATABASE_LOST',
    `${app}/${slug} has the database ${lost.database.name}, and coppice.yaml has none in PostgreSQL any more`,
    { hint: 'write it again, or delete the database: wt up --drop-database' },
  );
}
