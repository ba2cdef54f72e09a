import { connect } from '../../cluster/kube/client.ts';
import type { EnvironmentPlan } from '../../config/plan/plan.ts';
import type { Settings } from '../../config/settings/settings.ts';
import { CoppiceError, ExitCode } from '../../core/errors.ts';
import { environmentName } from '../../core/names.ts';
import type { ClusterRecord } from '../../core/state/cluster-record.ts';
import type { TemporalInputs, TemporalOutputs } from '../../resources/temporal-namespace/contract.ts';
import { temporalInputs } from '../../resources/temporal-namespace/inputs.ts';
import { createsNamespaces } from '../../servers/temporal/place.ts';
import { readStack, type StackName } from '../engine/index.ts';
import type { Ports } from '../ports.ts';
import type { Target } from '../target/target.ts';
import { verbLine } from '../target/verb-line.ts';
import { temporalOf } from '../workflows/resource.ts';
import { countRunning, type Running, runningText } from '../workflows/running.ts';

/** Where an `up` is about to run, and what it may drop. */
export interface TemporalChange {
  readonly cluster: ClusterRecord;
  readonly managed: NonNullable<Settings['temporal']>['managed'];
  readonly dropTemporal: boolean;
  /** How the environment was named. */
  readonly target: Target;
}

/**
 * A section that was deleted by mistake, or is not on this branch yet, must not delete running workflows; nor must
 * another server or another name, which do not have them. Throws COPPICE_TEMPORAL_LOST unless dropping was allowed and
 * the server answers.
 */
export async function refuseTemporalLoss(
  stack: StackName,
  plan: EnvironmentPlan,
  { cluster, managed, dropTemporal, target }: TemporalChange,
  ports: Ports,
): Promise<void> {
  const before = temporalOf(await readStack(stack));
  if (before === undefined) return;
  const loss = lossOf(before, temporalInputs(plan, cluster, managed));
  if (loss === undefined) return;
  const kube = await connect({ kubeconfig: cluster.kubeconfig, context: cluster.context });
  const found = await countRunning(kube, cluster, before, ports);
  if (!dropTemporal || found.kind === 'unknown') refuseLoss(plan, before, loss, found, target);
}

/**
 * Why the previous namespace would be lost, for people; undefined when it stays.
 *
 * @internal Exported for its test, which passes facts from other machines.
 */
export function lossOf(before: TemporalOutputs, after: TemporalInputs | undefined): string | undefined {
  if (!createsNamespaces(before.server)) return undefined;
  if (after === undefined) return 'coppice.yaml no longer has `temporal:`';
  const { kind } = before.server;
  if (kind !== after.server.kind) return `coppice.yaml says \`server: ${after.server.kind}\``;
  return before.temporal.namespace === after.temporal.namespace
    ? undefined
    : `its name is ${after.temporal.namespace} now`;
}

/**
 * Workflows that cannot be counted may be running, and nothing would find them later: that is always refused.
 *
 * @internal Exported for its test, which passes facts from other machines.
 */
export function refuseLoss(
  { app, slug }: Pick<EnvironmentPlan, 'app' | 'slug'>,
  { temporal }: TemporalOutputs,
  loss: string,
  found: Running,
  target: Target,
): void {
  const { namespace } = temporal;
  if (found.kind === 'counted' && found.count + found.schedules === 0) return;
  const temporalLostError = (what: string, hint: string, exitCode: ExitCode) =>
    new CoppiceError('COPPICE_TEMPORAL_LOST', `${environmentName(app, slug)}: ${loss}, and ${what}`, {
      hint: `restore it, or ${hint}`,
      exitCode,
    });
  if (found.kind === 'unknown')
    throw temporalLostError(
      `the Temporal namespace ${namespace} cannot be checked (${found.why})`,
      'run this again when the server answers: `wt doctor`',
      ExitCode.unreachable,
    );
  throw temporalLostError(
    runningText(found, namespace),
    `delete the namespace with what runs in it: ${verbLine('up', target, '--drop-temporal')}`,
    ExitCode.problem,
  );
}
