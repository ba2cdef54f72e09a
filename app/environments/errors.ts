import type { Kube } from '../../cluster/kube/client.ts';
import { type LogLine, readEnded, readLogs } from '../../cluster/kube/logs.ts';
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
import { readRecord } from './record.ts';
import { status } from './status.ts';
import { busyServices, notFound, redirects, SLOW_MS, type Suspect, slowSpans, wereAway } from './suspects.ts';

export interface EnvironmentErrors {
  readonly name: EnvironmentName;
  readonly state: string;
  /** Since the last `up`, or since the environment was created. */
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
 * takes nothing from the others. Throws what `status` throws.
 */
export async function errorsOf(target: Target, ports: Ports): Promise<EnvironmentErrors> {
  const found = await status(target, ports);
  const { name } = found;
  const stack = { project: name.app, stack: name.slug };
  const [up, failed] = await Promise.all([readRecord(name.app, name.slug), lastUpdateFailed(stack)]);
  const failure = failed ? await lastFailure(stack) : undefined;
  const ofUp = failure === undefined ? [] : causesOfUp(failure, target);
  const to = new Date();
  if (found.kind !== 'present')
    return { name, state: found.kind, since: to, to, lines: 'none', causes: ofUp, suspects: [], unseen: [] };
  const since = up === undefined ? (found.seen.created ?? to) : new Date(up.upAt);
  const { kube, record } = await connectCluster();
  const where = { kube, record, namespace: name.namespace, since, to, target };
  return interruptible(ports.interrupts, async (signal) => {
    const well = answering(found.seen);
    const [lines, traces, figures] = await Promise.all([
      callCluster(record, () => loggedErrors(where, signal)),
      tracedErrors(where, well, signal),
      found.seen.services.every(({ name }) => well.has(name)) ? [] : recentFigures(where, signal),
    ]);
    const workflows =
      found.temporal?.kind === 'seen'
        ? causesInWorkflows(found.temporal.list.workflows, since.getTime(), target)
        : [];
    const causes = [
      ...ofUp,
      ...causesInState(found.seen, found.problems, since.getTime(), target),
      ...workflows,
      ...traces.causes,
      ...causesInLogs(lines.groups, target),
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
      ],
      unseen: [...lines.unseen, ...traces.unseen],
    };
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

interface LoggedErrors {
  readonly from: 'store' | 'pods';
  readonly groups: readonly LogGroup[];
  readonly unseen: readonly string[];
}

/** Of the store; of the pods themselves where it has nothing of them. */
async function loggedErrors(where: Where, signal: AbortSignal): Promise<LoggedErrors> {
  const { record, namespace, since, to } = where;
  try {
    const asker = await askThroughApi(record, 'logs');
    const whole: LogFilter = { namespace, from: since, to };
    const [{ total }, groups] = await Promise.all([
      countLogs(asker, whole, signal),
      groupLogs(asker, { ...whole, level: 'error' }, signal),
    ]);
    if (total > 0) return { from: 'store', groups, unseen: [] };
    return { from: 'pods', groups: await printedErrors(where), unseen: [] };
  } catch (error) {
    if (!isAway(error)) throw error;
    return { from: 'pods', groups: await printedErrors(where), unseen: whyUnseen(error) };
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
  readonly suspects: readonly Suspect[];
  readonly unseen: readonly string[];
}

async function tracedErrors(
  { record, namespace, since, to, target }: Where,
  answering: ReadonlySet<string>,
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
    const suspects = [
      ...notFound(unanswered, target),
      ...slowSpans(slow, target),
      ...wereAway(failed, answering, target),
    ];
    return {
      causes: causesInTraces(failed, target, { since: since.getTime(), answering }),
      suspects,
      unseen: [],
    };
  } catch (error) {
    if (signal.aborted || !isAway(error)) throw error;
    return { causes: [], suspects: [], unseen: whyUnseen(error) };
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
