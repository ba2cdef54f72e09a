import {
  type HostPlace,
  type HostVariables,
  hostVariables,
  servicesToForward,
} from '../../config/plan/host-variables.ts';
import { nodeOptions } from '../../config/plan/instrumentation.ts';
import { instrumentedIn } from '../../config/spec/instrumented-services.ts';
import { primaryService } from '../../config/spec/primary-service.ts';
import type { Spec } from '../../config/spec/schema/spec.ts';
import { defined } from '../../core/defined.ts';
import { CoppiceError, hasCode } from '../../core/errors.ts';
import { slugOf } from '../../core/names.ts';
import { readClusterRecord } from '../../core/state/cluster-record.ts';
import { didYouMean } from '../../core/suggest.ts';
import { type LoadedWorktree, loadWorktree, worktreeIn } from '../../stacks/worktree.ts';
import { callCluster, connectCluster } from '../clusters/connection.ts';
import type { Ports } from '../ports.ts';
import { nameEnvironment, sourceOf, type Target } from '../target/target.ts';
import type { Reached } from './reach.ts';

/** Which variables a process gets. */
export interface Wanted {
  readonly target: Target;
  /** Whose `env:`; that of the primary service when undefined. */
  readonly service: string | undefined;
  /** Whether the process may be traced without a change in it; only where its service is named. */
  readonly isTraced: boolean;
}

const nothing: HostVariables = { variables: {}, secret: [], passing: [] };

/**
 * Runs `work` with the variables of an environment for a process on this machine. What has no port here (a service with
 * `protocol: tcp`, a server of a cluster that publishes none) has one while `work` runs. The cluster is asked only for
 * what it alone knows. Nothing where no coppice.yaml is, unless an environment or a service is named. Throws
 * COPPICE_NO_ENVIRONMENT, COPPICE_NO_SERVICE, and what naming, reading the spec and reaching throw.
 */
export async function withHostVariables<T>(
  { target, service, isTraced }: Wanted,
  ports: Ports,
  work: (found: HostVariables) => Promise<T>,
): Promise<T> {
  const worktree = await worktreeFor(target, ports.cwd, service === undefined);
  if (worktree === undefined) return work(nothing);
  const { spec } = worktree;
  const chosen = chooseService(spec, service);
  const forwards = servicesToForward(spec, chosen);
  const base = await placeOf(worktree);
  const at = (place: HostPlace) => variablesAt(place, { spec, chosen, target, service, isTraced }, ports);
  if (spec.database?.engine !== 'postgres' && spec.temporal === undefined && forwards.length === 0)
    return work(await at({ ...base, forwarded: {}, held: [] }));
  const open: (() => Promise<void>)[] = [];
  try {
    const place = await reach(worktree, { target, forwards, base }, ports, open);
    return await work(await at(place));
  } finally {
    await Promise.all(open.map((close) => close()));
  }
}

/** With telemetry, if coppice.yaml has it. */
async function variablesAt(
  place: HostPlace,
  {
    spec,
    chosen,
    target,
    service,
    isTraced,
  }: Wanted & Pick<LoadedWorktree, 'spec'> & { readonly chosen: string | undefined },
  { cwd, env }: Pick<Ports, 'cwd' | 'env'>,
): Promise<HostVariables> {
  if (spec.telemetry === undefined) return hostVariables(spec, chosen, place);
  const { collectorFor } = await import('./collector.ts');
  const { notCollected, collector } = await collectorFor(target, cwd, chosen ?? spec.name);
  const found = hostVariables(spec, chosen, { ...place, ...defined({ collector }) });
  const traces = isTraced && collector !== undefined && isNode(spec, service);
  const variables = traces ? await tracing(found.variables, env) : found.variables;
  return { ...found, variables, ...defined({ notCollected }) };
}

/** Whether programs of the named service are to be traced. */
function isNode(spec: Spec, service: string | undefined): boolean {
  const found = service === undefined ? undefined : spec.services[service];
  return found !== undefined && instrumentedIn(spec, found).includes('node');
}

async function tracing(variables: Readonly<Record<string, string>>, env: NodeJS.ProcessEnv) {
  const { instrumentationFolder } = await import('../../resources/instrumentation/files.ts');
  const { NODE_OPTIONS = env.NODE_OPTIONS } = variables;
  return { ...variables, NODE_OPTIONS: nodeOptions(NODE_OPTIONS, instrumentationFolder('node')) };
}

async function worktreeFor(
  target: Target,
  cwd: string,
  optional: boolean,
): Promise<LoadedWorktree | undefined> {
  const isNamed = target.environment !== undefined || target.as !== undefined;
  try {
    const { folder, as } = await sourceOf(target, cwd);
    return await loadWorktree(await worktreeIn(folder, as === undefined ? {} : { as }));
  } catch (error) {
    if (optional && !isNamed && hasCode(error, 'COPPICE_NO_SPEC')) return undefined;
    throw error;
  }
}

/** Throws COPPICE_NO_SERVICE. */
function chooseService({ services }: Spec, wanted: string | undefined): string | undefined {
  const names = Object.keys(services);
  if (wanted === undefined) return primaryService(services) ?? (names.length === 1 ? names[0] : undefined);
  if (Object.hasOwn(services, wanted)) return wanted;
  throw new CoppiceError('COPPICE_NO_SERVICE', `coppice.yaml has no service ${wanted}`, {
    hint: didYouMean(wanted, names, 'services'),
  });
}

type Base = Omit<HostPlace, 'database' | 'temporal' | 'forwarded' | 'held'>;

async function placeOf({ identity, folder, as }: LoadedWorktree): Promise<Base> {
  const { branch, commit } = identity;
  const record = await readClusterRecord();
  const httpPort = record?.http.port ?? (await settingsPort());
  return { slug: as ?? slugOf(branch), branch, commit, specFolder: folder, httpPort };
}

async function settingsPort(): Promise<number> {
  const { loadSettings } = await import('../../config/settings/settings.ts');
  return (await loadSettings()).ports.http;
}

interface Reach {
  readonly target: Target;
  readonly forwards: readonly string[];
  readonly base: Base;
}

/** What only the cluster knows. `open` gets what has to be closed afterwards. */
async function reach(
  { spec }: LoadedWorktree,
  { target, forwards, base }: Reach,
  ports: Ports,
  open: (() => Promise<void>)[],
): Promise<HostPlace> {
  const name = await nameEnvironment(target, ports.cwd);
  const connection = await connectCluster();
  const { reachDatabase, reachService, reachTemporal, requireUp } = await import('./reach.ts');
  return callCluster(connection.record, async () => {
    await requireUp(connection.kube, name);
    const held: number[] = [];
    const closing = <R extends Reached>(reached: R) => {
      open.push(() => reached.close());
      if (reached.held !== undefined) held.push(reached.held);
      return reached;
    };
    const database =
      spec.database?.engine === 'postgres'
        ? closing(await reachDatabase(connection, name, ports.env))
        : undefined;
    const temporal = spec.temporal && closing(await reachTemporal(connection, name, spec.temporal.server));
    const forwarded: Record<string, { host: string; port: number }> = {};
    for (const service of forwards)
      forwarded[service] = closing(await reachService(connection, name, service));
    return {
      ...base,
      ...(database && { database: database.login }),
      ...(temporal && { temporal: temporal.access }),
      forwarded,
      held,
    };
  });
}
