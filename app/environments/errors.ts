import type { Kube } from '../../cluster/kube/client.ts';
import { type LogLine, readEnded, readLogs } from '../../cluster/kube/logs.ts';
import { defined } from '../../core/defined.ts';
import { hasCode, messageOf } from '../../core/errors.ts';
import { interruptible } from '../../core/interrupts.ts';
import type { ClusterRecord } from '../../core/state/cluster-record.ts';
import { readFigures, type ServiceFigures } from '../../servers/telemetry/figures.ts';
import {
  countLogs,
  groupLogs,
  type LogFilter,
  type LogGroup,
  mergedGroups,
} from '../../servers/telemetry/logs.ts';
import { patternOf } from '../../servers/telemetry/pattern.ts';
import { askThroughApi } from '../../servers/telemetry/reach.ts';
import { searchTraces, type TraceSearch } from '../../servers/telemetry/traces.ts';
import { callCluster, connectCluster } from '../clusters/connection.ts';
import { lastFailure, lastUpdateFailed } from '../engine/index.ts';
import type { Ports } from '../ports.ts';
import type { EnvironmentName, Target } from '../target/target.ts';
import { isAsked, recordsOf } from '../telemetry/pod-lines.ts';
import { periodOf, requireRemembered } from '../telemetry/presence.ts';
import { type Addresses, addressesOf, type Missed, missedIn, tellsOfMissed } from './away.ts';
import {
  type Cause,
  causesInLogs,
  causesInState,
  causesInTraces,
  causesInWorkflows,
  causesOfUp,
  isOthers,
  ordered,
} from './causes.ts';
import type { ObservedEnvironment } from './observe.ts';
import { lastUpAt, readRecord } from './record.ts';
import { status } from './status.ts';
import { busyServices, notFound, redirects, SLOW_MS, type Suspect, slowSpans, wereAway } from './suspects.ts';

export interface EnvironmentErrors {
  readonly name: EnvironmentName;
  /** `gone`: it is not there any more, and what the stores have of it was looked at. */
  readonly state: string;
  /** Since the last `up`, also one that changed nothing, or since the environment was created; of one that is gone, all that is kept. */
  readonly since: Date;
  readonly to: Date;
  /** Where the lines are from. */
  readonly lines: 'store' | 'pods' | 'none';
  readonly causes: readonly Cause[];
  /** What did not fail and may be why something does not work. */
  readonly suspects: readonly Suspect[];
  /** Signals that could not be asked, and why. */
  readonly unseen: readonly string[];
}

/** Lines of each pod that are looked at where there is no store. */
const POD_LINES = 5_000;
/** Failing traces that are looked at. */
const TRACES = 200;
/** Slow traces, and those of requests that led nowhere. */
const SUSPECT_TRACES = 20;
/** Period of the CPU of services that do not answer. */
const RECENT_MS = 60_000;

/**
 * What failed since the last `up`, by cause, of every signal that there is. A signal that cannot be asked is named and
 * takes nothing from the others. Throws what `status` throws, and COPPICE_NO_ENVIRONMENT for one that is
 * not there, where no store has anything of it and no `up` failed.
 */
