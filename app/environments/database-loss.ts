import type { EnvironmentPlan } from '../../config/plan/plan.ts';
import { CoppiceError } from '../../core/errors.ts';
import { databaseOf } from '../databases/kept-database.ts';
import { readStack, type StackName } from '../engine/index.ts';

/**
 * A section that was deleted by mistake, or is not on this branch yet, must not delete the rows; another server would
 * have another database, without them. Throws COPPICE_DATABASE_LOST unless dropping was allowed.
 */
export async function refuseDatabaseLoss(
  stack: StackName,
  { app, slug, database }: EnvironmentPlan,
  { dropDatabase }: { readonly dropDatabase: boolean },
): Promise<void> {
  if (dropDatabase) return;
  const lost = databaseOf(await readStack(stack));
  if (lost === undefined) return;
  const { name } = lost.database;
  const databaseLostError = (what: string, hint: string) =>
    new CoppiceError('COPPICE_DATABASE_LOST', `${app}/${slug} has the database ${name}${what}`, {
      hint: `${hint}, or delete the database: wt up --drop-database`,
    });
  if (database?.engine !== 'postgres')
    throw databaseLostError(', and coppice.yaml no longer has one in PostgreSQL', 'restore the section');
  const { kind } = lost.server;
  if (kind !== database.server)
    throw databaseLostError(
      ` on the server \`${kind}\`, and coppice.yaml says \`${database.server}\`: its rows do not come along`,
      `restore \`server: ${kind}\``,
    );
}
