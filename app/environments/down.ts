import type { Kube } from '../../cluster/kube/client.ts';
import { defined } from '../../core/defined.ts';
import { type ClusterRecord, readClusterRecord } from '../../core/state/cluster-record.ts';
import { forgetOrigin } from '../../core/state/origin.ts';
import { leaveTemporal, type TemporalInputs } from '../../resources/temporal-namespace/contract.ts';
import { callCluster, connectTo } from '../clusters/connection.ts';
import { requireClusterRecord } from '../clusters/require-record.ts';
import { databaseOf, type KeptDatabase, keptDatabase } from '../databases/kept-database.ts';
import {
  engineDestroy,
  ensureEngine,
  forgetEngineLogs,
  forgetRemoved,
  forgetSalt,
  holdStack,
  readStack,
  type StackState,
} from '../engine/index.ts';
import { sweepAgain } from '../platform/after-restart.ts';
import type { Ports } from '../ports.ts';
import { requireMeant } from '../target/meant.ts';
import { requireOwn } from '../target/ownership.ts';
import { forgetRecord } from '../target/record-file.ts';
import { type EnvironmentName, nameEnvironment, type Target } from '../target/target.ts';
import type { PurgedTelemetry } from '../telemetry/purge.ts';
import { leftoverInputs, releaseTemporal } from '../workflows/release.ts';
import { temporalOf } from '../workflows/resource.ts';
import { refuseRunning } from '../workflows/running.ts';
import { type Fate, fateOf, type NamespaceToRemove, namespaceToRemove } from '../workflows/running-check.ts';
import { existingClaim, releaseLeftover } from './claim.ts';
import { forgetLeftovers } from './leftovers.ts';
import { type ObservedEnvironment, observe } from './observe.ts';

export interface DownOptions extends Target {
  /** Continues although workflows run: they are deleted with their namespace. */
  readonly force: boolean;
  /** Deletes its telemetry too, also of an environment that is gone. */
  readonly purge?: boolean;
}

/** `removed` is undefined when there was nothing. */
export interface EnvironmentDown {
  readonly name: EnvironmentName;
  readonly removed: RemovedEnvironment | undefined;
  /** With `purge`; absent without a cluster. */
  readonly telemetry?: PurgedTelemetry;
}

export interface RemovedEnvironment {
  /** The environment before; undefined when its namespace was already gone. */
  readonly seen: ObservedEnvironment | undefined;
  readonly kept: KeptDatabase | undefined;
  readonly temporal: RemovedTemporal | undefined;
}

export interface RemovedTemporal extends NamespaceToRemove {
  readonly fate: Fate;
}

/** An environment that is being removed, and the cluster that it is in. */
interface Removal {
  readonly name: EnvironmentName;
  readonly state: StackState | undefined;
  readonly kube: Kube;
  readonly record: ClusterRecord;
}

/**
 * Removes an environment with its stack. A missing one is no error, unless its app is known nowhere; the worktree and its
 * files stay. Throws COPPICE_NO_ENVIRONMENT, COPPICE_CLAIMED, COPPICE_WORKFLOWS_RUNNING, COPPICE_NO_CLUSTER, COPPICE_CLUSTER_DOWN, and what the engine throws.
 */
export async function down(options: DownOptions, ports: Ports): Promise<EnvironmentDown> {
  const began = new Date();
  const name = await nameEnvironment(options, ports.cwd);
  const done = await downOf(name, began, options, ports);
  if (done.removed === undefined && options.environment !== undefined)
    await requireMeant(options.environment, ports.cwd);
  const telemetry = options.purge ? await purged(name, ports) : undefined;
  return { ...done, ...defined({ telemetry }) };
}

/** After its last process has ended, so that little comes later. */
async function purged({ namespace }: EnvironmentName, ports: Ports): Promise<PurgedTelemetry | undefined> {
  const record = await readClusterRecord();
  if (record === undefined) return undefined;
  const { purgeTelemetry } = await import('../telemetry/purge.ts');
  return ports.phases.measure('telemetry', () => purgeTelemetry(namespace, record, ports));
}

async function downOf(
  name: EnvironmentName,
  began: Date,
  options: DownOptions,
  ports: Ports,
): Promise<EnvironmentDown> {
  const state = await readStack(stackOf(name));
  // Without a cluster there never was an environment; an empty stack counts as none.
  if (!(await readClusterRecord()) && (state?.resources.length ?? 0) === 0) {
    await forget(name);
    return { name, removed: undefined };
  }
  const work = () => removeOn(name, began, options, ports);
  // From the first look on, so that no other run takes it for what it will not be any more.
  const removed =
    state === undefined
      ? await work()
      : await holdStack(stackOf(name), 'down', (text) => ports.screen.note(text), work);
  await forget(name);
  return { name, removed };
}

