import { CoppiceError, ExitCode, messageOf } from '../../../core/errors.ts';
import { interruptible } from '../../../core/interrupts.ts';
import { databaseName } from '../../../core/names.ts';
import { counted } from '../../../core/text/counted.ts';
import type { OwnRows, WrittenTable } from '../../../servers/postgres/databases.ts';
import type { Ports } from '../../ports.ts';
import { withTask } from '../../screen.ts';
import type { EnvironmentRef } from './environments.ts';
import type { DeleteOptions } from './options.ts';
import { type Risk, risk } from './risks.ts';

/**
 * What would be lost with the environments. With a cluster that does not answer nothing of it is lost now, and what runs
 * then stops the removal later; only `keepData` wants to know now, so that what cannot be asked is a risk.
 */
export async function environmentRisks(
  environments: readonly EnvironmentRef[],
  { keepData }: Pick<DeleteOptions, 'keepData'>,
  ports: Ports,
): Promise<Risk[]> {
  if (environments.length === 0) return [];
  const [workflows, data] = await Promise.all([
    Promise.all(environments.map((environment) => workflowRisk(environment, ports))),
    keepData ? dataRisks(environments, ports) : [],
  ]);
  return [...workflows, ...data].flatMap((one) => one ?? []);
}

async function workflowRisk(environment: EnvironmentRef, ports: Ports): Promise<Risk | undefined> {
  const { runningWorkflowsOf } = await import('../../environments/running-workflows.ts');
  const running = await runningWorkflowsOf(environment, ports).catch(unlessUnreachable);
  return running && risk('workflows', running.text, []);
}

function unlessUnreachable(error: unknown): undefined {
  if (error instanceof CoppiceError && error.exitCode === ExitCode.unreachable) return undefined;
  throw error;
}

function dataRisks(
  environments: readonly EnvironmentRef[],
  { interrupts, screen }: Ports,
): Promise<(Risk | undefined)[]> {
  return interruptible(interrupts, (signal) =>
    withTask(screen, 'look for rows of its own in the database', () =>
      Promise.all(environments.map((environment) => dataRisk(environment, signal))),
    ),
  );
}

async function dataRisk({ app, slug }: EnvironmentRef, signal: AbortSignal): Promise<Risk | undefined> {
  const [{ readStack }, { databaseOf }] = await Promise.all([
    import('../../engine/index.ts'),
    import('../../databases/kept-database.ts'),
  ]);
  const inputs = databaseOf(await readStack({ project: app, stack: slug }));
  if (inputs === undefined) return undefined;
  const name = databaseName(inputs.app, inputs.environment);
  const [{ connectCluster }, { withServer }, { ownRows }] = await Promise.all([
    import('../../clusters/connection.ts'),
    import('../../../servers/postgres/reach.ts'),
    import('../../../servers/postgres/databases.ts'),
  ]);
  try {
    const { kube } = await connectCluster();
    const found = await withServer(kube, inputs, signal, (server) => ownRows(server, name, signal));
    return databaseRisk(name, found);
  } catch (error) {
    if (signal.aborted) throw error;
    return databaseRisk(name, { kind: 'unknown', why: messageOf(error) });
  }
}

/** So many tables are named. */
const namedTables = 8;

/**
 * For people: which rows only this database has.
 *
 * @internal Exported for its test, which passes what a server said.
 */
export function databaseRisk(name: string, found: OwnRows): Risk | undefined {
  if (found.kind === 'none') return undefined;
  if (found.kind === 'unknown')
    return risk('data', `the database ${name} may hold rows of its own: ${found.why}`, []);
  const { tables } = found;
  const rest = tables.length - namedTables;
  return risk('data', `the database ${name} was written to since its clone`, [
    ...tables.slice(0, namedTables).map(tableText),
    ...(rest > 0 ? [`and ${rest} more`] : []),
  ]);
}

function tableText({ table, inserted, updated, deleted }: WrittenTable): string {
  const counts = [
    [inserted, 'inserted'],
    [updated, 'updated'],
    [deleted, 'deleted'],
  ] as const;
  const parts = counts.flatMap(([count, word]) => (count === 0 ? [] : [`${counted(count, 'row')} ${word}`]));
  return `${table}: ${parts.join(', ')}`;
}
