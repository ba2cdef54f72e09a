import { lightKube } from '../../cluster/kube/light-kube.ts';
import { defined } from '../../core/defined.ts';
import { markTouched } from '../activity/mark-touched.ts';
import { checkReadiness } from '../clusters/readiness.ts';
import { stackDamage, unrest } from '../engine/index.ts';
import type { Ports } from '../ports.ts';
import { withAimedHints } from '../target/aimed-hints.ts';
import { pausedProblem } from '../workflows/paused.ts';
import { type KeptNamespace, namespaceProblem } from '../workflows/presence.ts';
import type { UpOptions } from './desired-environment.ts';
import { doubtsIn, type QuickAnswer, quickAnswer } from './quick-answer.ts';
import { type EnvironmentRecord, markConfirmed, readRecord } from './record.ts';
import { setupProblem } from './setup-record.ts';
import { type UpSource, upSourceOf } from './up-source.ts';

export interface EnvironmentUp {
  readonly record: EnvironmentRecord;
  /** Everything was up with the same content, so nothing was done. */
  readonly unchanged: boolean;
  /** How many resources were created, updated, deleted. */
  readonly changes: Readonly<Record<string, number>>;
  /** Why it is up and yet not simply so: a service that restarted lately. Empty when all is well. */
  readonly doubts: readonly string[];
}

/**
 * Brings an environment up. When its content is unchanged and everything answers, the engine is not even loaded. Throws
 * what `converge` and git throw.
 */
export async function up(options: UpOptions, ports: Ports): Promise<EnvironmentUp> {
  const { phases, screen } = ports;
  const source = await phases.measure('content', () => upSourceOf(options, ports.cwd));
  await markTouched(source.identity.worktree);
  const { record, answer, busy } = await phases.measure('look', () => tryQuickAnswer(source));
  if (answer.up && record && !options.refresh && !options.setup) {
    await markConfirmed(record);
    return { record, unchanged: true, changes: {}, doubts: answer.doubts };
  }
  if (!answer.up && record) screen.note(`${record.app}/${record.slug}: ${answer.reason}`);
  const healthy = record !== undefined && !busy && (await isHealthy(record, answer));
  const { converge } = await import('./converge.ts');
  const converged = await withAimedHints(options, () => converge(source, { ...options, healthy }, ports));
  return { ...converged, unchanged: false, doubts: await doubtsOf(converged.record) };
}

/** What `wt status` would say of an environment that was just brought up. */
async function doubtsOf({ ready }: EnvironmentRecord): Promise<string[]> {
  return doubtsIn(await checkReadiness(ready));
}

interface Look {
  readonly record?: EnvironmentRecord;
  readonly answer: QuickAnswer;
  /** Another run changes it or was killed, so that what answers now proves nothing. */
  readonly busy: boolean;
}

async function tryQuickAnswer({ likely, contentHash, identity, specFolder }: UpSource): Promise<Look> {
  const record = await readRecord(likely.app, likely.slug);
  const mine =
    record?.branch === identity.branch && record.worktree === identity.worktree ? record : undefined;
  const stack = { project: likely.app, stack: likely.slug };
  const damage = await stackDamage(stack);
  const problem = damage
    ? `its state ${damage.file} is damaged`
    : mine && (await setupProblem({ identity, folder: specFolder }));
  if (problem !== undefined)
    return { ...defined({ record: mine }), answer: { up: false, reason: problem }, busy: false };
  const askTemporal = (kept: KeptNamespace) => temporalProblem(kept, mine?.ready);
  const answer = await quickAnswer(mine, contentHash, checkReadiness, askTemporal);
  // After the look: another run may have begun while it took place.
  const busy = await unrest(stack);
  if (busy === undefined) return { ...defined({ record: mine }), answer, busy: false };
  return { ...defined({ record: mine }), answer: { up: false, reason: busy }, busy: true };
}

/** Why an environment's part in Temporal is not what an `up` leaves. */
async function temporalProblem(
  kept: KeptNamespace,
  ready: EnvironmentRecord['ready'] | undefined,
): Promise<string | undefined> {
  const lost = await namespaceProblem(kept);
  if (lost !== undefined || ready === undefined) return lost;
  const { kubeconfig, context, namespace } = ready;
  return pausedProblem(await lightKube({ kubeconfig, context }), namespace);
}

/** Whether the cluster can be trusted to match the state, so that changed content needs no refresh. */
async function isHealthy(record: EnvironmentRecord, answer: QuickAnswer): Promise<boolean> {
  if (answer.up) return true;
  return (await quickAnswer({ ...record, ownProgram: false }, record.contentHash, checkReadiness)).up;
}