async function removeOn(
  name: EnvironmentName,
  began: Date,
  options: DownOptions,
  ports: Ports,
): Promise<RemovedEnvironment | undefined> {
  const { kube, record } = await connectTo(await requireClusterRecord());
  const state = await readStack(stackOf(name));
  return callCluster(record, () => remove({ name, state, kube, record }, began, options, ports));
}

async function remove(
  removal: Removal,
  began: Date,
  options: DownOptions,
  ports: Ports,
): Promise<RemovedEnvironment | undefined> {
  const { name, state, kube, record } = removal;
  const { phases } = ports;
  const seen = await phases.measure('look', () => observe(kube, name.namespace, record.http.port));
  requireOwn(name, seen);
  const namespace = await phases.measure('workflows', () => checkWorkflows(removal, options, ports));
  const destroyed = await phases.measure('engine', () => destroy(removal, namespace, ports));
  const left = await phases.measure('contents', () => removeLeftover(removal, namespace, ports));
  const database = databaseOf(state);
  const kept = database && (await keptDatabase(kube, database, began));
  const temporal = namespace && { ...namespace, fate: await fateOf(kube, record, namespace, ports) };
  // What stays on the platform's server is left to its next sweep.
  if (temporal && temporal.fate !== 'gone' && temporal.inputs.server.kind === 'platform')
    await sweepAgain('temporal');
  return destroyed || left ? { seen, kept, temporal } : undefined;
}

async function checkWorkflows(
  { name, state, kube, record }: Removal,
  { force, ...target }: DownOptions,
  ports: Ports,
): Promise<NamespaceToRemove | undefined> {
  const inputs = temporalOf(state) ?? (await leftoverTemporal(kube, record, name, state));
  const namespace = await namespaceToRemove(kube, record, inputs, { ...target, force }, ports);
  if (namespace && !force)
    refuseRunning(name, namespace.inputs.temporal.namespace, namespace.running, target);
  if (namespace?.running.kind === 'unknown') ports.screen.note(namespace.running.why);
  return namespace;
}

/**
 * The inputs of a Temporal namespace that a killed `up` may have created before its stack recorded it. Throws
 * COPPICE_MANAGED_TEMPORAL.
 */
async function leftoverTemporal(
  kube: Kube,
  record: ClusterRecord,
  name: EnvironmentName,
  state: StackState | undefined,
): Promise<TemporalInputs | undefined> {
  const half = state === undefined || state.resources.length === 0 || state.pending.length > 0;
  const claimed = half ? await existingClaim(kube, record, name) : undefined;
  return claimed && leftoverInputs(name.specFolder, { ...claimed, environment: name.slug }, record);
}

/** Whether the engine removed anything. */
async function destroy(
  { name, state }: Removal,
  namespace: NamespaceToRemove | undefined,
  ports: Ports,
): Promise<boolean> {
  if (state === undefined) return false;
  // Workflows that could not be counted must not be deleted in this run, even if the server answers by then.
  const variables = namespace?.running.kind === 'unknown' ? { [leaveTemporal]: '1' } : {};
  const programs = await ensureEngine(ports.screen);
  return (await engineDestroy(stackOf(name), programs, ports, variables)) !== undefined;
}

/** What a killed first `up` created is not in the state yet. */
async function removeLeftover(
  { name, state, kube, record }: Removal,
  namespace: NamespaceToRemove | undefined,
  ports: Ports,
): Promise<boolean> {
  if (namespace && !temporalOf(state)) await releaseTemporal(kube, record, namespace, ports);
  return releaseLeftover(kube, record, name, ports);
}

async function forget(name: EnvironmentName): Promise<void> {
  const { app, slug, specFolder } = name;
  await forgetRecord(app, slug);
  // A `down` may have been killed when the engine had removed the state, and nothing else yet.
  if ((await readStack(stackOf(name))) === undefined) await forgetRemoved(stackOf(name));
  await forgetOrigin({ app, slug });
  await forgetEngineLogs(stackOf({ app, slug }));
  await forgetLeftovers();
  if (specFolder !== undefined) await forgetSalt(specFolder, slug);
}

function stackOf({ app, slug }: Pick<EnvironmentName, 'app' | 'slug'>) {
  return { project: app, stack: slug };
}