export async function errorsOf(target: Target, ports: Ports): Promise<EnvironmentErrors> {
  const found = await status(target, ports);
  const { name } = found;
  const stack = { project: name.app, stack: name.slug };
  const [up, failed] = await Promise.all([readRecord(name.app, name.slug), lastUpdateFailed(stack)]);
  const failure = failed ? await lastFailure(stack) : undefined;
  const ofUp = failure === undefined ? [] : causesOfUp(failure, target);
  const to = new Date();
  const where = { namespace: name.namespace, to, target };
  if (found.kind === 'absent' && ofUp.length === 0) return errorsOfGone(name, where, ports);
  if (found.kind !== 'present')
    return { name, state: found.kind, since: to, to, lines: 'none', causes: ofUp, suspects: [], unseen: [] };
  const since = up === undefined ? (found.seen.created ?? to) : await lastUpAt(up);
  const { kube, record } = await connectCluster();
  return interruptible(ports.interrupts, async (signal) => {
    const here = { ...where, kube, record, since };
    const well = answering(found.seen);
    const excused = found.seen.stopped ? new Set(found.seen.services.map(({ name }) => name)) : well;
    const addresses = readAddresses(kube, name.namespace);
    const [lines, traces, figures] = await Promise.all([
      callCluster(record, () => loggedErrors(here, signal)),
      tracedErrors(here, { answering: excused, addresses }, signal),
      found.seen.services.every(({ name }) => well.has(name)) ? [] : recentFigures(here, signal),
    ]);
    const workflows =
      found.temporal?.kind === 'seen'
        ? causesInWorkflows(found.temporal.list.workflows, since.getTime(), target)
        : [];
    const known = await addresses;
    const failures = lines.groups.filter((group) => !tellsOfMissed(group, traces.missed, excused, known));
    const causes = [
      ...ofUp,
      ...causesInState(found.seen, found.problems, since.getTime(), target),
      ...workflows,
      ...traces.causes,
      ...causesInLogs(failures, target),
    ];
    return {
      name,
      state: found.state,
      since,
      to,
      lines: lines.from,
      causes: ordered(causes),
      suspects: [
        ...busyServices(figures, found.seen.services, well, target),
        ...redirects(found.seen.routes, target),
        ...traces.suspects,
        ...wereAway(traces.missed, well, target),
      ],
      unseen: [...lines.unseen, ...traces.unseen],
    };
  });
}

/** What the stores have of an environment that is not there. */
async function errorsOfGone(
  name: EnvironmentName,
  where: Pick<Where, 'namespace' | 'to' | 'target'>,
  ports: Ports,
): Promise<EnvironmentErrors> {
  const { requireClusterRecord } = await import('../clusters/require-record.ts');
  const record = await requireClusterRecord();
  await requireRemembered(name, record);
  const since = new Date(periodOf({ gone: true }, where.to.getTime()).from);
  const kept = { ...where, record, since };
  return interruptible(ports.interrupts, async (signal) => {
    const [lines, traces] = await Promise.all([storedErrors(kept, signal), tracedErrors(kept, {}, signal)]);
    const causes = ordered([...traces.causes, ...causesInLogs(lines.groups, where.target)]);
    const unseen = [...lines.unseen, ...traces.unseen];
    return { name, state: 'gone', since, to: where.to, lines: 'store', causes, suspects: [], unseen };
  });
}

interface Where {
  readonly kube: Kube;
  readonly record: ClusterRecord;
  readonly namespace: string;
  readonly since: Date;
  readonly to: Date;
  readonly target: Target;
}

/** Where only the stores can be asked. */
type Stored = Omit<Where, 'kube'>;

interface LoggedErrors {
  readonly from: 'store' | 'pods';
  readonly groups: readonly LogGroup[];
  readonly unseen: readonly string[];
}

/** Of the store; of the pods themselves where it has nothing of them. */
async function loggedErrors(where: Where, signal: AbortSignal): Promise<LoggedErrors> {
  const { total, groups, unseen } = await storedErrors(where, signal);
  if (total > 0) return { from: 'store', groups, unseen };
  return { from: 'pods', groups: await printedErrors(where), unseen };
}

interface StoredErrors {
  /** Lines of any level. */
  readonly total: number;
  readonly groups: readonly LogGroup[];
  readonly unseen: readonly string[];
}

async function storedErrors(
  { record, namespace, since, to }: Stored,
  signal: AbortSignal,
): Promise<StoredErrors> {
  try {
    const asker = await askThroughApi(record, 'logs');
    const whole: LogFilter = { namespace, from: since, to };
    const [{ total }, groups] = await Promise.all([
      countLogs(asker, whole, signal),
      groupLogs(asker, { ...whole, level: 'error' }, signal),
    ]);
    return { total, groups, unseen: [] };
  } catch (error) {
    if (!isAway(error)) throw error;
    return { total: 0, groups: [], unseen: whyUnseen(error) };
  }
}

