import type { EnvironmentPlan, SqlitePlan } from '../../config/plan/plan.ts';
import { defined } from '../../core/defined.ts';
import { databaseName, environmentName } from '../../core/names.ts';
import { ownClients } from '../../resources/database/clients.ts';
import { resetSqlite, type SqliteReset } from '../../resources/sqlite-database/ensure.ts';
import { sqliteInputs } from '../../resources/sqlite-database/inputs.ts';
import { resetDatabase } from '../../servers/postgres/databases.ts';
import type { Replaced } from '../../servers/postgres/snapshots.ts';
import { requireClusterRecord } from '../clusters/require-record.ts';
import { confirm } from '../consent/confirm.ts';
import type { Ports } from '../ports.ts';
import { withTask } from '../screen.ts';
import { forgetRecord } from '../target/record-file.ts';
import { nameEnvironment, type Target } from '../target/target.ts';
import { type Administration, onServer } from './administer.ts';
import { environmentLogin, noDatabaseError } from './environment-login.ts';
import { inputsOf, planOf, templateWork } from './plan.ts';
import { type ReplaceOptions, sayPaused, withYes } from './replace.ts';

type ResetInputs = NonNullable<Awaited<ReturnType<typeof inputsOf>>>;

/** What replaced a database: a clone of its template, or with `engine: sqlite` a copy of the main worktree's file. */
export type DatabaseReset = Pick<EnvironmentPlan, 'app' | 'slug'> & (ClonedAgain | CopiedAgain);

interface ClonedAgain extends Replaced {
  readonly kind: 'postgres';
  readonly database: string;
}

interface CopiedAgain extends Pick<SqliteReset, 'origin' | 'milliseconds' | 'previous'> {
  readonly kind: 'sqlite';
  /** As coppice.yaml names it. */
  readonly name: string;
  readonly file: string;
  /** The main worktree's file, if there is one to copy. */
  readonly source: string | undefined;
}

/** Replaces a database by what coppice.yaml describes now. Throws COPPICE_NO_DATABASE, COPPICE_NOT_CONFIRMED. */
export async function reset(
  target: Target,
  { yes, endSessions, force }: ReplaceOptions,
  ports: Ports,
): Promise<DatabaseReset> {
  await nameEnvironment(target, ports.cwd);
  const record = await requireClusterRecord();
  const plan = await planOf(target, record, { yes: false }, ports);
  const whose = environmentName(plan.app, plan.slug);
  const inputs = await inputsOf(plan, record);
  if (plan.database === undefined) throw noDatabaseError(plan);
  await confirm(
    {
      question: `Replace the database of ${whose} with what coppice.yaml describes? Its rows are replaced, and its sessions end.`,
      yes: yes || force,
      refusal: `the database of ${whose} was not reset`,
      hint: withYes(['reset'], target, { endSessions }),
    },
    ports,
  );
  if (plan.database.engine === 'sqlite') return resetFile(plan, plan.database, ports);
  if (inputs === undefined) throw noDatabaseError(plan);
  return onServer(
    () => inputs.server,
    ports,
    (administration) =>
      // Who answered the question has agreed that sessions end.
      resetOnServer(administration, plan, inputs, force || endSessions || !yes, ports),
  );
}

async function resetOnServer(
  administration: Administration,
  plan: EnvironmentPlan,
  inputs: ResetInputs,
  force: boolean,
  ports: Ports,
): Promise<DatabaseReset> {
  const { app, slug } = plan;
  const { repository, branch, worktree } = plan.identity;
  const database = databaseName(app, slug);
  const { password } = await environmentLogin(administration.kube, plan);
  const own = await ownClients(administration.kube, plan.namespace);
  await sayPaused(administration.server, database, { force, own }, ports);
  // Its migrations may differ now: the next `up` has to check.
  await forgetRecord(app, slug);
  const replaced = await withTask(ports.screen, `reset of ${database}`, async (progress) => {
    const { template, work } = await templateWork(administration, inputs, progress);
    const owner = { app, environment: slug, repository, branch, worktree };
    return resetDatabase(administration.server, { name: database, password, owner, template }, work, {
      force,
      own,
    });
  });
  return { ...replaced, kind: 'postgres', app, slug, database };
}

/** Copies the main worktree's file again; the previous file stays beside it. */
async function resetFile(plan: EnvironmentPlan, database: SqlitePlan, ports: Ports): Promise<DatabaseReset> {
  const request = sqliteInputs(plan, database);
  const { origin, milliseconds, previous } = await withTask(ports.screen, `reset of ${database.file}`, () =>
    resetSqlite(request),
  );
  return {
    kind: 'sqlite',
    app: plan.app,
    slug: plan.slug,
    name: database.file,
    file: request.file,
    source: request.source,
    origin,
    milliseconds,
    ...defined({ previous }),
  };
}
