import { requireCluster } from '../../app/clusters/clusters.ts';
import { reaching } from '../../app/clusters/connection.ts';
import { databaseOf, type KeptDatabase, keptDatabase } from '../../app/databases/kept-database.ts';
import { engineDestroy } from '../../app/engine/engine.ts';
import { ensureEngine } from '../../app/engine/programs.ts';
import { forgetSalt } from '../../app/engine/salt.ts';
import { readStack, type StackState } from '../../app/engine/stack-state.ts';
import { claimedByAnother, claimThere, releaseLeftover } from '../../app/environments/claim.ts';
import { type ObservedEnvironment, observe } from '../../app/environments/observe.ts';
import { forgetRecord } from '../../app/environments/record.ts';
import { sweepAgain } from '../../app/platform/after-restart.ts';
import type { Command, Ports, Result } from '../../app/ports.ts';
import type { Target } from '../../app/target/target.ts';
import { type EnvironmentName, nameEnvironment } from '../../app/target/target.ts';
import { leftoverInputs, releaseTemporal } from '../../app/workflows/release.ts';
import { temporalOf } from '../../app/workflows/resource.ts';
import { refuseRunning } from '../../app/workflows/running.ts';
import {
  type Fate,
  fateOf,
  fateText,
  type GoingTemporal,
  goingTemporal,
} from '../../app/workflows/running-check.ts';
import type { Kube } from '../../cluster/kube/client.ts';
import { type ClusterRecord, readClusterRecord } from '../../core/state/cluster-record.ts';
import { duration } from '../../core/text/duration.ts';
import { leaveTemporal, type TemporalInputs } from '../../resources/temporal-namespace/contract.ts';

export interface DownArgs extends Target {
  /** Goes on though workflows run: they go with their namespace. */
  readonly force: boolean;
}

/** Removes an environment with its stack. What is not there is no error; the worktree and its files stay. */
export const down: Command<DownArgs> = async ({ force, ...target }, ports) => {
  const began = new Date();
  const name = await nameEnvironment(target, ports.cwd);
  const stack = { project: name.app, stack: name.slug };
  const state = await readStack(stack);
  // Without a cluster there never was an environment; an empty stack counts as none.
  if (!(await readClusterRecord()) && (state?.resources.length ?? 0) === 0) {
    await forget(name);
    return nothing(name, ports);
  }
  const record = await requireCluster();
  const { connect } = await import('../../cluster/kube/client.ts');
  const kube = await connect({ kubeconfig: record.kubeconfig, context: record.context });
  return reaching(record, async () => {
    const seen = await ports.phases.measure('look', () => observe(kube, name.namespace, record.http.port));
    if (target.environment === undefined && target.as === undefined && seen)
      await claimedByAnother(name, seen, ports.cwd);
    const inputs = temporalOf(state) ?? (await leftoverTemporal(kube, record, name, state));
    const going = await ports.phases.measure('workflows', () =>
      goingTemporal(kube, record, inputs, { ...target, force }, ports),
    );
    if (going && !force) refuseRunning(name, going.inputs.temporal.namespace, going.running, target);
    if (going?.running.kind === 'unknown') ports.screen.note(going.running.why);
    // What nobody could count must not go in this run, though the server may answer by then.
    const variables = going?.running.kind === 'unknown' ? { [leaveTemporal]: '1' } : {};
    const removed = await ports.phases.measure('engine', async () =>
      state === undefined
        ? undefined
        : engineDestroy(stack, await ensureEngine(ports.screen), ports, variables),
    );
    // What a killed first `up` made is not in the state yet.
    const left = await ports.phases.measure('contents', async () => {
      if (going && !temporalOf(state)) await releaseTemporal(kube, record, going, ports);
      return releaseLeftover(kube, record, name, ports);
    });
    const deleted = databaseOf(state);
    const kept = deleted && (await keptDatabase(kube, deleted, began));
    const temporal = going && { ...going, fate: await fateOf(kube, record, going, ports) };
    if (temporal && temporal.fate !== 'gone' && temporal.inputs.server.kind === 'platform')
      await sweepAgain('temporal');
    await forget(name);
    return removed === undefined && !left
      ? nothing(name, ports)
      : report(name, { seen, kept, temporal }, ports);
  });
};

/** Where a killed `up` may have made a Temporal namespace that no stack knows of. Throws COPPICE_MANAGED_TEMPORAL. */
async function leftoverTemporal(
  kube: Kube,
  record: ClusterRecord,
  name: EnvironmentName,
  state: StackState | undefined,
): Promise<TemporalInputs | undefined> {
  const half = state === undefined || state.resources.length === 0 || state.pending.length > 0;
  const claimed = half ? await claimThere(kube, record, name) : undefined;
  return claimed && leftoverInputs(name.specFolder, { ...claimed, environment: name.slug }, record);
}

async function forget({ app, slug, specFolder }: EnvironmentName): Promise<void> {
  await forgetRecord(app, slug);
  if (specFolder !== undefined) await forgetSalt(specFolder, slug);
}

function nothing({ app, slug, namespace }: EnvironmentName, { phases }: Ports): Result {
  return {
    text: `${app}/${slug} is not up: there is nothing to remove`,
    json: { app, slug, namespace, removed: false, timings: phases.list },
  };
}

/** What there was. */
interface Gone {
  readonly seen: ObservedEnvironment | undefined;
  readonly kept: KeptDatabase | undefined;
  readonly temporal: (GoingTemporal & { readonly fate: Fate }) | undefined;
}

function report(
  { app, slug, namespace }: EnvironmentName,
  { seen, kept, temporal }: Gone,
  { phases }: Ports,
): Result {
  const services = seen?.services.map(({ name }) => name) ?? [];
  const urls = seen?.urls.map(({ url }) => url) ?? [];
  const temporalDocument = temporal && {
    namespace: temporal.inputs.temporal.namespace,
    server: temporal.inputs.server.kind,
    running: temporal.running,
    fate: temporal.fate,
  };
  const lines = [
    `removed ${app}/${slug} (${duration(phases.total)}): nothing of it answers any more`,
    ...(services.length === 0 ? [] : [`  services  ${services.join(', ')}`]),
    ...(urls.length === 0 ? [] : [`  urls      ${urls.join(', ')}`]),
    ...(kept === undefined
      ? []
      : [`  database  ${kept.name}: kept for 72 hours, \`wt db undo\` brings it back`]),
    ...(temporal === undefined
      ? []
      : [`  temporal  ${temporal.inputs.temporal.namespace}: ${fateText(temporal, temporal.fate)}`]),
    `  the namespace ${namespace} is empty and ends by itself; the worktree and its files stay`,
  ];
  return {
    text: lines.join('\n'),
    json: {
      app,
      slug,
      namespace,
      removed: true,
      services,
      urls,
      kept,
      temporal: temporalDocument,
      timings: phases.list,
    },
  };
}
