import type { Kube } from '../../cluster/kube/client.ts';
import { isOursToMake } from '../../config/temporal-inputs.ts';
import { type ClusterRecord, readClusterRecord } from '../../state/cluster-record.ts';
import { requireCluster } from '../cluster-context.ts';
import { engineDestroy } from '../engine/engine.ts';
import { ensureEngine } from '../engine/programs.ts';
import { forgetSalt } from '../engine/salt.ts';
import { readStack, type StackState } from '../engine/stack-state.ts';
import { claimedByAnother, releaseLeftover } from '../environment/claim.ts';
import { databaseOf, type KeptDatabase, keptDatabase } from '../environment/kept-database.ts';
import { type ObservedEnvironment, observe } from '../environment/observe.ts';
import { forgetRecord } from '../environment/record.ts';
import { type EnvironmentName, nameEnvironment } from '../environment/target.ts';
import { reaching } from '../kube-connection.ts';
import { sweepAgain } from '../platform/after-restart.ts';
import type { Command, Ports, Result } from '../ports.ts';
import { temporalOf } from '../temporal/resource.ts';
import { type Running, refuseRunning, running } from '../temporal/running.ts';
import { counted } from '../ui/counted.ts';
import { duration } from '../ui/duration.ts';
import type { Target } from '../verb.ts';

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
    const temporal = await goingTemporal(kube, record, state, ports);
    if (temporal && !force) refuseRunning(name, temporal.namespace, temporal.running, 'wt down --force');
    const removed = await ports.phases.measure('engine', async () =>
      state === undefined ? undefined : engineDestroy(stack, await ensureEngine(ports.screen), ports),
    );
    // What a killed first `up` made is not in the state yet.
    const left = await ports.phases.measure('contents', () => releaseLeftover(kube, record, name, ports));
    const deleted = databaseOf(state);
    const kept = deleted && (await keptDatabase(kube, deleted, began));
    if (temporal?.server === 'platform' && temporal.running.kind === 'unknown') await sweepAgain('temporal');
    await forget(name);
    return removed === undefined && !left
      ? nothing(name, ports)
      : report(name, { seen, kept, temporal }, ports);
  });
};

/** The Temporal namespace that goes with an environment, and what runs in it. */
interface GoingTemporal {
  readonly namespace: string;
  readonly server: 'platform' | 'managed';
  readonly running: Running;
}

async function goingTemporal(
  kube: Kube,
  record: ClusterRecord,
  state: StackState | undefined,
  ports: Ports,
): Promise<GoingTemporal | undefined> {
  const resource = temporalOf(state);
  if (!resource || !isOursToMake(resource)) return undefined;
  const found = await ports.phases.measure('workflows', () => running(kube, record, resource, ports));
  if (found.kind === 'unknown') ports.screen.note(found.why);
  return { namespace: resource.temporal.namespace, server: resource.server.kind, running: found };
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
  readonly temporal: GoingTemporal | undefined;
}

function report(
  { app, slug, namespace }: EnvironmentName,
  { seen, kept, temporal }: Gone,
  { phases }: Ports,
): Result {
  const services = seen?.services.map(({ name }) => name) ?? [];
  const urls = seen?.urls.map(({ url }) => url) ?? [];
  const lines = [
    `removed ${app}/${slug} (${duration(phases.total)}): nothing of it answers any more`,
    ...(services.length === 0 ? [] : [`  services  ${services.join(', ')}`]),
    ...(urls.length === 0 ? [] : [`  urls      ${urls.join(', ')}`]),
    ...(kept === undefined
      ? []
      : [`  database  ${kept.name}: kept for 72 hours, \`wt db undo\` brings it back`]),
    ...(temporal === undefined ? [] : [`  temporal  ${temporal.namespace}: ${fate(temporal)}`]),
    `  the namespace ${namespace} is empty and ends by itself; the worktree and its files stay`,
  ];
  return {
    text: lines.join('\n'),
    json: { app, slug, namespace, removed: true, services, urls, kept, temporal, timings: phases.list },
  };
}

/** What became of a Temporal namespace, for people. */
export function fate({ server, running: found }: Pick<GoingTemporal, 'server' | 'running'>): string {
  if (found.kind === 'counted')
    return found.count === 0 ? 'gone' : `gone, with ${counted(found.count, 'workflow')} that ran`;
  return server === 'platform'
    ? 'its server does not answer; it is removed later, and `wt doctor` shows it until then'
    : 'its server does not answer, so it may be there still';
}
