import { CoppiceError, ExitCode } from '../../../core/errors.ts';
import type { Ports } from '../../ports.ts';
import type { EnvironmentRef } from './environments.ts';
import type { DeleteOptions } from './options.ts';
import { type Risk, risk } from './risks.ts';

/**
 * What would be lost with the environments. With a cluster that does not answer nothing of it is lost now, and what runs
 * then stops the removal later.
 */
export async function environmentRisks(
  environments: readonly EnvironmentRef[],
  _options: Pick<DeleteOptions, 'keepData'>,
  ports: Ports,
): Promise<Risk[]> {
  if (environments.length === 0) return [];
  const { runningWorkflowsOf } = await import('../../environments/running-workflows.ts');
  const found = await Promise.all(
    environments.map((environment) => runningWorkflowsOf(environment, ports).catch(unlessUnreachable)),
  );
  return found.flatMap((running) => (running === undefined ? [] : [risk('workflows', running.text, [])]));
}

function unlessUnreachable(error: unknown): undefined {
  if (error instanceof CoppiceError && error.exitCode === ExitCode.unreachable) return undefined;
  throw error;
}