/** What present processes printed, and those that ended before them. */
async function printedErrors({ kube, namespace, since }: Where): Promise<LogGroup[]> {
  const lines: LogLine[] = [];
  const onLine = (line: LogLine) => void lines.push(line);
  const [ended] = await Promise.all([
    readEnded(kube, { namespace, tail: POD_LINES }),
    readLogs(kube, { namespace, tail: POD_LINES, follow: false, onRuns: () => {}, onLine }),
  ]);
  const all = [...ended.flatMap((run) => run.lines), ...lines];
  const errors = recordsOf(all, namespace).filter((one) => isAsked(one, { level: 'error', from: since }));
  return mergedGroups(
    errors.map(({ level, service, time, text, traceId }): LogGroup => {
      const id = traceId === undefined ? {} : { traceId };
      const times = { first: time, last: time };
      return {
        level,
        namespace,
        service,
        pattern: patternOf(text),
        count: 1,
        ...times,
        example: text,
        ...id,
      };
    }),
  );
}

/** Those of Services that the user may not list are unknown, and their callers' failures stay causes. */
async function readAddresses(kube: Kube, namespace: string): Promise<Addresses> {
  const services = await kube.core.listNamespacedService({ namespace }).catch(() => undefined);
  return addressesOf(services?.items ?? []);
}

/** Services that are ready, and whose routes answer. */
function answering({ services, routes }: ObservedEnvironment): ReadonlySet<string> {
  const ready = services.filter(({ name, state }) => state === 'ready' && answers(name, routes));
  return new Set(ready.map(({ name }) => name));
}

function answers(name: string, routes: ObservedEnvironment['routes']): boolean {
  return routes.every(({ service, ready }) => service !== name || ready);
}

interface TracedErrors {
  readonly causes: readonly Cause[];
  /** Calls that found nobody, of whatever service. */
  readonly missed: readonly Missed[];
  readonly suspects: readonly Suspect[];
  readonly unseen: readonly string[];
}

interface Reach {
  /** Services of which it is no cause that they were not reached. */
  readonly answering?: ReadonlySet<string>;
  readonly addresses?: Addresses | Promise<Addresses>;
}

async function tracedErrors(
  { record, namespace, since, to, target }: Stored,
  { answering, addresses = new Map() }: Reach,
  signal: AbortSignal,
): Promise<TracedErrors> {
  try {
    const asker = await askThroughApi(record, 'traces');
    const period = { from: since.getTime(), to: to.getTime() };
    const search = async (what: Pick<TraceSearch, 'failed' | 'status' | 'atLeast'>, limit: number) =>
      (await searchTraces(asker, namespace, { ...period, ...what, limit })).traces.filter(isOthers);
    const [failed, slow, unanswered] = await Promise.all([
      search({ failed: true }, TRACES),
      search({ atLeast: SLOW_MS }, SUSPECT_TRACES),
      search({ status: 404 }, SUSPECT_TRACES),
    ]);
    const known = await addresses;
    const counted = { since: since.getTime(), ...defined({ answering }), addresses: known };
    return {
      causes: causesInTraces(failed, target, counted),
      missed: missedIn(failed, known).filter(({ at }) => at >= counted.since),
      suspects: [...notFound(unanswered, target), ...slowSpans(slow, target)],
      unseen: [],
    };
  } catch (error) {
    if (signal.aborted || !isAway(error)) throw error;
    return { causes: [], missed: [], suspects: [], unseen: whyUnseen(error) };
  }
}

/** Of the last minute; none where Prometheus cannot be asked, as they only add to what pods say. */
async function recentFigures(
  { record, namespace, to }: Where,
  signal: AbortSignal,
): Promise<readonly ServiceFigures[]> {
  try {
    const asker = await askThroughApi(record, 'metrics');
    const period = { from: to.getTime() - RECENT_MS, to: to.getTime() };
    return (await readFigures(asker, namespace, period)).services;
  } catch (error) {
    if (signal.aborted || !isAway(error)) throw error;
    return [];
  }
}

/** Of a store: that it is not joined, does not answer, or fails. */
function isAway(error: unknown): boolean {
  return hasCode(error, 'COPPICE_NO_TELEMETRY', 'COPPICE_TELEMETRY_UNREACHABLE', 'COPPICE_TELEMETRY_REFUSED');
}

/** Nobody misses a store that the platform never had. */
function whyUnseen(error: unknown): string[] {
  return hasCode(error, 'COPPICE_NO_TELEMETRY') ? [] : [messageOf(error)];
}
